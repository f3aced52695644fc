"""Every page through the app's entry, empty and full; what the frame, the overview, gathering and history do."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from curate import store
from curate.catalog import database, images, projects, runs, versions
from curate.catalog import jobs as rows
from curate.catalog.tables.core import Job
from curate.gather.importing import ImportResult
from curate.review.deciding import decisions
from curate.review.deciding.apply import apply, n_binned, restore
from curate.ui.shell import navigation
from curate.ui.shell.next_step import find_step
from tests import factories

ROOT = Path(__file__).parents[2]
HOSTILE = "<b>x</b> **y** [z](http://w) :red[q] $m$ `c`"


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """`open_page("gather", project=1)`: the app on that page, without an exception."""

    return factories.open_page


def ran(app: AppTest) -> AppTest:
    """The app after a run in which nothing raised."""
    app.run()
    assert [error.value for error in app.exception] == []
    return app


def click(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return ran(app)


def page_text(app: AppTest) -> str:
    """Every text on the page, as it was handed to Streamlit."""
    elements = [*app.title, *app.markdown, *app.caption, *app.html, *app.error, *app.info, *app.success, *app.subheader]
    return "\n".join(str(element.value) for element in elements)


def add_run(project_id: int, accuracy: float = 0.5, job_id: int | None = None) -> int:
    """A finished run over the project's present images that gets the first images right and the others wrong."""
    chosen = runs.training_set(project_id)
    n, n_labels = len(chosen.image_ids), len(chosen.label_ids)
    guesses = np.where(np.arange(n) < accuracy * n, chosen.labels, (chosen.labels + 1) % n_labels)
    probabilities = np.full((n, n_labels), 0.1, np.float32)
    probabilities[np.arange(n), guesses] = 0.9
    config = {"architecture": "resnet18", "size_px": 32, "epochs": 2, "pretrained": False}
    measured = {"train_loss": 0.7, "valid_loss": 0.8, "accuracy": 0.5, "error_rate": 0.5, "seconds": 1.5}
    epoch = {"epoch": 0, "phase": "all", **measured}
    return factories.add_run(project_id, probabilities, config, epoch, seconds=70.2, job_id=job_id)


def decide(project: Any, action: str, *numbers: int, label: str | None = None) -> None:
    """Ada decides on the images of these numbers (from 0)."""
    label_id = project.label_ids[label] if label else None
    ids = tuple(project.image_ids[number] for number in numbers)
    client = f"test-{action}-{'-'.join(map(str, numbers))}"
    decisions.decide(project.id, "Ada", [decisions.Op(1, ids, action, label_id)], client)


@pytest.mark.parametrize("name", navigation.PLACES)
def test_every_page_opens_without_any_project_and_leads_somewhere(open_page: Callable[..., AppTest], name: str) -> None:
    app = open_page(name)
    assert app.title
    assert app.button


@pytest.mark.parametrize("name", navigation.PLACES)
def test_every_page_opens_on_a_project_without_pictures(open_page: Callable[..., AppTest], name: str) -> None:
    assert open_page(name, project=projects.create_project("empty")).title


@pytest.mark.parametrize("name", navigation.PLACES)
def test_every_page_opens_on_a_trained_project_with_decisions(
    open_page: Callable[..., AppTest], small_project: Any, name: str
) -> None:
    add_run(small_project.id)
    decide(small_project, "delete", 0)
    apply(small_project.id, "Ada")
    add_run(small_project.id, 1.0)
    decide(small_project, "keep", 1)
    assert open_page(name, project=small_project.id).title


@pytest.mark.parametrize("name", navigation.PLACES)
def test_every_page_opens_on_a_project_whose_every_text_is_hostile(
    open_page: Callable[..., AppTest], make_project: Callable[..., Any], name: str
) -> None:
    labels = [HOSTILE, "x" * 300]
    project = make_project([(label, split) for label in labels for split in ("train", "train", "valid")], HOSTILE)
    add_run(project.id)
    decisions.decide(project.id, HOSTILE, [decisions.Op(1, (project.image_ids[0],), "delete")], "hostile-1")
    apply(project.id, HOSTILE, HOSTILE)
    app = open_page(name, project=project.id)
    assert "<b>x" not in page_text(app)
    assert "**y**" not in "\n".join(str(element.value) for element in [*app.title, *app.markdown, *app.caption])


