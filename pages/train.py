"""Page: train a model on the project's pictures and watch it."""

from curate import ui
from curate.jobs.runtime import prewarmed
from curate.ui.train import (
    augmentation_preview,
    experiment_form,
    experiment_result,
    form,
    imported_predictions,
    progress,
    runs_table,
    start,
)

top = ui.page_header("train")
project = ui.chosen_project(needs_images=True)
with top:
    ui.next_step(project, here="train")

prewarmed.expect()
is_busy = progress.is_training(project)
if is_busy:
    progress.show_progress(project)
else:
    progress.show_last_ended(project)
start.show_start(project, is_busy)
preview_slot = form.show_form(project)
experiment_form.show_experiment_form(project)
experiment_result.show_experiments(project)
runs_table.show_runs_table(project)
imported_predictions.show_import(project)
augmentation_preview.show_preview(project, preview_slot)
