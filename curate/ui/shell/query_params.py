"""The page's address: the one module that reads and writes it, so that reload, back and shared links keep a page.

Streamlit's own `bind="query-params"` writes the words that a widget shows and forbids any other writer. It suits a
widget whose options are their own words (`history_page`); ids, and filters that reset the page number, use `bind`.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import streamlit as st

from curate import whole_number

Option = TypeVar("Option")


def read() -> dict[str, str]:
    """Everything in the address: {name: text}."""
    return st.query_params.to_dict()


def read_text(name: str, default: str = "") -> str:
    """The text under this name; `default` without one."""
    return str(st.query_params.get(name, default))


def read_number(name: str) -> int | None:
    """The whole number under this name; None without one, or for anything else."""
    return whole_number.parse(read_text(name))


def read_option(name: str, options: Collection[Option], default: Option) -> Option:
    """The one of `options` that the address names; `default` without one, or for anything else."""
    given = read_text(name)
    return next((option for option in options if str(option) == given), default)


def write(**values: object) -> None:
    """Put these into the address and leave the rest of it; None takes one out. One step for the browser's *back*."""
    changed = {**read(), **values}
    replace({name: value for name, value in changed.items() if value is not None})


def replace(values: Mapping[str, object]) -> None:
    """Make these the whole address."""
    st.query_params.from_dict({name: str(value) for name, value in values.items()})


def put(name: str, text: str) -> None:
    """Put one text into the address of a page with a widget bound by Streamlit, where `write` is refused."""
    st.query_params[name] = text


def remove(*names: str) -> None:
    """Take these out, also on a page with a widget bound by Streamlit."""
    for name in names:
        st.query_params.pop(name, None)


def bind(key: str, name: str, value: object, clears: tuple[str, ...] = ()) -> Callable[[], None]:
    """Show `value` in the widget of this key; returns its `on_change`, which puts the choice under `name`.

    clears: names that lose their sense with another choice, such as the number of the page.
    """
    st.session_state[key] = value
    return lambda: write(**{name: st.session_state[key], **dict.fromkeys(clears)})


def choose(
    label: str, options: Mapping[str, str], key: str, name: str, default: str, help: str = "", has_label: bool = True
) -> str:
    """Show buttons side by side of which one is chosen, and return it; the address keeps it under `name`.

    options: {option: its words}.
    """
    st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        required=True,
        label_visibility="visible" if has_label else "collapsed",
        on_change=bind(key, name, read_option(name, options, default)),
        help=help or None,
    )
    return str(st.session_state[key])
