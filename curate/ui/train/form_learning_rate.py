"""The group *Learning rate* of the training form: the rate, how to find one, and what each layer group gets of it."""

import pandas as pd
import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.training.settings import layer_rates
from curate.training.settings.choices import OPTIMIZERS
from curate.training.settings.config import TrainConfig
from curate.ui.train import fields, rate_finder, settings_state


def show(project: ProjectSummary, config: TrainConfig) -> None:
    """Rate, optimiser and layer groups, with the finder below."""
    left, right = st.columns(2, gap="medium")
    with left:
        _ask_rate(config)
        fields.choice("optimizer", "Optimiser", OPTIMIZERS)
    with right:
        _ask_groups(config)
    rate_finder.show(project, config)


def _ask_rate(config: TrainConfig) -> None:
    st.session_state["train_auto_rate"] = config.learning_rate is None
    st.toggle(
        "Find it before training", key="train_auto_rate", on_change=_take_auto,
        help="Runs fastai's finder first and takes its suggestion `valley`. It costs about 100 batches.",
    )  # fmt: skip
    if config.learning_rate is not None:
        fields.number(
            "learning_rate", "Learning rate", 1e-7, 10.0,
            "How large the steps are. Too large: the loss explodes; too small: nothing is learnt. 0.001 to 0.005 is "
            "usual.", step=1e-4, fmt="%.6f",
        )  # fmt: skip


def _take_auto() -> None:
    usual = settings_state.began().learning_rate or layer_rates.USUAL_RATE
    settings_state.change(learning_rate=None if st.session_state["train_auto_rate"] else usual)


def _ask_groups(config: TrainConfig) -> None:
    groups = layer_rates.group_rates(config)
    if config.pretrained:
        fields.number(
            "lr_low", "Rate of the first layers", 1e-9, 10.0,
            "Discriminative learning rates: early layers see edges and colours, which hardly need to change. The "
            "groups between are spaced evenly in the logarithm, as in `slice(low, high)`.",
            step=1e-5, fmt="%.7f", empty=_usual_low(config),
        )  # fmt: skip
        fields.whole(
            "frozen_groups", "Layer groups that never learn", 0, len(groups) - 1,
            "Counted from the picture's side; fewer pictures can stand more of them.",
        )  # fmt: skip
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
