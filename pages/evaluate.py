"""Page: a run's accuracy and its confused labels; a click on the matrix shows the pictures."""

import streamlit as st

from curate import ui
from curate.ui.evaluate import confusion_matrix, label_noise, reliability, run_details
from curate.ui.shell import run_picker

top = ui.page_header("evaluate")
project = ui.chosen_project(needs_images=True)
finished = run_picker.finished_runs(project)
with top:
    ui.next_step(project, here="evaluate")
with st.container(horizontal=True, vertical_alignment="bottom"):
    run = run_picker.choose(finished, purpose="answer")
    split = run_details.choose_split()

confusions = confusion_matrix.find(project, run, split)
cell = confusion_matrix.chosen_cell(confusions)
run_details.show_numbers(confusions)
with st.grid(2, min_column_width=430, gap="small"):
    with st.container():
        confusion_matrix.show_matrix(confusions, cell)
    with st.container():
        confusion_matrix.show_pictures(project, confusions, cell)

labels, noise, sure, learning, chosen = st.tabs(
    ["Label by label", "Wrong labels", "How sure", "How it learnt", "Settings"]
)
with labels:
    run_details.show_labels(confusions)
with noise:
    label_noise.show_label_noise(run)
with sure:
    reliability.show_reliability(run)
with learning:
    run_details.show_learning(run)
with chosen:
    run_details.show_settings(run)
