"""Page: how good a run is, and which labels it mixes up; a click on the matrix shows the pictures."""

import streamlit as st

from curate import ui
from curate.ui import confusions, noise_report, run_choice, run_details

top = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
with top, st.container(width="content"):
    ui.heading("evaluate")
project = ui.chosen_project(needs_images=True)
finished = run_choice.finished_runs(project)
with top:
    ui.next_step(project, here="evaluate")
with st.container(horizontal=True, vertical_alignment="bottom"):
    run = run_choice.choose(finished)
    split = run_details.choose_split()

found = confusions.find(project, run, split)
cell = confusions.chosen_cell(found)
run_details.show_numbers(found)
with st.grid(2, min_column_width=430, gap="small"):
    with st.container():
        confusions.show_matrix(found, cell)
    with st.container():
        confusions.show_pictures(project, found, cell)

labels, noise, learning, chosen = st.tabs(["Label by label", "Wrong labels", "How it learnt", "Settings"])
with labels:
    run_details.show_labels(found)
with noise:
    noise_report.show(run)
with learning:
    run_details.show_learning(run)
with chosen:
    run_details.show_settings(run)