@pytest.mark.parametrize("name", [name for name in navigation.PLACES if name not in ("overview", "gather")])
def test_a_link_to_a_project_that_is_gone_says_so(open_page: Callable[..., AppTest], name: str) -> None:
    projects.create_project("another")
    app = open_page(name, project=99)
    assert app.info[0].value == "The address names a project that is not here (any more)."


def test_without_a_number_in_the_address_the_newest_project_is_chosen(open_page: Callable[..., AppTest]) -> None:
    projects.create_project("older")
    projects.create_project("newer")
    assert open_page().title[0].value == "newer"


def test_the_chooser_opens_another_project_and_drops_the_filters_of_the_first(
    open_page: Callable[..., AppTest],
) -> None:
    first, second = projects.create_project("first"), projects.create_project("second")
    app = open_page("history", project=first, before="2026-01-01T00:00:00+00:00~")
    app.selectbox(key="project_chooser").set_value(second)
    ran(app)
    assert app.query_params == {"project": "second"}


def test_the_overview_of_nothing_offers_the_sample_once(open_page: Callable[..., AppTest]) -> None:
    app = click(open_page(), "sample")
    assert [(job.kind, job.project_id, job.submitted_by) for job in rows.list_jobs()] == [("sample", None, "Someone")]
    assert app.button(key="sample").disabled


def test_the_overview_tells_the_numbers_of_the_project(open_page: Callable[..., AppTest], small_project: Any) -> None:
    add_run(small_project.id, accuracy=1.0)
    decide(small_project, "delete", 0, 1)
    numbers = {metric.label: (metric.value, metric.delta) for metric in open_page().metric}
    assert numbers["Images"] == ("8", "6 train · 2 valid")
    assert numbers["Labels"] == ("2", "in use")
    assert numbers["Accuracy"] == ("100 %", "Run 1, just now")
    assert numbers["Decisions waiting"] == ("2", "2 delete")


def test_a_project_of_one_label_is_led_to_a_second_one(make_project: Any) -> None:
    made = make_project([("cats", "train"), ("cats", "train"), ("cats", "valid")])
    assert find_step(projects.find_project(made.id)).label == "Add a second label"


def test_the_next_step_goes_round_the_loop(small_project: Any) -> None:
    def label() -> str:
        return find_step(projects.find_project(small_project.id)).label

    assert label() == "Train a first model"
    add_run(small_project.id)
    assert label() == "Review what Run 1 found hard"
    decide(small_project, "keep", 0)
    assert label() == "1 decision waiting → Apply"
    apply(small_project.id, "Ada")
    assert label() == "Retrain on version 2"
    job_id = rows.add_job("train", "Train", small_project.id, {}, "Ada")
    assert label() == "Watch it learn"
    rows.fail(job_id, "no")
    add_run(small_project.id)
    assert label() == "See what the cleaning was worth: Run 1 and Run 2"


def test_a_project_without_pictures_leads_to_gathering() -> None:
    assert find_step(projects.find_project(projects.create_project("empty"))).place == "gather"


def looked_at(app: AppTest, path: object) -> AppTest:
    """The Gather page after a look at a folder of the server."""
    app.segmented_control(key="from").set_value("folder").run()
    app.text_input(key="folder").set_value(str(path))
    return click(app, "look_at_folder")


def test_a_folder_is_looked_at_and_then_makes_the_project_and_a_job(
    open_page: Callable[..., AppTest], tmp_path: Path, pictures: Callable[..., Any]
) -> None:
    tmp_path = tmp_path / "set"
    pictures(tmp_path / "train", {"cat": 3, "kitty": 1})
    pictures(tmp_path / "test", {"cat": 2}, seed=9)
    pictures(tmp_path, {"test1": 2}, seed=20)
    app = open_page("gather")
    app.text_input(key="new_name").set_value("pets")
    app.number_input(key="valid_pct").set_value(35)
    app.number_input(key="split_seed").set_value(7)
    app = looked_at(app, tmp_path)
    assert projects.list_projects() == []
    assert "6 pictures in 2 labels, 2 held out" in page_text(app).replace("\\", "")
    [outside] = [table.value for table in app.dataframe if "Why" in table.value.columns]
    assert outside.to_numpy().tolist() == [
        [2, "“test1” is named as a split and has no label folders in it.", "test1/0.png"]
    ]
    assert app.button(key="import_plan").label == "Import 6 pictures"
    app = click(app, "import_plan")
    project = projects.find_project("pets")
    assert (project.valid_pct, project.split_seed) == (35.0, 7)
    [job] = rows.list_jobs()
    assert (job.kind, job.project_id, job.args) == ("import", project.id, {"folder": str(tmp_path)})
    assert app.query_params["project"] == "pets"


