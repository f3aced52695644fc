"""Accepting the surest suggestions at once: a random forty is checked first, and tells how many are wrong."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.errors import NotFound
from curate.evaluation import per_cent
from curate.review.labelling import acceptance
from curate.review.labelling.acceptance import N_CHECKED, THRESHOLDS, Acceptance
from curate.ui.components import decided
from curate.ui.label import grid_page
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, query_params

CHECK = "check"  # in the address: the key of what is being checked
_DONE = "label_accepted"


def show_button(project: ProjectSummary, run_id: int | None) -> None:
    """Show the button that opens the choice of how sure a suggestion must be.

    run_id: whose predictions are suggested; None = the project's own suggestions.
    """
    with st.popover("Accept…", icon=":material/done_all:", help="Accept the surest suggestions at once"):
        counts = acceptance.counts(project.id, run_id)
        threshold = st.radio(
            "Suggestions at least so sure", THRESHOLDS, key="accept_threshold",
            format_func=lambda share: f"{per_cent(share)}: {formatting.counted(counts[share], 'picture')}",
        )  # fmt: skip
        n = counts[threshold]
        text = f"Check a random {N_CHECKED}" if n > N_CHECKED else f"Check {formatting.counted(n, 'picture')}"
        if st.button(text, key="draw_check", type="primary", disabled=not n):
            with guards.shown_errors():
                query_params.write(**{CHECK: acceptance.draw(project.id, threshold, run_id).key})
                st.rerun()
        st.caption("Nothing is accepted before they are checked: how many are wrong tells how many of the rest are.")


def find_chosen(project: ProjectSummary) -> Acceptance | None:
    """Returns what the address says is being checked; None when nothing is, or it is no longer there."""
    key = query_params.read_text(CHECK)
    try:
        return acceptance.find(project.id, key) if key else None
    except NotFound as error:
        guards.show_error(error)
        return None


def show_check(project: ProjectSummary, chosen: Acceptance) -> None:
    """Show the images to check, what they say so far, and the button that accepts the rest."""
    st.fragment(lambda: _draw_state(chosen))()
    grid_page.show_images(project, chosen.sample, chosen.label_of, f"check-{chosen.key}")


def show_done() -> None:
    """Show what the visitor's last acceptance came to, once."""
    if text := st.session_state.pop(_DONE, ""):
        st.success(formatting.plain(text, 500), icon=":material/done_all:")


def _draw_state(chosen: Acceptance) -> None:
    decided.rerun_after_decisions("accept_state", pause_ms=300)
    checked = acceptance.check(chosen)
    n_to_check = min(checked.n, N_CHECKED)
    title = f"{formatting.counted(checked.n, 'suggestion')} above {per_cent(chosen.threshold)}"
    with st.container(border=True, gap="small", key="accept_check"):
        st.markdown(f"**{formatting.plain(title, 100)}**: check these {n_to_check}, drawn at random.")
        st.progress(checked.n_checked / n_to_check, text=f"{checked.n_checked} of {n_to_check} checked")
        st.caption("Enter accepts a suggestion; a label's key puts a wrong one right. " + checked.describe())
        with st.container(horizontal=True):
            text = f"Accept the other {checked.n_rest:,}" if checked.n_rest else "Done"
            if st.button(text, key="accept_rest", type="primary", disabled=not checked.is_complete):
                with guards.shown_errors():
                    _accept(chosen, checked)
            if st.button("Back without accepting", key="accept_none"):
                _leave()


def _accept(chosen: Acceptance, checked: acceptance.Checked) -> None:
    if checked.n_rest:
        n = acceptance.carry_out(chosen, identity.reviewer())
        st.session_state[_DONE] = (
            f"{formatting.counted(n, 'picture')} accepted; they count as unconfirmed. {checked.describe()} "
            "Ctrl + Z takes it back."
        )
    _leave()


def _leave() -> None:
    query_params.write(**{CHECK: None})
    st.rerun()
