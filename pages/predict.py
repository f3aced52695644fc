"""Page: predict the labels of new pictures with a trained model."""

from curate import ui
from curate.ui.predict import answering_runs, page, session, sources

ui.heading("predict")
project = ui.chosen_project(needs_images=True)
runs = answering_runs.choose(project)
answers = session.answers_of(project.id)
sources.show(project, answers)
page.show(project, runs, answers)
ui.link("export", "Take this model elsewhere", {"model": str(runs[0].run.id)})
