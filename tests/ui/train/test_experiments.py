"""Experiments on the Train page: what is queued, what is refused, and what the result says."""

import json

import numpy as np
import pytest

from curate import store
from curate.catalog import experiments, runs
from curate.catalog import jobs as rows
from curate.errors import BadInput
from curate.jobs.submit import training
from curate.training.settings.config import TrainConfig
from curate.ui.train import experiment_result

GRID = {"size_px": [96, 128], "epochs": [1, 2]}


@pytest.fixture
def ten_held_out(make_project):
    """Two labels with two images to train on and ten held out, of each."""
    return make_project([(label, part) for label in "ab" for part in ["train"] * 2 + ["valid"] * 5])


def finish(trial, experiment, n_right: int) -> int:
    """The trial's run, finished with that many of the held-out images right, the first ones."""
    chosen = runs.training_set(experiment.project_id)
    right = np.ones(len(chosen.labels), bool)
    right[np.flatnonzero(chosen.is_valid)[n_right:]] = False
    probabilities = np.full((len(right), 2), 0.1, np.float32)
    probabilities[np.arange(len(right)), np.where(right, chosen.labels, 1 - chosen.labels)] = 0.9
    rows.start(trial.job.id)
    run_id = runs.create_run(experiment.project_id, trial.job.args["config"], chosen, trial.job.id, experiment.id)
    np.save(store.run_folder(run_id) / "probabilities.npy", probabilities)
    losses = -np.log(probabilities[np.arange(len(right)), chosen.labels])
    runs.finish_run(run_id, chosen, losses, probabilities, {"device": "CPU", "seconds": 10.0})
    rows.finish(trial.job.id, {"run_id": run_id})
    return run_id


def test_every_combination_is_queued_in_order_under_one_experiment(small_project):
    made = training.submit_experiment(small_project.id, TrainConfig(), GRID, "Size and epochs", "ann")
    queued = experiments.trials(experiments.find_experiment(made))
    assert [trial.values for trial in queued] == [(96, 1), (96, 2), (128, 1), (128, 2)]
    assert {trial.job.args["experiment_id"] for trial in queued} == {made}
    assert {trial.job.args["config"]["architecture"] for trial in queued} == {"resnet18"}
    assert queued[0].job.title == "Size and epochs: 96 px, 1"


def test_one_combination_that_cannot_be_trained_queues_nothing(small_project):
    with pytest.raises(BadInput, match="With architecture alexnet: `alexnet` needs pictures of at least 64 px"):
        grid = {"architecture": ["resnet18", "alexnet"]}
        training.submit_experiment(small_project.id, TrainConfig(size_px=32, pretrained=False), grid, "Network", "ann")
    assert rows.list_jobs() == []
    assert experiments.list_experiments(small_project.id) == []


@pytest.mark.parametrize(
    ("grid", "sentence"),
    [
        ({}, "one or two settings"),
        ({"seed": [1], "epochs": [1], "size_px": [64]}, "one or two settings"),
        ({"seed": [4, 4]}, "at least two values"),
        ({"seed": list(range(61))}, "61 runs"),
    ],
)
def test_an_experiment_varies_one_or_two_settings_over_two_to_sixty_runs(grid, sentence):
    with pytest.raises(BadInput, match=sentence):
        training.combinations(TrainConfig(), grid)


def test_a_question_fills_the_form_and_queues_its_runs(open_page, small_project):
    app = open_page("train", project=small_project.id, grid="{}")
    app.button(key="question_0").click().run()
    assert json.loads(app.query_params["grid"]) == {"share": [0.1, 0.2, 0.4, 0.7, 1.0]}
    assert app.button(key="queue_experiment").label == "Queue 5 runs"
    app.button(key="queue_experiment").click().run()
    assert not app.exception
    assert [job.args["config"]["share"] for job in rows.open_jobs()] == [0.1, 0.2, 0.4, 0.7, 1.0]
    assert "grid" not in app.query_params


def test_two_settings_are_chosen_by_hand_and_typed_values_are_read(open_page, small_project):
    app = open_page("train", project=small_project.id, grid='{"epochs": [2]}')
    assert "at least two values" in app.error[0].value
    app.multiselect(key="values_0").set_value([2, "5", "many"]).run()
    assert json.loads(app.query_params["grid"]) == {"epochs": [2, 5]}
    app.selectbox(key="vary_1").select("augment").run()
    app.multiselect(key="values_1").set_value(["none", "light"]).run()
    assert app.button(key="queue_experiment").label == "Queue 4 runs"


