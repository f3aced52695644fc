"""Page: what the cleaning was worth, measured on the same pictures before and after."""

import streamlit as st

from curate import ui
from curate.ui import comparing, comparison_report, flips, matrix_pair, run_choice

top = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
with top, st.container(width="content"):
    ui.heading("compare")
project = ui.chosen_project(needs_images=True)
finished = run_choice.finished_runs(project, at_least=2)
with top:
    ui.next_step(project, here="compare")
before, after = comparing.choose_pair(finished)
drawn = comparing.find_report(project, before, after)

comparison_report.show_verdict(project, drawn)
if drawn.comparison.n:
    flips.show(drawn.report)
comparison_report.show_changes(drawn)
if drawn.comparison.n:
    comparison_report.show_labels(drawn)
    matrix_pair.show(drawn)
    comparison_report.show_losses(drawn)
comparison_report.show_settings(drawn.report)
comparison_report.show_downloads(drawn.report)
