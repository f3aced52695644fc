"""Draws a fragment anew as soon as the grid beside it has stored decisions, instead of at its next poll."""

from pathlib import Path

import streamlit as st

from curate.ui.shell.urls import script_loader

_LISTENER = st.components.v2.component(
    "curate_decided", html="<span></span>", js=script_loader(Path(__file__).with_name("decided.js"))
)


def rerun_after_decisions(key: str, pause_ms: int) -> None:
    """Reruns the calling fragment when the server has stored decisions of this browser tab.

    pause_ms: waits until no decision was stored for so long. Use another one for each fragment of a page: of fragments
    that ask in the same instant Streamlit reruns only one.
    """
    _LISTENER(key=key, data={"pause_ms": pause_ms}, width=1, height=0, on_decided_change=lambda: None)
