"""The random audit: the buttons that start it, how far it is, and what it says of labels and accuracy."""

import streamlit as st

from curate.catalog.runs import RunRow
from curate.evaluation import Interval, per_cent
from curate.review.team import audit
from curate.review.team.audit import ALL, VALID, Audit
from curate.ui.rendering import formatting, tiles
from curate.ui.shell import guards, identity, navigation

_WHICH = {VALID: "validation pictures", ALL: "all pictures"}
_WHY = (
    "A review looks where a model doubts, so it says nothing of the pictures that no model doubts. These are drawn at "
    "random, and neither the label nor any prediction is shown: only slips of the reviewers remain. The "
    "interval (Clopper-Pearson, 95 %) is about which pictures were drawn."
)


def show_audits(run: RunRow) -> None:
    """Show the audit of the validation pictures and that of all pictures."""
    st.markdown("**Random audit**", help=_WHY)
    with st.grid(2, min_column_width=340, gap="medium"):
        for drawn_from in (VALID, ALL):
            with st.container(border=True, height="stretch", key=f"audit_{drawn_from}"):
                _show(run, drawn_from, audit.find(run.id, drawn_from))


def in_words(found: Audit) -> str:
    """Returns a sentence: how many labels the audit found wrong, and what that says of all. Plain text."""
    n_wrong = "no wrong label" if not found.n_wrong else formatting.counted(found.n_wrong, "wrong label")
    left = found.n_wrong_in_all
    return (
        f"{n_wrong[0].upper()}{n_wrong[1:]} among {formatting.counted(found.n_checked, 'picture')} drawn at random: "
        f"{left.low:,.0f} to {left.high:,.0f} of {found.n:,} when they were checked."
    )


def _show(run: RunRow, drawn_from: str, found: Audit | None) -> None:
    if found is None:
        st.markdown(_offer(drawn_from))
    elif found.n_checked >= audit.FEWEST or (found.is_done and found.n_checked):
        _show_shares(found)
        st.markdown(formatting.plain(in_words(found)))
    else:
        st.markdown(f"{found.n_checked:,} of {found.n_drawn:,} checked. Shares are stated from {audit.FEWEST} on.")
    if found is not None:
        st.caption(_terms(found))
    label, icon = _button(drawn_from, found)
    if st.button(label, key=f"start_audit_{drawn_from}", icon=icon):
        with guards.shown_errors():
            session_id = audit.start(run, identity.reviewer(), drawn_from)
            navigation.go("curate", {"session": str(session_id)})


def _offer(drawn_from: str) -> str:
    if drawn_from == VALID:
        return (
            f"{audit.N_DRAWN} validation pictures, labelled by somebody who sees nothing else: how many labels are "
            "wrong among them, and the model's accuracy on correct ones."
        )
    return f"{audit.N_DRAWN} of all pictures: how many labels are wrong in the whole set, also where no model doubts."


def _button(drawn_from: str, found: Audit | None) -> tuple[str, str]:
    if found is not None and not found.is_done:
        return "Go on with the audit", ":material/visibility_off:"
    again = "Audit another" if found is not None else "Audit"
    return f"{again} {audit.N_DRAWN} of the {_WHICH[drawn_from]}".replace("of the all", "of all"), ":material/casino:"


def _show_shares(found: Audit) -> None:
    with st.grid(2, min_column_width=140, gap="small"):
        tiles.number("Wrong labels", per_cent(found.wrong.value), _ends(found.wrong))
        if found.session.drawn_from == VALID:
            tiles.number(
                "Accuracy on checked labels", per_cent(found.accuracy.value), _ends(found.accuracy),
                "A picture that fits no label counts as wrongly predicted.",
            )  # fmt: skip


def _terms(found: Audit) -> str:
    by = f" by {formatting.plain(', '.join(found.reviewers))}" if found.reviewers else ""
    text = f"{found.n_checked:,} of {formatting.counted(found.n_drawn, 'picture')} checked{by}"
    if not found.is_done and found.n_checked:
        text += "; those left undecided so far are in no number"
    if found.n_left_out:
        text += f"; {formatting.counted(found.n_left_out, 'picture')} left the project before anybody had checked them"
    return f"{text}."


def _ends(share: Interval) -> str:
    return f"{per_cent(share.low)} to {per_cent(share.high)}"
