"""The parts of the Map page: the map of a project's pictures, its button, and whether it is out of date."""

from datetime import datetime

import streamlit as st

from curate.catalog import maps, projects, runs
from curate.catalog.maps import MapFacts
from curate.catalog.projects import ProjectSummary
from curate.jobs.submit import picture_map as submit_picture_map
from curate.review import tokens
from curate.ui.components import grid, picture_map
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, jobs_panel, navigation, run_picker


def show_map(project: ProjectSummary, run_id: int | None) -> None:
    """Show the newest map with that run's doubts; without a map, an explanation and the button that makes one."""
    if project.n_images < maps.FEWEST:
        st.info(f"A map needs at least {maps.FEWEST} pictures.", icon=":material/scatter_plot:")
        return
    is_open = bool(jobs_panel.open_of(project.id, (submit_picture_map.KIND,)))
    made = maps.newest(project.id)
    _show_failure(project, is_open)
    if made is None:
        if not is_open:
            _offer_first(project)
        return
    if not is_open:
        _offer_again(project, made)
    labels = grid.as_labels(projects.labels(project.id))
    token = tokens.sign(identity.reviewer())
    chosen = picture_map.show("picture_map", project.id, made.number, run_id, labels, token)
    _describe(made)
    if chosen is not None:
        query = {"picked": str(chosen), "reviewed": "any"}
        navigation.go("curate", query | ({"run": str(run_id)} if run_id is not None else {}))


def choose_run(project: ProjectSummary) -> int | None:
    """Show the choice of run whose doubts colour the points; returns None before the first training."""
    finished = runs.list_runs(project.id, only_done=True)
    if not finished:
        return None
    outside = runs.outside_experiments(finished)
    return run_picker.choose(outside + [run for run in finished if run not in outside], purpose="review").id


def _offer_first(project: ProjectSummary) -> None:
    st.info(
        "On the map, pictures that look alike lie together: islands of a label, and what has strayed onto the wrong "
        "one. Making it takes about a minute for a few thousand pictures; it can be left meanwhile.",
        icon=":material/scatter_plot:",
    )
    _button(project, "Make the map", afresh=True)


def _offer_again(project: ProjectSummary, made: MapFacts) -> None:
    n_new = maps.n_new(project.id, made)
    if not n_new:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        came = "came in" if n_new == 1 else "have come in"
        st.warning(
            f"The map is out of date: {formatting.counted(n_new, 'picture')} {came} since it was made.",
            icon=":material/update:", width="stretch",
        )  # fmt: skip
        _button(project, "Take them in", afresh=False)


def _describe(made: MapFacts) -> None:
    shown = formatting.counted(min(made.n_all, maps.MOST), "picture")
    drawn = f"{shown} of {made.n_all:,}, drawn by chance," if made.n_all > maps.MOST else shown
    when = formatting.ago(datetime.fromisoformat(made.made_at))
    st.caption(
        f"{drawn} as {formatting.plain(made.network)} sees them, at version {made.version_number}; made {when}. Near "
        "each other means alike; how far apart two islands lie means little. Colours are those of now."
    )


def _show_failure(project: ProjectSummary, is_open: bool) -> None:
    last = jobs_panel.last_ended(project.id, (submit_picture_map.KIND,))
    if last is not None and last.status == "failed" and not is_open:
        jobs_panel.show_failure(last, "map")


def _button(project: ProjectSummary, label: str, afresh: bool) -> None:
    if st.button(label, key="make_map", type="primary", icon=":material/scatter_plot:"):
        with guards.shown_errors():
            submit_picture_map.ensure(project.id, identity.reviewer(), afresh)
            st.rerun()
