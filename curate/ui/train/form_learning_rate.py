"""The group *Learning rate* of the training form: the rate, the finder, and the rates of the layer groups."""

import pandas as pd
import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.training.settings import layer_rates
from curate.training.settings.config import TrainConfig
from curate.ui.train import fields, rate_finder, settings_state


def show_learning_rate(project: ProjectSummary, config: TrainConfig) -> None:
    """Show rate, optimiser and layer groups, with the finder below."""
    left, right = st.columns(2, gap="medium")
    with left:
        _choose_rate(config)
        fields.show_field("optimizer", config)
    with right:
        _choose_groups(config)
    rate_finder.show_finder(project, config)


def _choose_rate(config: TrainConfig) -> None:
    st.session_state["train_auto_rate"] = config.learning_rate is None
    st.toggle(
        "Find it before training", key="train_auto_rate", on_change=_take_auto,
        help="Runs fastai's finder first and takes its suggestion `valley`. It costs about 100 batches.",
    )  # fmt: skip
    if config.learning_rate is not None:
        fields.show_field("learning_rate", config)


def _take_auto() -> None:
    usual = settings_state.began().learning_rate or layer_rates.USUAL_RATE
    settings_state.change(learning_rate=None if st.session_state["train_auto_rate"] else usual)


def _choose_groups(config: TrainConfig) -> None:
    groups = layer_rates.group_rates(config)
    if config.pretrained:
        fields.show_field("lr_low", config, placeholder=_usual_low(config))
        fields.show_field("frozen_groups", config)
    table = pd.DataFrame([_group_row(group) for group in groups]).dropna(axis=1, how="all")
    st.dataframe(table, hide_index=True, key="rates_by_group", alt="Learning rate of each layer group")
    if config.learning_rate is None:
        st.caption(f"For a rate of {layer_rates.USUAL_RATE:g}; what the finder suggests takes its place.")


def _usual_low(config: TrainConfig) -> str:
    low = (
        layer_rates.low_rate(config, config.learning_rate or layer_rates.USUAL_RATE) if config.lr_low is None else None
    )
    return f"{low:.1e}, fastai's own" if low else "the same for all layers"


def _group_row(group: layer_rates.GroupRate) -> dict[str, object]:
    return {
        "Layer group": f"{group.name} ({group.parameters_m:g} M)",
        "Frozen epochs": _rate(group.frozen),
        "Unfrozen epochs": _rate(group.unfrozen),
    }


def _rate(rate: float | None) -> str | None:
    return None if rate is None else "frozen" if rate == 0 else f"{rate:.1e}"
