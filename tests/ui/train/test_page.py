"""The Train page: what it offers, what it submits, and what it shows of a training that runs or failed."""

from dataclasses import replace

import numpy as np
import pandas as pd

from curate import jobs
from curate.catalog import jobs as rows
from curate.catalog import projects, runs
from curate.catalog.tables.core import EpochMetric
from curate.training.epoch_table import COLUMNS
from curate.training.settings.config import SAMPLE, TrainConfig
from curate.training.settings.presets import STANDARD, for_pictures
from curate.ui.train import progress


def page_text(app) -> str:
    elements = [*app.markdown, *app.caption, *app.error, *app.info, *app.warning]
    return "\n".join(str(element.value) for element in elements)


def standard_for(project) -> TrainConfig:
    return for_pictures(STANDARD, projects.find_project(project.id).n_train)


def settings_of(app) -> dict:
    submitted = jobs.list_jobs(statuses=("queued",))
    assert len(submitted) == 1
    return submitted[0].args["config"]


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def test_the_first_training_takes_what_was_chosen(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open")
    app.selectbox(key="train_architecture").select("squeezenet1_1").run()
    app.toggle(key="train_pretrained").set_value(False).run()
    app.number_input(key="train_size_px").set_value(64).run()
    app.query_params["group"] = "time"
    app.run().number_input(key="train_epochs").set_value(5).run()
    app.button(key="start").click().run()
    assert not app.exception
    assert TrainConfig.from_json(settings_of(app)) == replace(
        standard_for(small_project), architecture="squeezenet1_1", pretrained=False, size_px=64, epochs=5
    )


def test_what_was_chosen_stands_in_the_address_and_a_reload_finds_it_there(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open", preset="standard")
    app.number_input(key="train_size_px").set_value(96).run()
    assert app.query_params["size_px"] == "96"
    app.number_input(key="train_size_px").set_value(standard_for(small_project).size_px).run()  # as it began
    assert "size_px" not in app.query_params
    reloaded = open_page("train", project=small_project.id, settings="open", size_px=128, group="rate", lr_low="1e-06")
    assert reloaded.number_input(key="train_lr_low").value == 1e-6
    reloaded.button(key="start").click().run()
    assert (settings_of(reloaded)["size_px"], settings_of(reloaded)["lr_low"]) == (128, 1e-6)


def test_an_address_with_settings_that_cannot_be_is_not_believed(open_page, small_project):
    for nonsense in ({"size_px": "large"}, {"size_px": 99999}, {"epochs": "true"}, {"mix": "stirred"}):
        app = open_page("train", project=small_project.id, settings="open", **nonsense)
        assert app.number_input(key="train_size_px").value == standard_for(small_project).size_px
        assert "cannot be used" in app.toast[0].value


def test_another_project_begins_with_its_own_settings(open_page, small_project, make_project, add_run):
    other = make_project([(name, part) for name in "ab" for part in ("train", "train", "valid")], name="other", seed=1)
    add_run(other.id, [(0.9, 0.1)] * 6, TrainConfig("resnet34", size_px=96).to_json())
    app = open_page("train", project=small_project.id, settings="open")
    app.number_input(key="train_size_px").set_value(64).run()
    del app.query_params["size_px"]
    app.query_params["project"] = str(other.id)
    app.run()
    assert app.number_input(key="train_size_px").value == 96
    assert app.selectbox(key="train_architecture").value == "resnet34"


def test_a_size_that_the_network_cannot_take_is_said_and_nothing_can_be_started(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open")
    app.selectbox(key="train_architecture").select("alexnet").run()
    app.number_input(key="train_size_px").set_value(32).run()
    assert "needs pictures of at least 64 px" in page_text(app)
    assert "start" not in keys(app)


def test_settings_that_exclude_each_other_follow_the_last_choice(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open", group="evaluation", augment="standard")
    app.toggle(key="train_tta").set_value(True).run()
    app.query_params["group"] = "data"
    app.run().selectbox(key="train_augment").select("none").run()
    assert "start" in keys(app)  # test-time augmentation went with the augmentation
    app.button(key="start").click().run()
    assert settings_of(app)["tta"] is False


def test_missing_weights_are_said_in_plain_words_before_anything_starts(
    open_page, small_project, monkeypatch, tmp_path
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no-torch-cache"))
    app = open_page("train", project=small_project.id, settings="open")
    assert "not on this machine" in page_text(app)
    assert "train from scratch" in page_text(app)


def test_quick_look_comes_first_until_there_is_a_run(open_page, small_project, add_run):
    app = open_page("train", project=small_project.id)
    assert "Recommended" in page_text(app)
    assert {"start_quick_look", "start_standard", "start_thorough"} <= keys(app)
    assert "again" not in keys(app)
    app.button(key="start_standard").click().run()
    assert TrainConfig.from_json(settings_of(app)) == standard_for(small_project)
    add_run(small_project.id, [(0.9, 0.1)] * len(small_project.image_ids), standard_for(small_project).to_json())
    app = open_page("train", project=small_project.id)
    assert "again" in keys(app)
    assert "About 1 min 1 s, going by Run 1" in page_text(app)


def test_retraining_starts_from_the_last_runs_settings(open_page, small_project, add_run):
    used = TrainConfig("resnet34", pretrained=False, size_px=96, epochs=7, learning_rate=0.01, seed=3)
    add_run(small_project.id, [(0.9, 0.1)] * len(small_project.image_ids), used.to_json())
    app = open_page("train", project=small_project.id)
    assert app.button(key="again").label == "Train again"
    app.button(key="again").click().run()
    assert TrainConfig.from_json(settings_of(app)) == used


def test_any_runs_settings_can_be_copied_by_button_and_by_address(open_page, small_project, add_run):
    every = [(0.9, 0.1)] * len(small_project.image_ids)
    first = add_run(small_project.id, every, TrainConfig("resnet34", size_px=96).to_json())
    add_run(small_project.id, every, TrainConfig("resnet50").to_json())
    app = open_page("train", project=small_project.id, run=first)
    app.button(key="copy_run").click().run()
    assert app.query_params["from"] == str(first)
    assert app.selectbox(key="train_architecture").value == "resnet34"
    app = open_page("train", project=small_project.id, settings="open", **{"from": first})
    assert app.number_input(key="train_size_px").value == 96
    app.button(key="repeat_run").click().run()  # of the newest run, which the page shows
    assert TrainConfig.from_json(settings_of(app)) == TrainConfig("resnet50")


def test_the_sample_begins_with_its_own_settings(open_page, small_project):
    projects.set_planted(small_project.id, {str(small_project.image_ids[0]): {"kind": "swapped", "label": "x"}})
    app = open_page("train", project=small_project.id)
    app.button(key="start_standard").click().run()
    assert TrainConfig.from_json(settings_of(app)) == SAMPLE


def test_a_running_training_shows_its_epochs_and_a_failed_one_its_sentence(open_page, small_project):
    job_id = rows.add_job("train", "Train resnet18", small_project.id, {"config": {}}, "ann")
    rows.start(job_id)
    progress = {"done": 5, "total": 9, "epoch": 2, "n_epochs": 3, "batch": 1, "n_batches": 3, "device": "CPU"}
    reported = {"learning_rate": 0.0012, "valid_loss": 0.8, "memory_mb": 1500.0, "memory_total_mb": 16000.0}
    rows.report(job_id, progress | reported)
    run_id = runs.create_run(small_project.id, {}, runs.training_set(small_project.id), job_id)
    measured = {"train_loss": 0.7, "valid_loss": 0.8, "accuracy": 0.5, "error_rate": 0.5, "seconds": 1.5}
    runs.add_epoch(run_id, {"epoch": 1, "phase": "frozen", **measured})
    app = open_page("train", project=small_project.id)
    shown = {metric.label: metric.value for metric in app.metric}
    assert (shown["Epoch"], shown["Batch"]) == ("2 of 3", "1 of 3")
    assert (shown["Learning rate"], shown["Valid loss"], shown["Memory"]) == ("1.2e-03", "0.800", "1.5 of 16 GB")
    table = app.dataframe[0].value
    assert table["Epoch"].tolist() == [1, 2]  # the tile's epoch is the table's last row
    assert table["Phase"].tolist() == ["frozen", "running"]
    assert table["Valid loss"].dropna().tolist() == [0.8]
    rows.fail(job_id, "The training process ended without a word (killed, or out of memory?).")
    app = open_page("train", project=small_project.id)
    assert "ended without a word" in page_text(app)
    assert runs.find_run(run_id).status == "failed"


def test_tiles_and_table_show_the_same_epoch_when_the_progress_is_behind():
    lines = [(1, 0.9, 0.8, 0.5), (2, 0.6, 0.7, 0.75)]
    epochs = pd.DataFrame(lines, columns=["epoch", "train_loss", "valid_loss", "accuracy"]).assign(phase="frozen")
    late = {
        "epoch": 2,
        "n_epochs": 3,
        "batch": 1,
        "n_batches": 3,
        "train_loss": 0.8,
        "valid_loss": 0.8,
        "accuracy": 0.5,
    }
    facts = progress.live_facts(late, epochs)
    assert (facts["epoch"], facts["batch"], facts["train_loss"]) == (2, 3, 0.6)
    assert (facts["valid_loss"], facts["accuracy"]) == (0.7, 0.75)  # of epoch 2, as in the table
    assert progress.live_epochs(facts, epochs)["epoch"].tolist() == [1, 2]
    facts = progress.live_facts(late | {"epoch": 3}, epochs)
    assert (facts["epoch"], facts["accuracy"]) == (3, 0.75)
    table = progress.live_epochs(facts, epochs)
    assert table["epoch"].tolist() == [1, 2, 3]
    assert table["phase"].tolist() == ["frozen", "frozen", "running"]
    assert table["accuracy"].isna().tolist() == [False, False, True]
    assert progress.live_epochs({}, pd.DataFrame()).empty


def test_every_column_of_the_epoch_table_is_stored_and_shown_under_its_heading(open_page, small_project):
    stored = {column.name for column in EpochMetric.__table__.columns} - {"run_id"}
    assert stored == set(COLUMNS)
    assert {column.heading for column in COLUMNS.values()} >= {"Train loss", "Valid loss", "Accuracy", "Time"}
    job_id = rows.add_job("train", "Train resnet18", small_project.id, {"config": {}}, "ann")
    rows.start(job_id)
    run_id = runs.create_run(small_project.id, {}, runs.training_set(small_project.id), job_id)
    figures = dict.fromkeys(COLUMNS, 0.5) | {"epoch": 1, "phase": "frozen"}
    runs.add_epoch(run_id, figures)
    shown = open_page("train", project=small_project.id).dataframe[0].value
    assert list(shown.columns) == [column.heading for column in COLUMNS.values()]


def test_overfitting_is_pointed_out_while_it_trains(open_page, small_project):
    job_id = rows.add_job("train", "Train resnet18", small_project.id, {"config": {}}, "ann")
    rows.start(job_id)
    run_id = runs.create_run(small_project.id, {}, runs.training_set(small_project.id), job_id)
    for epoch, (train, valid) in enumerate([(0.9, 0.8), (0.5, 0.6), (0.3, 0.61), (0.2, 0.7)], start=1):
        measured = {"train_loss": train, "valid_loss": valid, "accuracy": 0.5, "error_rate": 0.5, "seconds": 1.5}
        runs.add_epoch(run_id, {"epoch": epoch, "phase": "unfrozen", **measured})
    app = open_page("train", project=small_project.id)
    assert "Valid loss has risen since epoch 2 (0.600 → 0.700)" in page_text(app)


def test_settings_are_shown_as_fastai_code(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open", preset="standard", size_px=96)
    app.session_state["form_code"] = True
    app.run()
    assert not app.exception
    assert "item_tfms=Resize(96" in app.code[0].value
    assert "vocab=['cats', 'dogs']" in app.code[0].value


def test_a_run_tells_what_happened_on_the_way_and_where_its_time_went(open_page, small_project):
    chosen = runs.training_set(small_project.id)
    run_id = runs.create_run(small_project.id, TrainConfig().to_json(), chosen, None)
    facts = {
        "notes": ["The batch of 64 did not fit; trained with 32."],
        "seconds": {"importing": 9.6, "unfrozen": 70.0},
    }
    probabilities = np.full((8, 2), 0.5, np.float32)
    runs.finish_run(run_id, chosen, np.full(8, 0.69), probabilities, {"seconds": 80.0, "facts": facts})
    app = open_page("train", project=small_project.id)
    assert "The batch of 64 did not fit\\; trained with 32\\." in page_text(app)
    assert "unfrozen 1 min 10 s\\, importing 10 s" in page_text(app)
