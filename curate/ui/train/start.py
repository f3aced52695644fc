"""The buttons that start a training: with the last run's settings, or with one of three presets."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import BadInput
from curate.jobs.submit import presets, training
from curate.training.settings.config import TrainConfig
from curate.training.settings.presets import Preset
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import guards, identity
from curate.ui.train import estimate, settings_state

_ICONS = {"quick look": "bolt", "standard": "model_training", "thorough": "award_star"}
_BUTTONS = {"quick look": "Start quick look", "standard": "Start training", "thorough": "Start thorough training"}


def show_start(project: ProjectSummary, is_busy: bool = False) -> None:
    """Show the last run's settings, if any, and the presets. is_busy: a training runs already."""
    last = settings_state.last_run(project)
    if is_busy:
        st.caption("What you start now waits until the one before it has ended.")
    if last:
        _show_again(project, last)
    with st.grid(3, min_column_width=225, gap="small", key="presets"):
        for preset in presets.of_project(project):
            _show_preset(project, preset, is_recommended=not (last or is_busy) and preset.config.method == "quick_look")


def start(project: ProjectSummary, config: TrainConfig) -> None:
    """Queue a training and rerun the page."""
    with guards.shown_errors():
        training.submit(project.id, config, identity.reviewer())
        st.rerun()


def again_label(project: ProjectSummary, last: RunRow) -> str:
    """Returns the text of the button that trains with the last run's settings."""
    return f"Retrain on version {project.version_number}" if is_newer(project, last) else "Train again"


def is_newer(project: ProjectSummary, last: RunRow) -> bool:
    """Whether labels changed since that run."""
    return last.version_number < project.version_number


def _show_again(project: ProjectSummary, last: RunRow) -> None:
    config = settings_state.config_of(last)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="again_strip"):
        with st.container(gap="xxsmall"):
            why = "The labels changed since: see what that was worth." if is_newer(project, last) else ""
            st.markdown(f"**Once more with the settings of {last.name}.** {why}")
            st.caption(formatting.plain(f"{run_text.config_in_short(config.to_json())} · {_time(project, config)}"))
        with st.container(horizontal=True, width="content"):
            is_main = is_newer(project, last)
            kind = "primary" if is_main else "secondary"
            if st.button(again_label(project, last), key="again", type=kind, icon=":material/replay:"):  # type: ignore[arg-type]
                start(project, config)


def _show_preset(project: ProjectSummary, preset: Preset, is_recommended: bool) -> None:
    key = preset.name.replace(" ", "_")
    with st.container(border=True, height="stretch", key=f"preset_{key}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**:material/{_ICONS[preset.name]}: {preset.name.capitalize()}**", width="content")
            if is_recommended:
                st.badge("Recommended", color="blue")
        st.markdown(formatting.plain(preset.words))
        st.caption(
            f"{formatting.plain(run_text.config_in_short(preset.config.to_json()))}  \n{_time(project, preset.config)}"
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom", height="stretch"):
            kind = "primary" if is_recommended else "secondary"
            if st.button(_BUTTONS[preset.name], key=f"start_{key}", type=kind, icon=":material/play_arrow:"):  # type: ignore[arg-type]
                start(project, preset.config)
            st.button(
                "Change settings", key=f"adjust_{key}", type="tertiary",
                on_click=settings_state.begin_with, kwargs={"preset": preset.name, "settings": "open"},
            )  # fmt: skip


def _time(project: ProjectSummary, config: TrainConfig) -> str:
    try:
        config.validated()
    except BadInput as error:
        return str(error)
    expected = estimate.estimate(project, config)
    if expected:
        return expected.label[0].upper() + expected.label[1:]
    return "How long it takes is known after the first run like it."
