"""The server for the grid's browser tests: the real picture and decision routes, and one page with a grid."""

from pathlib import Path

import streamlit as st

from curate.server import closeups, decisions, images, labels, notes, pages, scripts

modules = (images, decisions, closeups, labels, notes, pages, scripts)
routes = [route for module in modules for route in module.routes()]
app = st.App(str(Path(__file__).with_name("grid_page.py")), routes=routes)