def test_a_stated_layout_goes_into_the_job(
    open_page: Callable[..., AppTest], tmp_path: Path, pictures: Callable[..., Any]
) -> None:
    tmp_path = tmp_path / "set"
    pictures(tmp_path, {"train": 3, "test": 2})
    app = looked_at(open_page("gather"), tmp_path)
    assert "No folders of labels: 5 pictures without a label" in page_text(app).replace("\\", "")
    app.selectbox(key=f"layout_{tmp_path}").set_value("label")
    click(ran(app), "import_plan")
    assert rows.list_jobs()[0].args == {"folder": str(tmp_path), "layout": "label"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "No folder is named"), ("/no/such/*dir*", r"There is no folder \/no\/such\/\*dir\* on the server")],
)
def test_a_path_where_nothing_lies_is_refused_in_place(
    open_page: Callable[..., AppTest], typed: str, sentence: str
) -> None:
    app = looked_at(open_page("gather"), typed)
    assert sentence in app.error[0].value.replace(r"\.", "")
    assert rows.list_jobs() == []
    assert projects.list_projects() == []


def test_the_start_page_leads_to_the_source_that_each_card_names(open_page: Callable[..., AppTest]) -> None:
    for key, source in (("import", "folder"), ("search_web", "search")):
        app = click(open_page("overview"), key)
        assert app.segmented_control(key="from").value == source


def test_refused_files_are_listed_with_their_reasons(open_page: Callable[..., AppTest], small_project: Any) -> None:
    job_id = rows.add_job("import", "Import pets", small_project.id, {}, "Ada")
    rows.start(job_id)
    refused = [["cats/a.jpg", "The file ends too early."]]
    rows.finish(job_id, {"n_found": 9, "n_added": 7, "n_known": 1, "refused": refused, "leaks": [], "seconds": 2.0})
    app = open_page("gather", project=small_project.id)
    assert r"7 pictures added\, 1 known already\, 1 refused\." in page_text(app)
    assert refused in [table.value.to_numpy().tolist() for table in app.dataframe]


def test_counts_are_of_all_refused_files(open_page: Callable[..., AppTest], small_project: Any) -> None:
    job_id = rows.add_job("import", "Import pets", small_project.id, {}, "Ada")
    rows.start(job_id)
    result = ImportResult(n_found=1202, n_added=2, refused=[(f"cats/{i}.txt", "No picture.") for i in range(1200)])
    rows.finish(job_id, result.to_json())
    text = page_text(open_page("gather", project=small_project.id)).replace("\\", "")
    assert "1,200 files could not be taken in. The first 500:" in text
    assert "2 pictures added, 1,200 refused." in text


