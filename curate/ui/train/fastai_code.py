"""Shows settings as equivalent fastai code."""

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.data_export import folders
from curate.training.settings import fastai_code
from curate.training.settings.config import TrainConfig


def show_code(project: ProjectSummary, config: TrainConfig, key: str) -> None:
    """Show the code, folded until somebody opens it. key: unique per place on the page."""
    panel = st.expander("The same in fastai", icon=":material/code:", key=f"{key}_code", on_change="rerun")
    if panel.open:
        with panel:
            in_order = zip(projects.labels(project.id), folders.label_folders(project.id), strict=True)
            names = [folder for label, folder in in_order if label.n_train + label.n_valid]
            st.code(fastai_code.as_code(config, names))
            st.caption(
                "For a notebook. `path` has a folder `train` and a folder `valid`, each with a folder per label: "
                "`curate export` writes it so. Expect figures near these, not the very same."
            )
