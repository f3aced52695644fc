"""Page: predict the labels of new pictures with a trained model."""

from curate import ui
from curate.ui import predict_export, predict_page

ui.heading("predict")
project = ui.chosen_project(needs_images=True)
run = predict_page.choose_run(project)
pictures = predict_page.choose_pictures(project)
with ui.shown_errors():
    predict_page.show_answers(run, pictures)
predict_export.show(project, run)
