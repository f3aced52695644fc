"""The learning-rate finder, the rates of the layer groups, and the preview of the augmentation on the Train page."""

from typing import Any

import pytest

from curate import jobs
from curate.catalog import jobs as rows
from curate.catalog import projects
from curate.training.settings.presets import STANDARD, for_pictures
from curate.ui.charts import learning_rate

FOUND: dict[str, Any] = {
    "rates": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
    "losses": [2.0, 1.8, 1.0, 0.9, 5.0],
    "suggestions": {"valley": 0.00123, "steep": 0.0002, "minimum": 0.004, "slide": None},
}


@pytest.fixture
def finished_search(small_project) -> int:
    """A finished search over the project's usual settings."""
    config = for_pictures(STANDARD, projects.find_project(small_project.id).n_train)
    job_id = rows.add_job("find_rate", "Find", small_project.id, {"config": config.to_json()}, "ann")
    rows.start(job_id)
    rows.finish(job_id, FOUND)
    return job_id


def captions(app) -> str:
    return "\n".join(caption.value for caption in app.caption)


def test_the_finder_is_started_with_the_forms_settings(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open", group="rate", batch_size=32)
    app.button(key="find_rate").click().run()
    assert not app.exception
    job = jobs.list_jobs(statuses=("queued",))[0]
    assert (job.kind, job.args["config"]["batch_size"]) == ("find_rate", 32)


def test_a_suggestion_is_taken_to_two_digits(open_page, small_project, finished_search):
    app = open_page("train", project=small_project.id, settings="open", group="rate")
    assert "with these settings" in captions(app)
    assert {"take_valley", "take_steep", "take_minimum"} == {b.key for b in app.button if b.key.startswith("take_")}
    app.button(key="take_valley").click().run()
    assert app.number_input(key="train_learning_rate").value == 0.0012
    assert app.query_params["learning_rate"] == "0.0012"


def test_a_curve_of_other_settings_says_so(open_page, small_project, finished_search):
    app = open_page("train", project=small_project.id, settings="open", group="rate", batch_size=32)
    assert "other settings" in captions(app)
    assert "Batch size\\: 8\\, now 32" in captions(app)


def test_a_search_that_failed_says_why(open_page, small_project):
    job_id = rows.add_job("find_rate", "Find", small_project.id, {"config": STANDARD.to_json()}, "ann")
    rows.start(job_id)
    rows.fail(job_id, "The loss was not a number from the first batch on.")
    app = open_page("train", project=small_project.id, settings="open", group="rate")
    assert "not a number from the first batch" in app.error[0].value


def test_every_layer_group_has_its_rate(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open", group="rate", learning_rate=0.002, epochs=3)
    table = next(frame.value for frame in app.dataframe if "Layer group" in frame.value)
    # fine_tune: 2e-3 while only the head learns, then half of it, the first group at a hundredth of that
    assert table["Frozen epochs"].tolist() == ["frozen", "frozen", "2.0e-03"]
    assert table["Unfrozen epochs"].tolist() == ["1.0e-05", "1.0e-04", "1.0e-03"]


def test_the_curve_stops_where_the_loss_explodes_and_a_click_gives_its_rate():
    drawn = learning_rate.finder_curve(FOUND["rates"], FOUND["losses"], {"valley": 0.001}, 0.002)
    low, high = drawn.layout.yaxis.range
    assert low < 0.9 and 3.0 < high < 5.0  # one and a half times the first loss, and a little room
    assert drawn.data[1].y == (1.0,)  # the mark lies on the curve
    assert learning_rate.read_rate({"selection": {"points": [{"x": 0.0012345}]}}) == 0.0012
    assert learning_rate.read_rate({"selection": {"points": []}}) is None


def test_without_augmentation_there_is_nothing_to_preview(open_page, small_project):
    app = open_page("train", project=small_project.id, settings="open", group="data")
    assert "every epoch sees the same picture" in captions(app)
    app.selectbox(key="train_augment").select("standard").run()
    assert "preview" in {button.key for button in app.button}


def test_a_picture_that_is_not_there_is_said(open_page, small_project):
    app = open_page(
        "train", project=small_project.id, settings="open", group="data", augment="standard", picture=999_999
    )
    assert "no image 999999" in app.error[0].value
