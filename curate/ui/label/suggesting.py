"""Keeps the suggestions fresh: submits the job when it is due, and says what the suggestions rest on."""

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.evaluation import per_cent, points
from curate.evaluation.intervals import accuracy_interval, difference_interval, exact_interval
from curate.jobs.submit import suggestions as submit_suggestions
from curate.review.labelling import accepted, inbox, run_predictions, suggestions
from curate.ui.components import decided
from curate.ui.rendering import formatting
from curate.ui.shell import identity, jobs_panel

POLL_S = 3  # as often as the grid asks for others' decisions
FEWEST = 10  # as `curate.embeddings.suggestions.FEWEST`, which this process does not import
_SEEN = "label_suggestions_seen"


def show_state(project: ProjectSummary, run_id: int | None) -> None:
    """Show what the suggestions rest on, and ask for new ones when twenty decisions have come since.

    New ones change the cards' suggestions and the pages to come; the pictures of this page keep their places.
    run_id: whose predictions are suggested; None = the project's own suggestions.
    """
    st.session_state[_SEEN] = _state(project, run_id)
    st.fragment(lambda: _draw(project, run_id), run_every=POLL_S)()


def show_failure(project: ProjectSummary) -> None:
    """Show why there are no new suggestions, when the last job for them failed."""
    job = jobs_panel.last_ended(project.id, (submit_suggestions.KIND,))
    made = suggestions.find(project.id)
    if job is not None and job.status == "failed" and (made is None or job.id > made.facts.job_id):
        jobs_panel.show_failure(job, "label")


def _draw(project: ProjectSummary, run_id: int | None) -> None:
    decided.rerun_after_decisions("label_suggestions", pause_ms=400)
    submit_suggestions.ensure(project.id, identity.reviewer())
    if _state(project, run_id) != st.session_state.get(_SEEN):
        st.rerun()
    text = _describe(project, suggestions.find(project.id)) if run_id is None else _describe_run(run_id)
    st.caption(f"{text} {_describe_accepted(project.id, run_id)}")


def _state(project: ProjectSummary, run_id: int | None) -> tuple[int, int]:
    """Returns what changes when there are new suggestions: the job that made them, and how many a run has made."""
    made, of_run = suggestions.find(project.id), run_predictions.find(run_id) if run_id else None
    return made.facts.job_id if made else 0, len(of_run.image_ids) if of_run else 0


def _describe_run(run_id: int) -> str:
    run, made = runs.find_run(run_id), run_predictions.find(run_id)
    if made is None:
        return f"{run.name} predicts the pictures without a label now; its suggestions appear by themselves."
    pictures = formatting.counted(len(made.image_ids), "picture")
    return f"{run.name} has predicted {pictures}; it is {per_cent(float(made.p.mean()))} sure on average."


def _describe(project: ProjectSummary, made: suggestions.Suggestions | None) -> str:
    if made is None:
        return "There are no suggestions yet: alike pictures are put together first. Any order works meanwhile."
    if not made.predicted.any():
        return (
            f"Name some groups of alike pictures: from {FEWEST} labelled ones of two labels on, labels are suggested. "
            "Press / and type a name to make a label."
        )
    pictures = formatting.counted(made.facts.n_given, "labelled picture")
    text = f"Suggested from {pictures}; anew after every {submit_suggestions.EVERY} decisions."
    return " ".join([text, *_outlook(project, made)])


def _outlook(project: ProjectSummary, made: suggestions.Suggestions) -> list[str]:
    """Returns sentences on when to stop: what is left, how sure that is, and what a hundred more labels would bring."""
    unlabelled, facts = inbox.of_project(project.id), made.facts
    at, is_known = made.places(unlabelled.image_ids[~unlabelled.is_decided])
    sentences = [f"{formatting.counted(len(at), 'picture')} left."]
    if is_known.any():
        sentences.append(f"The model is {per_cent(float(made.p[at[is_known]].mean()))} sure of them on average.")
    if not facts.n_held_out:
        return [*sentences, "How often it is right is not known yet: that takes 25 labels that people gave."]
    right = accuracy_interval(facts.n_right, facts.n_held_out)
    sentences.append(
        f"Of {formatting.counted(facts.n_held_out, 'confirmed picture')} that it had not seen it is right on "
        f"{per_cent(right.value)} ({per_cent(right.low)} to {per_cent(right.high)})."
    )
    if facts.n_fixed is None or facts.n_broken is None:
        return [*sentences, "What a hundred more labels would bring is not known before some 150."]
    gain = difference_interval(facts.n_fixed, facts.n_broken, facts.n_held_out)
    sentences.append(
        f"The last hundred labels brought {points(gain.value)} points ({points(gain.low)} to {points(gain.high)}); the "
        "next hundred will hardly bring more."
    )
    return sentences


def _describe_accepted(project_id: int, run_id: int | None) -> str:
    share = accepted.last_hundred(project_id, run_id)
    if not share.n:
        return ""
    interval = exact_interval(share.n_as_suggested, share.n)
    pictures = formatting.counted(share.n, "picture")
    return (
        f"Of the last {pictures} decided one by one or by the page, {share.n_as_suggested:,} got the suggested label: "
        f"{per_cent(interval.value)} ({per_cent(interval.low)} to {per_cent(interval.high)})."
    )
