"""The fields of the training form: each shows one setting of `settings_state` and writes the choice back there.

A field's key is `train_` and its setting's name. Its value is set before every rerun: no field keeps the value of
another project, and a hidden field comes back with its value.
"""

from itertools import groupby
from typing import Any

import streamlit as st

from curate.training.settings import choices
from curate.training.settings.config import TrainConfig
from curate.training.settings.setting import Setting
from curate.training.settings.table import SETTINGS
from curate.ui.train import settings_state


def show_group(group: str, config: TrainConfig) -> None:
    """Draw the settings of a group that have an effect, in two columns."""
    for side, column in zip(("left", "right"), st.columns(2, gap="medium"), strict=True):
        with column:
            settings = [one for one in _in_group(group, config) if one.side == side]
            for in_row, neighbours in groupby(settings, lambda one: one.in_row):
                with st.container(horizontal=in_row):
                    for setting in neighbours:
                        show_field(setting.name, config)


def show_grid(group: str, config: TrainConfig) -> None:
    """Draw the settings of a group that have an effect, as many side by side as fit; nothing without any."""
    settings = _in_group(group, config)
    if settings:
        with st.grid("auto", min_column_width=190):
            for setting in settings:
                show_field(setting.name, config)


def show_field(name: str, config: TrainConfig, placeholder: str = "") -> None:
    """Draw one setting's field. placeholder: for what no value means, where the entry's own text does not say it."""
    setting = SETTINGS[name]
    is_disabled = not setting.is_possible(config)
    if setting.note:
        st.caption(setting.note(config))
    if setting.choices is not None:
        _show_choice(setting, config)
    elif setting.kind is bool:
        st.toggle(setting.title, key=_put(name), help=setting.help, disabled=is_disabled, on_change=_take, args=(name,))
    elif setting.is_share:
        _show_share(setting, config)
    else:
        _show_number(setting, config, placeholder or setting.none)
    if is_disabled and setting.why_not:
        st.caption(setting.why_not)


def _in_group(group: str, config: TrainConfig) -> list[Setting]:
    return [one for one in SETTINGS.values() if one.group == group and one.has_effect(config)]


def _show_choice(setting: Setting, config: TrainConfig) -> None:
    options = (setting.form_choices(config) if setting.form_choices else setting.choices) or {}
    st.selectbox(
        setting.title, list(options), key=_put(setting.name), format_func=choices.title, help=setting.help or None,
        on_change=_take, args=(setting.name,), filter_mode=None if len(options) < 6 else "fuzzy",
    )  # fmt: skip
    st.caption(options[getattr(config, setting.name)])


def _show_share(setting: Setting, config: TrainConfig) -> None:
    key = f"train_{setting.name}"
    st.session_state[key] = round(100 * getattr(config, setting.name))
    st.slider(
        setting.title, 1, 100, key=key, format="%d %%", help=setting.help,
        on_change=lambda: settings_state.change(**{setting.name: st.session_state[key] / 100}),
    )  # fmt: skip


def _show_number(setting: Setting, config: TrainConfig, placeholder: str) -> None:
    options: dict[str, Any] = {"value": None, "placeholder": placeholder} if setting.may_be_none else {}
    if setting.kind is float:
        options["format"] = setting.number_format
    low, high, step = (setting.kind(each) for each in (*setting.limits(config), setting.step))
    key = _put(setting.name)
    value = st.session_state[key]
    if value is not None:  # the field would refuse a value that another setting has put out of range
        low, high = min(low, value), max(high, value)
    st.number_input(
        setting.title, low, high, step=step, key=key, help=setting.help, on_change=_take, args=(setting.name,),
        **options,
    )  # fmt: skip


def _put(name: str) -> str:
    key = f"train_{name}"
    st.session_state[key] = getattr(settings_state.chosen(), name)
    return key


def _take(name: str) -> None:
    value: Any = st.session_state[f"train_{name}"]
    settings_state.change(**{name: value})
