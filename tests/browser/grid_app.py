"""The server for the grid's browser tests: the real picture and decision routes, and one page with a grid."""

from pathlib import Path

import streamlit as st

from curate.server import closeups, decisions, images

app = st.App(
    str(Path(__file__).with_name("grid_page.py")), routes=[*images.routes(), *decisions.routes(), *closeups.routes()]
)
