"""The noise floor: the button that repeats both runs with other seeds, and what the repeats say."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import BadInput
from curate.evaluation.training_noise import TrainingNoise
from curate.evaluation.words import per_cent
from curate.jobs.submit import repeats as submit
from curate.review.worth import repeats
from curate.ui.compare.runs import DrawnReport
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, jobs_panel

_WHY = (
    "Two trainings on the same labels differ, too: other random numbers, other answers. Without repeats nobody knows "
    "how much of a difference is that. Settings, pictures and labels stay as they were in each run; only the seed "
    "differs, and no seed is used twice."
)
_QUICK = (
    "A quick look draws nothing at random. Here each seed weighs the training pictures anew, as if others had been "
    "drawn (Bayesian bootstrap)."
)


def terms(drawn: DrawnReport) -> str:
    """Returns what the interval of the verdict includes."""
    if drawn.noise:
        return "The interval is about which pictures were drawn and about training noise."
    return "The interval is about which pictures were drawn; training noise is not in it."


def show_noise(project: ProjectSummary, drawn: DrawnReport) -> None:
    """Show how far seeds alone move accuracy, or the button that finds it out, or how far the repeats are."""
    before, after = drawn.report.before, drawn.report.after
    if drawn.noise:
        st.markdown(noise_in_words(drawn.noise, *drawn.runs), help=_WHY)
        if repeats.is_quick(before) or repeats.is_quick(after):
            st.caption(_QUICK)
    open_jobs = submit.open_jobs(before, after)
    if open_jobs:
        jobs_panel.job_panel(project, (submit.KIND,))
        st.caption(f"{formatting.counted(len(open_jobs), 'job')} with other seeds to go; the verdict takes them in.")
    elif _can_repeat(before, after):
        _show_button(before, after, bool(drawn.noise))


def noise_in_words(noise: TrainingNoise, old: str, new: str) -> str:
    """Returns how far seeds alone move the accuracy of both runs, and how many pictures flip for no reason."""
    sides = [
        f"{name} reaches {_per_cents(side.spread)} in {formatting.counted(len(side.accuracies), 'training')}"
        for name, side in ((old, noise.before), (new, noise.after))
    ]
    flips = round((noise.before.flips + noise.after.flips) / 2)
    return (
        f"Seeds alone: {', '.join(sides)}. Two trainings on the same labels differ in {flips:,} of "
        f"{formatting.counted(noise.n, 'picture')} ({per_cent(flips / noise.n)}): so many flip for no reason. "
        f"{new} learnt from better labels with a probability of {per_cent(noise.probability_better)}."
    )


def _per_cents(ends: tuple[float, float]) -> str:
    low, high = (f"{100 * end:.1f}" for end in ends)
    return f"{low} %" if low == high else f"{low} to {high} %"


def _can_repeat(before: RunRow, after: RunRow) -> bool:
    try:
        repeats.can_repeat(before, after)
    except BadInput:
        return False
    return True


def _show_button(before: RunRow, after: RunRow, is_again: bool) -> None:
    words = "Train both versions with three more seeds"
    if st.button(
        words, key="repeat", help=_WHY, icon=":material/casino:", type="tertiary" if is_again else "secondary"
    ):
        with guards.shown_errors():
            submit.submit(before, after, identity.reviewer())
            st.rerun()
    seconds = sum(run.seconds or 0 for run in (before, after) if not repeats.is_quick(run)) * repeats.SEEDS
    if seconds:
        st.caption(f"Six trainings, about {formatting.duration(seconds)} in all, one after the other.")
