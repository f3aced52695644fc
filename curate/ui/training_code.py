"""Settings as the fastai code that does the same."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.training.config import TrainConfig


def show(project: ProjectSummary, config: TrainConfig, key: str) -> None:
    """The code, folded away until asked for; it can be copied. key: tells the places on the page apart."""
    panel = st.expander("The same in fastai", icon=":material/code:", key=f"{key}_code", on_change="rerun")
    if panel.open:
        from curate.training import fastai_code

        with panel:
            st.code(fastai_code.as_code(config))
            st.caption("What a notebook would say. `path` is a folder with one sub-folder per label.")
