"""Tiles: a figure in large type, with its name above it and its basis below."""

import streamlit as st


def number(label: str, value: str, below: str, help_text: str | None = None) -> None:
    """Show a framed figure; those in one row of a grid are equally high."""
    st.metric(label, value, below, delta_color="off", delta_arrow="off", help=help_text, border=True, height="stretch")
