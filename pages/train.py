"""Page: teach a model to tell the labels apart, and watch it learn."""

import streamlit as st

from curate import ui
from curate.jobs import standby
from curate.ui import (
    experiment_form,
    experiment_view,
    train_runs,
    training_form,
    training_live,
    training_preview,
    training_start,
)

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="content"):
        ui.heading("train")
    project = ui.chosen_project(needs_images=True)
    ui.next_step(project, here="train")

standby.expect()
is_busy = training_live.is_training(project)
if is_busy:
    training_live.show(project)
else:
    training_live.show_last_ended(project)
training_start.show(project, is_busy)
preview_place = training_form.show(project)
experiment_form.show(project)
experiment_view.show(project)
train_runs.show(project)
training_preview.show(project, preview_place)