def test_the_same_picture_under_two_labels_is_shown_and_decided(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    twin = images.NewImage(small_project.shas[0], "dogs", "twin.png", "train")
    images.add_images(small_project.id, [twin], "Ada", "again", [])
    overview = open_page("overview", project=small_project.id)
    assert "**1 picture** is filed under two labels at once" in page_text(overview)
    app = open_page("gather", project=small_project.id)
    first, cats = small_project.image_ids[0], small_project.label_ids["cats"]
    app = click(app, f"is_{first}_{cats}")
    waiting = decisions.waiting(small_project.id)
    assert (waiting.n_keep, waiting.n_delete, waiting.by_reviewer) == (1, 1, {"Someone": 2})
    app = click(app, f"undo_{first}")
    assert decisions.waiting(small_project.id).total == 0


def test_what_runs_is_on_every_page_and_can_be_cancelled(open_page: Callable[..., AppTest], small_project: Any) -> None:
    job_id = rows.add_job("import", HOSTILE, small_project.id, {}, "Ada")
    rows.start(job_id)
    rows.report(job_id, {"done": 30, "total": 40, "message": "Reading", "seconds_left": 130})
    app = open_page("history", project=small_project.id)
    assert (app.progress[0].value, app.progress[0].text) == (75, "Reading")
    assert "30 of 40 · 2 min 10 s left" in page_text(app)
    app = click(app, f"side_cancel_{job_id}")
    assert rows.find_job(job_id).cancel == "discard"
    assert "Stopping …" in page_text(app)


def test_a_job_that_failed_says_why_shows_its_log_and_runs_again(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    job_id = rows.add_job("import", "Import pets", small_project.id, {"folder": "/x"}, "Ada")
    rows.start(job_id)
    (store.job_folder(job_id) / "log.txt").write_text("one\n</code><b>two</b>")
    rows.fail(job_id, "The import process ended without a word (killed, or out of memory?).")
    app = open_page("history", project=small_project.id)
    assert "ended without a word" in app.error[0].value
    assert app.code[0].value == "one\n</code><b>two</b>"
    assert "Project pets" in [caption.value for caption in app.sidebar.caption]
    app = click(app, f"side_retry_{job_id}")
    again = rows.list_jobs()[0]
    assert (again.id, again.status, again.args) == (job_id + 1, "queued", {"folder": "/x"})
    assert not app.error


def test_news_that_was_put_away_does_not_come_back(open_page: Callable[..., AppTest], small_project: Any) -> None:
    job_id = rows.add_job("import", "Import pets", small_project.id, {}, "Ada")
    rows.fail(job_id, "no")
    app = click(open_page("history", project=small_project.id), f"put_away_{job_id}")
    assert not app.error
    assert any(f"curate_seen_jobs={job_id}" in element.value for element in app.html)


def test_a_failure_of_last_week_is_no_news(open_page: Callable[..., AppTest], small_project: Any) -> None:
    job_id = rows.add_job("import", "Import pets", small_project.id, {}, "Ada")
    rows.fail(job_id, "no")
    with database.writing() as session:
        job = session.get_one(Job, job_id)
        job.finished_at = job.created_at - timedelta(days=7)
    assert not open_page("history", project=small_project.id).error


def test_the_typed_name_stands_beside_what_one_does_and_is_kept_by_the_browser(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    decide(small_project, "delete", 0)
    apply(small_project.id, "Ada")
    app = open_page("history", project=small_project.id)
    app.text_input(key="reviewer_name").set_value('Zoë "</script>')
    app = ran(app)
    [script] = [element.value for element in app.html if "document.cookie" in element.value]
    assert json.dumps("curate_reviewer=Zo%C3%AB%20%22%3C%2Fscript%3E") in script
    app.session_state["restore_1_from_2"] = True
    app = click(ran(app), "do_restore_1_from_2")
    assert versions.list_versions(small_project.id)[0].author == 'Zoë "</script>'


def test_restoring_says_before_and_after_what_it_does(open_page: Callable[..., AppTest], small_project: Any) -> None:
    decide(small_project, "delete", 0, 1)
    decide(small_project, "relabel", 2, label="dogs")
    apply(small_project.id, "Ada")
    app = open_page("history", project=small_project.id)
    app.session_state["restore_1_from_2"] = True
    app = ran(app)
    preview = "2 images come back from the bin, 1 image gets its label of version 1."
    assert preview in page_text(app)
    app = click(app, "do_restore_1_from_2")
    assert app.success[0].value.replace("\\", "") == f"Version 1 is restored, as version 3: {preview}"
    assert projects.find_project(small_project.id).n_images == 8


def test_going_forward_to_a_newer_version_does_not_speak_of_old_labels(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    decide(small_project, "relabel", 2, label="dogs")
    apply(small_project.id, "Ada")
    restore(small_project.id, 1, "Ada")
    app = open_page("history", project=small_project.id)
    app.session_state["restore_2_from_3"] = True
    app = ran(app)
    assert "1 image gets its label of version 2." in page_text(app)


def test_only_emptying_the_bin_erases_and_it_says_how_many(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    decide(small_project, "delete", 0, 1)
    apply(small_project.id, "Ada")
    app = open_page("history", project=small_project.id)
    assert n_binned(small_project.id) == 2
    app.session_state["bin_2"] = True
    app = ran(app)
    assert "erases **2 pictures** for good" in page_text(app)
    app = click(app, "empty_bin")
    assert app.success[0].value.startswith("2 pictures erased for good")
    assert n_binned(small_project.id) == 0


def test_history_tells_versions_runs_and_decisions_or_one_of_them(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    add_run(small_project.id)
    decide(small_project, "delete", 0)
    apply(small_project.id, "Ada", "Out with it")
    app = open_page("history", project=small_project.id)
    everything = page_text(app)
    assert all(text in everything for text in ("Out with it", "Imported by hand", "Run 1", "1 deleted"))
    app.segmented_control(key="show").set_value("Decisions")
    assert "Ada deleted" in page_text(ran(app))
    app.segmented_control(key="show").set_value("Runs")
    only_runs = page_text(ran(app))
    assert "Run 1" in only_runs
    assert "Out with it" not in only_runs
