"""Page: what a run gets wrong, which pictures those are, and why; they are decided in place."""

import streamlit as st

from curate import ui
from curate.review.reports.evaluated import find_evaluated
from curate.ui.evaluate import audit, basis, explorer, label_noise, reliability, run_details
from curate.ui.review import apply_button, columns_ready
from curate.ui.shell import label_source, run_picker

top = ui.page_header("evaluate")
project = ui.chosen_project(needs_images=True)
finished = run_picker.finished_runs(project)
with top, st.container(width="content"):
    apply_button.show_button(project, here="evaluate")
with st.container(horizontal=True, vertical_alignment="bottom"):
    run = run_picker.choose(finished, purpose="answer")
    split = basis.choose_split()
    source = label_source.choose_labels()
columns_ready.wait(project, run)

evaluated = find_evaluated(run, split, source)
run_details.show_numbers(evaluated, project)
explorer.show_explorer(project, run, split, source)

noise, sure, learning, chosen = st.tabs(["Wrong labels", "How sure", "How it learnt", "Settings"])
with noise:
    label_noise.show_label_noise(run)
    audit.show_audits(run)
with sure:
    reliability.show_reliability(run)
with learning:
    run_details.show_learning(run)
with chosen:
    run_details.show_settings(run)
