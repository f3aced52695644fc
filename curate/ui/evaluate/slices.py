"""Where the run is worse than elsewhere, and where it may have learnt a slice instead of a label."""

import streamlit as st

from curate.evaluation import per_cent
from curate.evaluation.slices import CONFIRMED_BELOW, FEWEST, Slice, Together
from curate.review.reports.evaluated import Evaluated
from curate.review.reports.imported_columns import import_columns
from curate.review.reports.slices import MOST_WITH_CAMERA, YES, find_run_slices, key_of
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate import combinations
from curate.ui.evaluate.choice import Choice
from curate.ui.rendering import formatting
from curate.ui.shell import guards
from curate.wording import counted

_HELP = (
    "Slices are found on half of the pictures and must hold on the other half, where the numbers come from; "
    f"near-duplicates stay in one half. The chance of any false one is {100 * CONFIRMED_BELOW:.0f} % (Fisher's exact "
    f"test, corrected by Holm). Slices with under {FEWEST} pictures in a half are left out."
)


def show_slices(evaluated: Evaluated) -> None:
    """Show the slices that held, slices that go together with a label, and the import of further columns."""
    with st.spinner("Looking at slices …"):
        found = find_run_slices(evaluated)
    slices = found.found
    st.caption(
        f"{counted(slices.n_looked, 'slice')} looked at, {slices.n_tried:,} of them tried on the other half, "
        f"{len(slices.held):,} held.",
        help=_HELP,
    )
    if not slices.n_looked:
        st.markdown("Nothing divides these pictures: source, size, format and quality are nearly the same for all.")
    elif not slices.held:
        st.markdown("Nowhere is the run reliably worse than elsewhere.")
    for place, each in enumerate(slices.held):
        st.button(
            formatting.plain(describe(each), 300),
            key=f"slice_{place}",
            type="tertiary",
            on_click=_choose,
            args=(key_of(each.feature, each.value),),
        )
    combinations.show_combinations(evaluated)
    for pair in found.together[:5]:
        st.info(formatting.plain(describe_together(pair), 400), icon=":material/warning:")
    if evaluated.n > MOST_WITH_CAMERA:
        st.caption(f"Cameras are compared among at most {MOST_WITH_CAMERA:,} pictures.")
    _import(evaluated.run.project_id)


def describe(each: Slice) -> str:
    """Returns a sentence on a slice. Plain text."""
    name = each.feature if each.value == YES else f"{each.feature} {each.value}"
    return (
        f"{name}: {each.n_wrong:,} of {each.n:,} wrong, {each.n_rest_wrong:,} of {each.n_rest:,} elsewhere: "
        f"{each.risk.value:.1f} times as often ({each.risk.low:.1f} to {each.risk.high:.1f})"
    )


def describe_together(pair: Together) -> str:
    """Returns a sentence on a slice and a label that go together. Plain text."""
    name = pair.feature if pair.value == YES else f"{pair.feature} {pair.value}"
    return (
        f"{name} and {formatting.shorten(pair.label)} go together: {per_cent(pair.of_slice)} of the slice's training "
        f"pictures have the label, and {per_cent(pair.of_label)} of the label's are in the slice. The model may have "
        "learnt the slice. More pictures of the label from elsewhere would tell."
    )


def _choose(key: str) -> None:
    choices.write(Choice(slice_key=key))


def _import(project_id: int) -> None:
    with st.expander("Add columns from a CSV file"):
        st.caption("A line with names; one column with file names, such as file_name; every other column is compared.")
        file = st.file_uploader("CSV file", ["csv", "tsv", "txt"], key="slice_columns", label_visibility="collapsed")
        if file is not None and st.button("Import", key="import_columns"):
            with guards.shown_errors():
                names = import_columns(project_id, file.getvalue())
                st.toast(f"{counted(len(names), 'column')} imported.")
                st.rerun()
