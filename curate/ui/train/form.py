"""The form of all settings of the next training, in groups; settings without an effect are hidden."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from curate.catalog.projects import ProjectSummary
from curate.errors import BadInput
from curate.training.settings.choices import METHODS
from curate.training.settings.config import TrainConfig
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import guards, query_params
from curate.ui.train import estimate, fastai_code, fields, form_learning_rate, form_network, settings_state, start

OPEN = "settings"  # ?settings=open
GROUP = "group"  # ?group=time
GROUPS = {
    "network": "Network",
    "time": "Time",
    "data": "Data & augmentation",
    "regularisation": "Regularisation",
    "rate": "Learning rate",
    "evaluation": "Evaluation",
}
OF_QUICK_LOOK = ("resize", "thorough")  # besides the network


def show_form(project: ProjectSummary) -> DeltaGenerator | None:
    """Draw the form, folded at first; returns the place of the augmentation preview when its group is open."""
    st.session_state["settings_panel"] = query_params.read_text(OPEN) == "open"
    panel = st.expander("All settings", icon=":material/tune:", key="settings_panel", on_change=_take_open)
    if not panel.open:
        return None
    with panel:
        config = settings_state.settle(project)
        _show_start(project)
        _choose_method()
        if config.method == "quick_look":
            form_network.show_network()
            for name in OF_QUICK_LOOK:
                fields.show_field(name, config)
            slot = None
        else:
            slot = _show_groups(project, config)
        _show_start_button(project, config)
    return slot


def _take_open() -> None:
    query_params.write(**{OPEN: "open" if st.session_state["settings_panel"] else None})


def _show_start(project: ProjectSummary) -> None:
    changed = run_text.differences(settings_state.began().to_json(), settings_state.chosen().to_json())
    # Leave out settings that gained or lost their effect by another change.
    named = [(name, *pair) for name, *pair in changed if "–" not in pair]
    changes = "; ".join(f"{name} {before} → {after}" for name, before, after in named)
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        begins = f"Begins with {settings_state.start_of(project).label}"
        st.caption(
            formatting.plain(f"{begins}; changed: {changes}." if changed else f"{begins}.", 400), width="stretch"
        )
        if changed:
            st.button("Undo changes", key="undo_changes", type="tertiary", on_click=_undo, icon=":material/undo:")


def _undo() -> None:
    settings_state.change(**settings_state.began().to_json())


def _choose_method() -> None:
    st.session_state["train_method"] = settings_state.chosen().method
    st.segmented_control(
        "Method",
        list(METHODS),
        key="train_method",
        format_func={"fine_tune": "Fine-tuning", "quick_look": "Quick look"}.__getitem__,
        required=True,
        on_change=lambda: settings_state.change(method=st.session_state["train_method"]),
    )
    st.caption(METHODS[settings_state.chosen().method])


def _show_groups(project: ProjectSummary, config: TrainConfig) -> DeltaGenerator | None:
    given = query_params.read_text(GROUP)
    st.session_state["train_group"] = GROUPS.get(given, GROUPS["network"])
    tabs = dict(zip(GROUPS, st.tabs(list(GROUPS.values()), key="train_group", on_change=_take_group), strict=True))
    for name, tab in tabs.items():
        if tab.open:
            with tab:
                _show_group(name, project, config)
                return st.container(key="augmented") if name == "data" else None
    return None


def _show_group(name: str, project: ProjectSummary, config: TrainConfig) -> None:
    if name == "network":
        form_network.show_network()
    elif name == "rate":
        form_learning_rate.show_learning_rate(project, config)
    else:
        fields.show_group(name, config)
    if name == "data":
        fields.show_grid("augments", config)


def _take_group() -> None:
    name = next(name for name, title in GROUPS.items() if title == st.session_state["train_group"])
    query_params.write(**{GROUP: None if name == "network" else name})


def _show_start_button(project: ProjectSummary, config: TrainConfig) -> None:
    try:
        config.validated()
    except BadInput as error:
        guards.show_error(error)
        return
    time = estimate.estimate(project, config)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start with these settings", key="start", type="primary", icon=":material/play_arrow:"):
            start.start(project, config)
        st.caption(
            formatting.plain(run_text.config_in_short(config.to_json()) + (f" · {time.label}" if time else "")),
            width="stretch",
        )
    fastai_code.show_code(project, config, key="form")
