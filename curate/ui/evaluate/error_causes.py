"""Why the run is wrong: a bar per cause of its errors, with base rates; a click shows their pictures."""

import streamlit as st

from curate.evaluation.causes import FEWEST, Cause, describe_risk
from curate.review.reports.error_causes import POOR, TITLES, UNEXPLAINED, ErrorCauses, find_causes
from curate.review.reports.evaluated import Evaluated
from curate.ui import charts
from curate.ui.charts.error_causes import causes_figure, read_cause
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import Choice
from curate.wording import counted

HELP = {
    "label": "The held-out evidence supports another label than it has.",
    "twice": "The very same picture has another label elsewhere in the project.",
    "torn": "The two most probable labels are less than 20 points apart.",
    "far": "Nothing else in the project looks like it.",
    "rare": "Its label has fewer than a third of the training pictures that the median label has.",
    UNEXPLAINED: "None of these signs: often a hard picture, or a lack of similar ones to learn from.",
}
_BARS = "cause_bars"
_EXPECTED = ("label", "torn")  # made of what the models say, as the errors are: a risk would say nothing


def show_causes(evaluated: Evaluated, choice: Choice) -> None:
    """Show the bars, a sentence on each cause, and what is not known of this run."""
    found = find_causes(evaluated)
    n_wrong = int(evaluated.is_wrong.sum())
    if not n_wrong:
        st.caption("There are no errors to explain.")
        return
    rows = [row for row in found.rows if row.n_errors]
    keys = [*(row.name for row in rows), UNEXPLAINED]
    counts = [*(row.n_errors for row in rows), found.n_unexplained]
    titles = [TITLES[key] for key in keys]
    alt = f"Causes of {counted(n_wrong, 'error')}: " + "; ".join(
        f"{title} {n:,}" for title, n in zip(titles, counts, strict=True)
    )
    charts.show(
        causes_figure(titles, counts, keys, choice.cause),
        key=_BARS,
        alt=alt,
        on_select=_take_click,
        selection_mode="points",
    )
    st.caption("Each error counts once, under the first cause that applies. Click a bar to see its pictures.")
    _choose_cause(keys, counts, choice)
    for row in found.rows:
        if row.n_with_wrong or row.n_with >= FEWEST:
            st.markdown(describe(row))
    _show_missing(found)


def describe(row: Cause) -> str:
    """Returns a sentence on one cause, with base rates."""
    head = f"**{TITLES[row.name]}**"
    if row.name in _EXPECTED:
        verb = "is an error" if row.n_with_wrong == 1 else "are errors"
        such = (
            f"{row.n_with_wrong:,} of {counted(row.n_with, 'such picture')}"
            if row.n_with > 1
            else "the one such picture"
        )
        elsewhere = f"{row.n_wrong - row.n_with_wrong:,} of the other {row.n - row.n_with:,}"
        return f"{head}: {such} {verb}; so are {elsewhere}."
    return f"{head}: {describe_risk(row)}"


def _take_click() -> None:
    if cause := read_cause(st.session_state[_BARS]):
        choices.write(Choice(cause=cause))


def _choose_cause(keys: list[str], counts: list[int], choice: Choice) -> None:
    """Show the causes as a list: the bars for the keyboard."""
    key = "cause_choice"
    st.session_state[key] = choice.cause if choice.cause in keys else None
    numbers = dict(zip(keys, counts, strict=True))
    st.selectbox(
        "Cause",
        keys,
        index=None,
        format_func=lambda name: f"{TITLES[name]} · {numbers[name]:,}",
        key=key,
        placeholder="Any cause",
        on_change=lambda: choices.write(Choice(cause=st.session_state[key] or "")),
        help="\n\n".join(f"**{TITLES[name]}**: {HELP[name]}" for name in keys if name in HELP),
    )


def _show_missing(found: ErrorCauses) -> None:
    if "label" in found.missing:
        st.caption("This run has no held-out evidence: of wrong labels and odd pictures nothing is known.")
    if set(POOR) & set(found.missing):
        st.caption("The quality of the pictures has not been measured yet.")
