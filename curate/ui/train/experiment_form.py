"""The form of an experiment: one or two settings, several values of each, a run per combination."""

import json
from typing import Any

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.errors import BadInput
from curate.jobs.submit import training
from curate.training.settings.config import TrainConfig
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import guards, identity, query_params
from curate.ui.train import estimate, experiment_values, settings_state

GRID = "grid"  # ?grid={"size_px": [96, 128]}; {} while nothing is chosen
_NOTHING = ""
Grid = dict[str, list[Any]]


def show_experiment_form(project: ProjectSummary) -> None:
    """Show the form, folded until somebody opens it."""
    st.session_state["experiment_panel"] = GRID in query_params.read()
    panel = st.expander(
        "Experiment: several values, one run each", icon=":material/science:", key="experiment_panel",
        on_change=lambda: query_params.write(**{GRID: "{}" if st.session_state["experiment_panel"] else None}),
    )  # fmt: skip
    if not panel.open:
        return
    with panel:
        config = settings_state.settle(project)
        grid = _read_address(config)
        st.caption(
            "Every run uses the same settings ("
            + formatting.plain(run_text.config_in_short(config.to_json()))
            + "; change them under *All settings*), but for what you vary here."
        )
        _show_questions(config)
        for place in range(training.MOST_SETTINGS):
            _choose_setting(config, grid, place)
        _show_queue_button(project, config, grid)


def _read_address(config: TrainConfig) -> Grid:
    try:
        grid = json.loads(query_params.read_text(GRID, "{}"))
    except ValueError:
        return {}
    if not isinstance(grid, dict):
        return {}
    known = experiment_values.may_vary(config)
    valid = {name: values for name, values in grid.items() if name in known and isinstance(values, list)}
    return dict(list(valid.items())[: training.MOST_SETTINGS])


def _write_address(grid: Grid) -> None:
    query_params.write(**{GRID: json.dumps(grid)})


def _show_questions(config: TrainConfig) -> None:
    with st.container(horizontal=True, gap="small"):
        for place, (question, grid) in enumerate(experiment_values.questions(config).items()):
            st.button(question, key=f"question_{place}", on_click=_write_address, args=(grid,))


def _choose_setting(config: TrainConfig, grid: Grid, place: int) -> None:
    """Show a row with a setting and its values; the second row only once the first has values."""
    names = list(grid)
    if place > len(names) or (place == 1 and not grid[names[0]]):
        return
    name = names[place] if place < len(names) else _NOTHING
    others = [other for other in experiment_values.may_vary(config) if other not in names or other == name]
    left, right = st.columns([1, 2], gap="small", vertical_alignment="bottom")
    st.session_state[f"vary_{place}"] = name
    left.selectbox(
        "Vary" if place == 0 else "and (if you like)",
        [_NOTHING, *others],
        key=f"vary_{place}",
        format_func=lambda other: run_text.setting_name(other) if other else "Choose a setting",
        on_change=_take_setting,
        args=(grid, place),
    )
    if name:
        with right:
            _choose_values(grid, name, place)


def _choose_values(grid: Grid, name: str, place: int) -> None:
    key = f"values_{place}"
    st.session_state[key] = grid[name]
    st.multiselect(
        "Values",
        experiment_values.options(name, grid[name]),
        key=key,
        format_func=lambda value: experiment_values.value_text(name, value),
        accept_new_options=experiment_values.is_number(name),
        on_change=_take_values,
        args=(grid, name, place),
        wrap=True,
        placeholder="Choose, or type one" if experiment_values.is_number(name) else "Choose",
    )


def _take_setting(grid: Grid, place: int) -> None:
    chosen = st.session_state[f"vary_{place}"]
    kept = [pair for i, pair in enumerate(grid.items()) if i != place]
    _write_address(dict([*kept[:place], *([(chosen, [])] if chosen else []), *kept[place:]]))


def _take_values(grid: Grid, name: str, place: int) -> None:
    read = [experiment_values.read_typed(name, value) for value in st.session_state[f"values_{place}"]]
    values = list(dict.fromkeys(value for value in read if value is not None))
    _write_address(grid | {name: sorted(values) if experiment_values.is_number(name) else values})


def _show_queue_button(project: ProjectSummary, config: TrainConfig, grid: Grid) -> None:
    if not any(grid.values()):
        st.caption("Choose a question above, or a setting and at least two values of it.")
        return
    filled = {name: values for name, values in grid.items() if values}
    try:
        planned = training.combinations(config, filled)
    except BadInput as error:
        guards.show_error(error)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Queue {formatting.counted(len(planned), 'run')}"
        if st.button(label, key="queue_experiment", type="primary", icon=":material/playlist_add:"):
            _queue(project, config, filled)
        st.caption(formatting.plain(_cost(project, planned)), width="stretch")


def _cost(project: ProjectSummary, planned: list[TrainConfig]) -> str:
    known = [estimate.estimate(project, one) for one in planned]
    seconds = sum(one.seconds for one in known if one)
    if not seconds:
        return "One after the other. How long they take is known after the first run like them."
    n_unknown = sum(one is None for one in known)
    rest = f"; {n_unknown:,} of them cannot be judged before" if n_unknown else ""
    return f"One after the other, about {formatting.duration(seconds)} together{rest}."


def _queue(project: ProjectSummary, config: TrainConfig, grid: Grid) -> None:
    name = " and ".join(run_text.setting_name(setting) for setting in grid)
    with guards.shown_errors():
        made = training.submit_experiment(project.id, config, grid, name, identity.reviewer())
        query_params.write(**{GRID: None, "experiment": made})
        st.rerun()
