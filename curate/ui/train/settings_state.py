"""The settings of the training to come: where they begin, what was changed since, and both of it in the address.

They begin with a preset (`?preset=standard`), an earlier run (`?from=7`), or, when the address names neither, with what
the project's last run used. What differs from that stands in the address under the settings' own names, so that reload,
back and a shared link keep it. Widgets only show what is chosen here: one that is hidden forgets nothing.
"""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import BadInput
from curate.training.networks import architectures
from curate.training.settings import as_text
from curate.training.settings.config import TrainConfig
from curate.training.settings.table import SETTINGS, can_augment
from curate.ui.rendering import formatting
from curate.ui.shell import query_params
from curate.ui.train import presets

PRESET, FROM = "preset", "from"  # in the address
_BEGAN, _CHOSEN, _SEEN = "train_began", "train_chosen", "train_seen"  # two configs as JSON; what they were read from


@dataclass(frozen=True)
class Start:
    """Where settings begin; `words` end the sentence "begins with …", `key` tells one start from another."""

    key: str
    words: str
    config: TrainConfig


def start_of(project: ProjectSummary) -> Start:
    """What the address says the settings begin with; without a word in it the last run's, or the standard preset."""
    if preset := presets.find(project, query_params.read_text(PRESET)):
        return Start(f"{PRESET} {preset.name}", f"the preset {preset.name}", preset.config)
    if run := _run_in_address(project):
        return Start(f"{FROM} {run.id}", f"the settings of {run.name}", config_of(run))
    if last := last_run(project):
        return Start(f"last {last.id}", f"the settings of {last.name}", config_of(last))
    preset = presets.of_project(project)[1]
    return Start("first", f"the preset {preset.name}", preset.config)


def last_run(project: ProjectSummary) -> RunRow | None:
    """The newest finished run, one of an experiment only when there are no others."""
    return next(iter(runs.outside_experiments(runs.list_runs(project.id, only_done=True))), None)


def config_of(run: RunRow) -> TrainConfig:
    """A run's settings; what an older version stored and nobody knows any more is left out."""
    return TrainConfig.from_json({name: value for name, value in run.config.items() if name in SETTINGS})


def settle(project: ProjectSummary) -> TrainConfig:
    """The settings chosen now, not checked; call it before the form is shown."""
    start = start_of(project)
    seen = (project.id, start.key, _asked())
    if st.session_state.get(_SEEN) != seen:
        st.session_state[_BEGAN] = start.config.to_json()
        st.session_state[_CHOSEN] = _read_address(start.config).to_json()
        st.session_state[_SEEN] = seen
    return chosen()


def chosen() -> TrainConfig:
    """The settings chosen now, not checked."""
    return TrainConfig.from_json(st.session_state[_CHOSEN])


def began() -> TrainConfig:
    """What they were before anything was changed."""
    return TrainConfig.from_json(st.session_state[_BEGAN])


def change(**values: Any) -> None:
    """Take these settings, and whatever has to follow from them, and put what differs from the start in the address."""
    config = _consistent(replace(chosen(), **values), values)
    st.session_state[_CHOSEN] = config.to_json()
    first = st.session_state[_BEGAN]
    different = {name: value for name, value in config.to_json().items() if value != first[name]}
    query_params.write(**{name: as_text.write(different[name]) if name in different else None for name in SETTINGS})
    project_id, key, _ = st.session_state[_SEEN]
    st.session_state[_SEEN] = (project_id, key, _asked())


def begin_with(preset: str | None = None, run_id: int | None = None, **others: object) -> None:
    """Begin with a preset or a run, nothing changed yet; others: what else to put in the address."""
    query_params.write(**{PRESET: preset, FROM: run_id, **dict.fromkeys(SETTINGS), **others})


def _consistent(config: TrainConfig, changed: dict[str, Any]) -> TrainConfig:
    """Settings that exclude each other, put right in favour of what was changed last."""
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
    return next((run for run in runs.list_runs(project.id) if run.id == run_id), None) if run_id else None


def _asked() -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in query_params.read().items() if name in SETTINGS))


def _read_address(start: TrainConfig) -> TrainConfig:
    """`start` with what the address changes; all of that is dropped, and told so, when it cannot be used."""
    try:
        return replace(start, **{name: as_text.read(name, text) for name, text in _asked()}).validated()
    except BadInput as error:
        if _asked():
            st.toast(f"The settings in the address cannot be used: {formatting.plain(str(error), 200)}")
        return start
