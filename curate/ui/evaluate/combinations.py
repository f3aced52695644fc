"""Combinations of slices: the button that looks for them, how far the job is, and those that held."""

import streamlit as st

from curate.catalog import projects
from curate.evaluation.slice_combinations import MOST_PARTS, Combination, Combinations
from curate.evaluation.slices import CONFIRMED_BELOW
from curate.jobs.submit import slice_combinations as submit
from curate.review.reports import slice_combinations
from curate.review.reports.evaluated import Evaluated
from curate.review.reports.slices import key_of_combination, title_of
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import Choice
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, jobs_panel
from curate.wording import counted

_HELP = (
    f"Two or {MOST_PARTS} slices together (SliceLine's search), found on half of the pictures and confirmed on the "
    "other half. A combination holds when it is worse than the rest, and than each of its parts without it. The chance "
    f"of any false one is {100 * CONFIRMED_BELOW:.0f} % (Fisher's exact test, corrected by Holm)."
)


def show_combinations(evaluated: Evaluated) -> None:
    """Show the combinations that held, or the button that looks for them."""
    stored, job = slice_combinations.read(evaluated), submit.find_open(evaluated)
    if stored:
        _show(stored[0])
    if job:
        jobs_panel.job_panel(projects.find_project(evaluated.run.project_id), (submit.KIND,))
    else:
        _show_button(evaluated, is_again=stored is not None, is_old=stored is not None and stored[1])


def describe(each: Combination) -> str:
    """Returns a sentence on a combination. Plain text."""
    return (
        f"{title_of(key_of_combination(each.parts))}: {each.n_wrong:,} of {each.n:,} wrong, {each.n_rest_wrong:,} of "
        f"{each.n_rest:,} elsewhere: {each.risk.value:.1f} times as often ({each.risk.low:.1f} to {each.risk.high:.1f})"
    )


def _show(found: Combinations) -> None:
    st.caption(
        f"{counted(found.n_looked, 'combination')} looked at, {found.n_tried:,} of them tried on the other half, "
        f"{len(found.held):,} held.",
        help=_HELP,
    )
    for place, each in enumerate(found.held):
        st.button(
            formatting.plain(describe(each), 400),
            key=f"combination_{place}",
            type="tertiary",
            on_click=choices.write,
            args=(Choice(slice_key=key_of_combination(each.parts)),),
        )


def _show_button(evaluated: Evaluated, is_again: bool, is_old: bool) -> None:
    if is_old:
        st.caption("Labels have changed since.")
    words = "Look for combinations again" if is_again else "Look for combinations"
    kind = "tertiary" if is_again else "secondary"
    if st.button(words, key="combinations", help=_HELP, icon=":material/join_inner:", type=kind):  # type: ignore[arg-type]
        with guards.shown_errors():
            submit.submit(evaluated, identity.reviewer())
            st.rerun()
