"""Page: ask a trained model about new pictures."""

from curate import ui
from curate.ui import predict_parts

ui.heading("predict")
project = ui.chosen_project(needs_images=True)
run = predict_parts.choose_run(project)
pictures = predict_parts.ask(project, run)
with ui.shown_errors():
    predict_parts.show_answers(run, pictures)
