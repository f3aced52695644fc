"""Page: teach a model to tell the labels apart, and watch it learn."""

import streamlit as st

from curate import jobs, ui
from curate.ui import train_runs, training_form, training_live

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="content"):
        ui.heading("train")
    project = ui.chosen_project(needs_images=True)
    ui.next_step(project, here="train")

if training_live.is_training(project):
    training_live.show(project)
else:
    training_live.show_last_ended(project)
    config = training_form.show(project)
    if config and st.button(
        training_form.button_words(project), key="start", type="primary", icon=":material/play_arrow:"
    ):
        with ui.shown_errors():
            jobs.submit(
                "train",
                project.id,
                {"config": config.validated().to_json()},
                f"Train {config.architecture}",
                ui.reviewer(),
            )
            st.rerun()

train_runs.show(project)
