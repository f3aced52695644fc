"""The settings of the next training: their start, the changes since, and both in the URL.

They start from a preset (`?preset=standard`), an earlier run (`?from=7`), or else the settings of the project's last
run. Changes are in the URL under the settings' names, so that reload, back and a shared link keep them. Widgets only
show these settings: a hidden one forgets nothing.
"""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import BadInput
from curate.jobs.submit import presets
from curate.training.networks import architectures
from curate.training.settings import as_text
from curate.training.settings.config import TrainConfig
from curate.training.settings.table import SETTINGS, can_augment
from curate.ui.rendering import formatting
from curate.ui.shell import query_params

PRESET, FROM = "preset", "from"  # in the address
_BEGAN, _CHOSEN, _SEEN = "train_began", "train_chosen", "train_seen"  # two configs as JSON; the URL they come from


@dataclass(frozen=True)
class Start:
    """The start of settings.  label: ends the sentence "begins with …".  key: identifies the start."""

    key: str
    label: str
    config: TrainConfig


def start_of(project: ProjectSummary) -> Start:
    """Returns the start that the URL names, else the last run's settings, else the standard preset."""
    if preset := presets.find(project, query_params.read_text(PRESET)):
        return Start(f"{PRESET} {preset.name}", f"the preset {preset.name}", preset.config)
    if run := _run_in_address(project):
        return Start(f"{FROM} {run.id}", f"the settings of {run.name}", config_of(run))
    if last := last_run(project):
        return Start(f"last {last.id}", f"the settings of {last.name}", config_of(last))
    preset = presets.of_project(project)[1]
    return Start("first", f"the preset {preset.name}", preset.config)


def last_run(project: ProjectSummary) -> RunRow | None:
    """Returns the newest finished run; one of an experiment only when there are no others."""
    return next(iter(runs.outside_experiments(runs.list_runs(project.id, only_done=True, with_model=True))), None)


def config_of(run: RunRow) -> TrainConfig:
    """Returns a run's settings, without those that only older versions of the program knew."""
    return TrainConfig.from_json({name: value for name, value in run.config.items() if name in SETTINGS})


def settle(project: ProjectSummary) -> TrainConfig:
    """Read the URL and return the chosen settings, unchecked; call it before showing the form."""
    start = start_of(project)
    seen = (project.id, start.key, _in_address())
    if st.session_state.get(_SEEN) != seen:
        st.session_state[_BEGAN] = start.config.to_json()
        st.session_state[_CHOSEN] = _read_address(start.config).to_json()
        st.session_state[_SEEN] = seen
    return chosen()


def chosen() -> TrainConfig:
    """Returns the chosen settings, unchecked."""
    return TrainConfig.from_json(st.session_state[_CHOSEN])


def began() -> TrainConfig:
    """Returns the settings before any change."""
    return TrainConfig.from_json(st.session_state[_BEGAN])


def change(**values: Any) -> None:
    """Set these settings and those that depend on them; write the differences from the start to the URL."""
    config = _consistent(replace(chosen(), **values), values)
    st.session_state[_CHOSEN] = config.to_json()
    first = st.session_state[_BEGAN]
    different = {name: value for name, value in config.to_json().items() if value != first[name]}
    query_params.write(**{name: as_text.write(different[name]) if name in different else None for name in SETTINGS})
    project_id, key, _ = st.session_state[_SEEN]
    st.session_state[_SEEN] = (project_id, key, _in_address())


def begin_with(preset: str | None = None, run_id: int | None = None, **others: object) -> None:
    """Start from a preset or a run, without changes; others: further parameters of the URL."""
    query_params.write(**{PRESET: preset, FROM: run_id, **dict.fromkeys(SETTINGS), **others})


def _consistent(config: TrainConfig, changed: dict[str, Any]) -> TrainConfig:
    """Resolves settings that exclude each other in favour of the last change."""
    follows: dict[str, Any] = {}
    network = None if config.architecture == architectures.PIXELS else architectures.find(config.architecture)
    if config.pretrained and network and not architectures.may_be_pretrained(network):
        follows["pretrained"] = False
    if network and (not follows.get("pretrained", config.pretrained) or config.frozen_groups >= network.n_groups):
        follows["frozen_groups"] = 0
    if config.start_px and config.start_px > config.size_px:
        follows["start_px"] = None
    if config.schedule != "sgdr" or "keep_best" in changed:
        follows["snapshot_ensemble"] = False
    elif config.snapshot_ensemble:
        follows["keep_best"] = False
    if not can_augment(config):
        follows["tta"] = False
    return replace(config, **follows)


def _run_in_address(project: ProjectSummary) -> RunRow | None:
    run_id = query_params.read_number(FROM)
    return (
        next((run for run in runs.list_runs(project.id, with_model=True) if run.id == run_id), None) if run_id else None
    )


def _in_address() -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in query_params.read().items() if name in SETTINGS))


def _read_address(start: TrainConfig) -> TrainConfig:
    """Returns `start` with the changes in the URL; invalid changes are all dropped, with a message."""
    try:
        return replace(start, **{name: as_text.read(name, text) for name, text in _in_address()}).validated()
    except BadInput as error:
        if _in_address():
            st.toast(f"The settings in the address cannot be used: {formatting.plain(str(error), 200)}")
        return start
