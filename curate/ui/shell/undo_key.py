"""Ctrl-Z on pages whose undo is a button: it presses that of what this visitor did last, among those on the page.

The grid has keys of its own; these pages have no grid. Not `st.button(shortcut=…)`: it also fires while somebody
types, where Ctrl-Z takes back what was typed; and a button that goes takes the shortcut of the next one with it.
"""

from collections.abc import Mapping

import streamlit as st

_MARK = "undo_by_key"  # undo_key.js presses the button in the container of this key
_DONE = "undo_buttons"  # keys of the undo buttons of what this visitor did, the newest at the end


def remember(key: str) -> None:
    """Note that this button undoes what was done last."""
    forget(key)
    st.session_state[_DONE].append(key)


def forget(key: str) -> None:
    """Note that what this button undid stands no more."""
    st.session_state[_DONE] = [each for each in st.session_state.get(_DONE, []) if each != key]


def find_newest(shown: Mapping[str, int]) -> str | None:
    """Returns the key of the button that Ctrl-Z is to press; None when nothing on the page is this visitor's.

    shown: the key of each undo button on the page → the number of the visitor's newest decision behind it, 0 = none.
    What was done in this session comes before older decisions, which a reload leaves on the page.
    """
    done = st.session_state.get(_DONE, [])
    mine = [key for key in shown if key in done or shown[key]]
    return max(mine, key=lambda key: (done.index(key) if key in done else -1, shown[key]), default=None)


def show_button(key: str, newest: str | None) -> bool:
    """Put an undo button on the page; returns whether it was pressed.

    newest: the key of the button that Ctrl-Z presses.
    """
    if key != newest:
        return st.button("Undo", key=key, type="tertiary", icon=":material/undo:")
    with st.container(key=_MARK, width="content"):
        return st.button("Undo", key=key, type="tertiary", icon=":material/undo:", help="Ctrl-Z")
