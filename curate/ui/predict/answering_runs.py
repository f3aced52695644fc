"""Which runs answer: one, or two to be compared; the processes that answer are started ahead of the first question."""

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from curate import store
from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import NotFound
from curate.jobs.submit import graph
from curate.prediction import client, endpoint
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import identity, query_params, run_picker

_BESIDE = "beside"  # ?beside=7, the id of the run that answers beside the first


@dataclass(frozen=True)
class AnsweringRun:
    """A run that answers. names, positions: of its C labels, in the order of its probabilities.

    is_preparing: its graph or its known pictures are still being made.
    """

    run: RunRow
    names: list[str]
    positions: list[int]
    is_preparing: bool

    @property
    def is_slow_to_start(self) -> bool:
        """Whether its first answer waits for torch, about ten seconds."""
        process = client.process_of(store.run_folder(self.run.id))
        return process.name == endpoint.TORCH and not process.is_ready()


def choose(project: ProjectSummary) -> list[AnsweringRun]:
    """The finished run that answers, from the address or the best, and perhaps one beside it.

    Without any the page says so and stops.
    """
    finished = run_picker.finished_runs(project, with_model=True)
    left, right = st.columns(2)
    with left:
        run = run_picker.choose(finished, label="Which run answers", purpose="answer")
        st.caption(run_text.in_short(run))
    with right:
        other = _choose_beside([each for each in finished if each.id != run.id])
    return [_prepare(each) for each in (run, other) if each is not None]


def _choose_beside(others: list[RunRow]) -> RunRow | None:
    if not others:
        return None
    by_id: dict[int, RunRow | None] = {0: None, **{run.id: run for run in others}}
    in_address = query_params.read_number(_BESIDE)
    known = in_address if in_address in by_id else 0
    st.selectbox(
        "Beside it", list(by_id), key="chosen_beside",
        format_func=lambda run_id: run_picker.in_short(run) if (run := by_id[run_id]) else "No other run",
        help="Two runs answer the same pictures; those that they disagree on come first.",
        on_change=query_params.bind("chosen_beside", _BESIDE, known),
    )  # fmt: skip
    other = by_id[known or 0]
    if other:
        st.caption(run_text.in_short(other))
    return other


def _prepare(run: RunRow) -> AnsweringRun:
    """Start what answers; a run of before gets its graph, and answers by torch until then."""
    folder, job_id = store.run_folder(run.id), None
    with suppress(NotFound):  # a run without a model says so when it is asked
        client.process_of(folder).warm()
        job_id = graph.ensure(run, identity.reviewer())
    if why := client.why_no_graph(folder):
        st.caption(f"It answers by torch, which takes ten seconds to begin. {formatting.plain(why)}")
    by_id = {label.id: label for label in projects.labels(run.project_id)}
    names = [by_id[label_id].name for label_id in run.label_ids]
    return AnsweringRun(run, names, [by_id[label_id].position for label_id in run.label_ids], job_id is not None)
