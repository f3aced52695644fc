"""The Train page: what it offers, what it submits, and what it shows of a training that runs or failed."""

from curate import jobs
from curate.catalog import jobs as rows
from curate.catalog import projects, runs
from curate.training.config import SAMPLE, TrainConfig


def said(app) -> str:
    return "\n".join(str(element.value) for element in [*app.markdown, *app.caption, *app.error, *app.info])


def settings_of(app) -> dict:
    submitted = jobs.list_jobs(statuses=("queued",))
    assert len(submitted) == 1
    return submitted[0].args["config"]


def test_the_first_training_takes_what_was_chosen(open_page, small_project):
    app = open_page("train", project=small_project.id)
    app.selectbox(key="train_architecture").select("squeezenet1_1").run()
    app.toggle(key="train_pretrained").set_value(False)
    app.number_input(key="train_size").set_value(64)
    app.number_input(key="train_epochs").set_value(3)
    app.radio(key="train_augment").set_value("none")
    app.run().button(key="start").click().run()
    assert not app.exception
    config = TrainConfig.from_json(settings_of(app))
    assert config == TrainConfig("squeezenet1_1", pretrained=False, size_px=64, epochs=3, augment="none")


def test_a_size_that_the_network_cannot_take_is_said_and_nothing_can_be_started(open_page, small_project):
    app = open_page("train", project=small_project.id)
    app.selectbox(key="train_architecture").select("alexnet").run()
    app.number_input(key="train_size").set_value(32).run()
    assert "needs pictures of at least 64 px" in said(app)
    assert [button for button in app.button if button.key == "start"] == []


def test_missing_weights_are_said_in_plain_words_before_anything_starts(
    open_page, small_project, monkeypatch, tmp_path
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no-torch-cache"))
    app = open_page("train", project=small_project.id)
    assert "not on this machine" in said(app)
    assert "train from scratch" in said(app)


def test_retraining_starts_from_the_last_runs_settings(open_page, small_project, add_run):
    used = TrainConfig("resnet34", pretrained=False, size_px=96, epochs=7, learning_rate=0.01, seed=3)
    add_run(small_project.id, [(0.9, 0.1)] * len(small_project.image_ids), used.to_json())
    app = open_page("train", project=small_project.id)
    assert app.button(key="start").label == "Train again"
    app.button(key="start").click().run()
    assert TrainConfig.from_json(settings_of(app)) == used


def test_the_sample_begins_with_its_own_settings(open_page, small_project):
    projects.set_planted(small_project.id, {str(small_project.image_ids[0]): {"kind": "swapped", "label": "x"}})
    app = open_page("train", project=small_project.id)
    app.button(key="start").click().run()
    assert TrainConfig.from_json(settings_of(app)) == SAMPLE


def test_a_running_training_shows_its_epochs_and_a_failed_one_its_sentence(open_page, small_project):
    job_id = rows.add_job("train", "Train resnet18", small_project.id, {"config": {}}, "ann")
    rows.start(job_id)
    rows.report(job_id, {"done": 5, "total": 9, "epoch": 2, "n_epochs": 3, "batch": 1, "n_batches": 3, "device": "CPU"})
    run_id = runs.create_run(small_project.id, {}, runs.training_set(small_project.id), job_id)
    measured = {"train_loss": 0.7, "valid_loss": 0.8, "accuracy": 0.5, "error_rate": 0.5, "seconds": 1.5}
    runs.add_epoch(run_id, {"epoch": 1, "phase": "frozen", **measured})
    app = open_page("train", project=small_project.id)
    assert {metric.label: metric.value for metric in app.metric}["Epoch"] == "2 of 3"
    assert app.dataframe[0].value["Valid loss"].tolist() == [0.8]
    rows.fail(job_id, "The training process ended without a word (killed, or out of memory?).")
    app = open_page("train", project=small_project.id)
    assert "ended without a word" in said(app)
    assert runs.find_run(run_id).status == "failed"