def test_the_result_compares_runs_on_the_same_pictures_and_says_what_follows_from_the_interval(ten_held_out):
    made = training.submit_experiment(ten_held_out.id, TrainConfig(), {"share": [0.2, 0.5, 1.0]}, "Share", "ann")
    experiment = experiments.find_experiment(made)
    for trial, n_right in zip(experiments.trials(experiment), (1, 7, 9), strict=True):
        finish(trial, experiment, n_right)
    done = experiments.trials(experiment)
    # 20 % is told apart: 8 of 10 images won, none lost. 50 %: 2 won, none lost, so (3 - 1) / 12 = 0.167, plus and
    # minus 1.96 * sqrt((4 / 12 - 0.167**2) / 12) = 0.313.
    assert experiment_result.sentence(experiment, done) == (
        "Best so far: share of the pictures 100 % with 90 %. Share of the pictures 50 % reaches 70 %; the best has "
        "+20.0 points (−14.6 to +47.9) on the same 10 pictures: it cannot be told apart from chance."
    )


def test_runs_whose_single_intervals_overlap_are_told_apart_by_the_pictures_they_share(make_project):
    forty = make_project([(label, part) for label in "ab" for part in ["train"] * 2 + ["valid"] * 20])
    made = training.submit_experiment(forty.id, TrainConfig(), {"epochs": [1, 2]}, "Epochs", "ann")
    experiment = experiments.find_experiment(made)
    for trial, n_right in zip(experiments.trials(experiment), (28, 35), strict=True):
        finish(trial, experiment, n_right)
    done = experiments.trials(experiment)
    # 28 of 40 lies between 55 and 82 %, 35 of 40 between 74 and 95 %; but 7 images are won and none is lost:
    # (8 - 1) / 42 = 0.167, plus and minus 1.96 * sqrt((9 / 42 - 0.167**2) / 42) = 0.131.
    assert experiment_result.interval(done[0]).high > experiment_result.interval(done[1]).low
    assert experiment_result.sentence(experiment, done).endswith(
        "reaches 70 %; the best has +17.5 points (+3.6 to +29.7) on the same 40 pictures, more than chance explains."
    )


def test_the_runs_that_wait_are_cancelled_together_and_finished_ones_stay(open_page, ten_held_out):
    made = training.submit_experiment(ten_held_out.id, TrainConfig(), GRID, "Size and epochs", "ann")
    experiment = experiments.find_experiment(made)
    finish(experiments.trials(experiment)[0], experiment, 8)
    app = open_page("train", project=ten_held_out.id)
    table = next(frame.value for frame in app.dataframe if "95 % interval" in frame.value)
    assert table["Accuracy"].tolist() == ["80 %", "–", "–", "–"]
    assert table["95 % interval"].tolist()[0] == "49.0 to 94.3 %"  # Wilson's, 8 of 10
    app.button(key="cancel_rest").click().run()
    assert [trial.status for trial in experiments.trials(experiment)] == ["done", *["cancelled"] * 3]


def test_an_experiments_runs_do_not_stand_in_for_the_projects_own(open_page, ten_held_out, add_run):
    own = add_run(ten_held_out.id, [(0.9, 0.1)] * 14, TrainConfig(size_px=64).to_json())
    made = training.submit_experiment(ten_held_out.id, TrainConfig(), {"share": [0.2, 1.0]}, "Share", "ann")
    experiment = experiments.find_experiment(made)
    for trial in experiments.trials(experiment):
        finish(trial, experiment, 5)
    assert runs.numbered_run(ten_held_out.id, None).id == own
    app = open_page("train", project=ten_held_out.id)
    assert next(f.value for f in app.dataframe if "What and how" in f.value)["Run"].tolist() == ["Run 1"]
    app.toggle(key="with_experiments").set_value(True).run()
    table = next(f.value for f in app.dataframe if "What and how" in f.value)
    assert table["Run"].tolist() == ["Run 3", "Run 2", "Run 1"]
    app.button(key="again").click().run()
    assert rows.open_jobs()[0].args["config"]["size_px"] == 64


def test_of_an_experiment_only_what_runs_is_shown_the_rest_is_counted(open_page, small_project):
    made = training.submit_experiment(small_project.id, TrainConfig(), GRID, "Size and epochs", "ann")
    first = experiments.trials(experiments.find_experiment(made))[0].job
    rows.start(first.id)
    app = open_page("train", project=small_project.id)
    assert "3 more runs of an experiment wait." in [caption.value for caption in app.caption]
    assert f"panel_cancel_{first.id + 1}" not in {button.key for button in app.button}


def test_the_history_tells_of_an_experiment_once_whatever_its_number_of_runs(open_page, ten_held_out):
    made = training.submit_experiment(ten_held_out.id, TrainConfig(), {"share": [0.2, 1.0]}, "Share", "ann")
    experiment = experiments.find_experiment(made)
    for trial, n_right in zip(experiments.trials(experiment), (6, 8), strict=True):
        finish(trial, experiment, n_right)
    app = open_page("history", project=ten_held_out.id)
    html_text = "\n".join(element.value for element in app.html)
    assert "Share: 2 of 2 runs done, the best at 80 %" in html_text
    assert "Run 1" not in html_text
