"""Which finished run a page is about: chosen from a list, and kept in the address so that reload and back keep it."""

from typing import NoReturn

import streamlit as st

from curate.catalog import runs
from curate.catalog.best_run import BestRun, Purpose, best_run
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.ui.rendering import formatting
from curate.ui.shell import next_step, query_params

ADDRESS = "run"  # ?run=7, the run's id


def finished_runs(project: ProjectSummary, at_least: int = 1, with_model: bool = False) -> list[RunRow]:
    """The finished runs, newest first, an experiment's last. With too few says so, offers the next step, and stops."""
    finished = runs.list_runs(project.id, only_done=True, with_model=with_model)
    if len(finished) < at_least:
        _stop(project, finished)
    outside = runs.outside_experiments(finished)
    return outside + [run for run in finished if run not in outside]


def choose(
    finished: list[RunRow],
    address: str = ADDRESS,
    label: str = "Run",
    default: int = 0,
    stays: bool = False,
    purpose: Purpose | None = None,
) -> RunRow:
    """Draw the list of runs and return the chosen one: the one in the address under `address`, else a default.

    The default is the best run for the `purpose`, with the reason as the list's help; without a purpose, number
    `default` of them. An address that names no finished run is answered with the default and a sentence. stays: without
    one in the address the run stays the same while the page is open: what somebody reviews does not change when another
    run finishes.
    """
    by_id = {run.id: run for run in finished}
    best = best_run(finished, purpose) if purpose else BestRun(finished[default], "")
    in_address = query_params.read_number(address)
    key = f"chosen_{address}"
    shown = st.session_state.get(key) if stays else None  # Streamlit forgets it when the page is left
    known = next(run_id for run_id in (in_address, shown, best.run.id) if run_id in by_id)
    st.selectbox(
        label,
        list(by_id),
        format_func=lambda run_id: in_short(by_id[run_id]),
        key=key,
        on_change=query_params.bind(key, address, known),
        help=best.reason or None,
    )
    if in_address is not None and in_address != known:
        st.caption(f"The run in the address is not here or has not finished; this is {by_id[known].name}.")
    return by_id[known]


def in_short(run: RunRow) -> str:
    """A run as lists name it: number, version, accuracy, age."""
    accuracy = "" if run.accuracy is None else f" · {per_cent(run.accuracy)}"
    kind = " · of an experiment" if run.experiment_id else ""
    when = formatting.ago(run.finished_at or run.created_at)
    return f"{run.name}{kind} · version {run.version_number}{accuracy} · {when}"


def _stop(project: ProjectSummary, finished: list[RunRow]) -> NoReturn:
    if finished:
        sentence = f"{finished[0].name} is the only finished run; a comparison needs two."
    else:
        sentence = "No run has finished yet, so there is nothing to look at."
    st.info(sentence, icon=":material/info:")
    next_step.next_step(project)
    st.stop()
