"""The fields of the training form: each shows one setting of `training_state` and writes what is chosen back there.

A field is named `train_` and its setting's name. What it shows is put in before every run, so that no field keeps the
value of another project, and one that was hidden comes back as it was.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from curate.ui.train import settings_state


def whole(name: str, label: str, low: int, high: int, help_text: str, step: int = 1, empty: str = "") -> None:
    """A whole number. empty: what no number means, for settings that may have none."""
    key = _show(name)
    optional: dict[str, Any] = {"value": None, "placeholder": empty} if empty else {}
    st.number_input(label, low, high, step=step, key=key, help=help_text, on_change=_take, args=(name,), **optional)


def number(
    name: str, label: str, low: float, high: float, help_text: str, step: float = 0.05, fmt: str = "%.2f",
    empty: str = "",
) -> None:  # fmt: skip
    """A number. empty: what no number means, for settings that may have none."""
    key = _show(name)
    optional: dict[str, Any] = {"value": None, "placeholder": empty} if empty else {}
    st.number_input(
        label, low, high, step=step, format=fmt, key=key, help=help_text, on_change=_take, args=(name,), **optional
    )


def share(name: str, label: str, low: float, help_text: str) -> None:
    """A share in [low, 1], as a slider in per cent."""
    key = f"train_{name}"
    st.session_state[key] = round(100 * getattr(settings_state.chosen(), name))
    st.slider(
        label, round(100 * low), 100, key=key, format="%d %%", help=help_text,
        on_change=lambda: settings_state.change(**{name: st.session_state[key] / 100}),
    )  # fmt: skip


def switch(name: str, label: str, help_text: str, disabled: bool = False) -> None:
    """A yes or no."""
    st.toggle(label, key=_show(name), help=help_text, disabled=disabled, on_change=_take, args=(name,))


def choice(name: str, label: str, options: Mapping[str, str], help_text: str | None = None) -> None:
    """One of a few, with the sentence on the chosen one below it."""
    key = _show(name)
    st.selectbox(
        label, list(options), key=key, format_func=in_words, help=help_text, on_change=_take, args=(name,),
        filter_mode=None if len(options) < 6 else "fuzzy",
    )  # fmt: skip
    st.caption(options[getattr(settings_state.chosen(), name)])


def in_words(option: str) -> str:
    """An option as the form writes it: "random_crop" is "Random crop"."""
    known = {"sgdr": "SGDR (restarts)", "fine_tune": "fine_tune", "one_cycle": "fit_one_cycle"}
    written = known | {"flat_cos": "fit_flat_cos", "cutmix": "CutMix", "mixup": "MixUp", "none": "None"}
    written |= {"random_crop": "Random crop (RandomResizedCrop)", "squish": "Squish", "pad": "Pad (reflection)"}
    return written.get(option, option.replace("_", " ").capitalize())


def _show(name: str) -> str:
    key = f"train_{name}"
    st.session_state[key] = getattr(settings_state.chosen(), name)
    return key


def _take(name: str) -> None:
    value: Any = st.session_state[f"train_{name}"]
    settings_state.change(**{name: value})
