"""The Predict page: one picture large, many as cards and table, two runs, and adding to the project."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from curate import store
from curate.catalog import images, projects
from curate.catalog import jobs as job_rows
from curate.jobs.runtime.job_process import run_job
from curate.ui.predict import results

EIGHT = [(0.5, 0.5)] * 8


def texts(app: Any) -> str:
    """Everything written on the page."""
    kinds = (app.markdown, app.caption, app.warning, app.info, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def cards(app: Any, key: str) -> list[dict[str, Any]]:
    strips = [strip.proto for strip in app.get("bidi_component") if strip.proto.component_name == "curate_cards"]
    return next((json.loads(strip.json)["cards"] for strip in strips if strip.id.endswith(key)), [])


def test_one_picture_is_shown_large_with_its_bars_and_the_known_pictures_most_like_it(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    upload({"new.png": picture(100)})
    app = open_page("predict", project=small_project.id)
    names = [label.name for label in projects.labels(small_project.id)]
    assert f"### {names[0]} · 75 %" in texts(app)
    assert "Unfamiliar" not in texts(app)
    near = cards(app, "predict_nearest")
    assert [card["lines"] for card in near] == [["Similarity 0.90"], ["Similarity 0.25"]]
    assert near[0]["labels"][0]["name"] in names
    assert "forgotten" in texts(app)


def test_an_unfamiliar_picture_is_said_to_be_so_beside_its_label(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    upload({"odd.png": picture(100)})
    app = open_page("predict", project=small_project.id)
    assert any(element.value.startswith("**Unfamiliar.**") for element in app.warning)
    assert "none of" not in texts(app).lower()


def test_a_run_without_a_model_says_so_in_place(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    upload({"a.png": picture(100)})
    app = open_page("predict", project=small_project.id)
    assert any(element.value.startswith("This run has no model") for element in app.error)


def test_a_project_without_a_finished_run_leads_to_one(open_page: Callable[..., Any], small_project: Any) -> None:
    app = open_page("predict", project=small_project.id)
    assert any("No run has finished yet" in element.value for element in app.info)


def test_a_file_that_is_no_picture_is_named_with_its_reason_and_the_rest_is_answered(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    upload({"a.png": picture(100), "c.txt": b"no", "b.png": picture(101)})
    app = open_page("predict", project=small_project.id)
    assert "**3 pictures**" in texts(app)
    assert "1 file could not be read; the rest is answered." in texts(app) and "c\\.txt: Not a picture" in texts(app)
    assert [card["lines"][0] for card in cards(app, "predict_cards")] == ["a.png", "b.png"]
    app.segmented_control(key="predict_view").set_value("charts").run()
    summary = next(table.value for table in app.dataframe if "Predicted label" in table.value)
    assert summary["Pictures"].tolist() == [2]
    app.button(key="predict_remove_all").click().run()
    assert not app.exception
    assert "answers as soon as there is a picture" in texts(app)


def test_the_pictures_of_a_zip_are_answered_whatever_folders_they_lie_in(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("deep/er/2.png", picture(100))
        archive.writestr("10.png", picture(101))
        archive.writestr("__MACOSX/._10.png", b"")
    upload({"all.zip": file.getvalue()}, "zip")
    app = open_page("predict", project=small_project.id)
    assert [card["caption"].partition(":")[0] for card in cards(app, "predict_cards")] == ["10.png", "deep/er/2.png"]


def test_the_table_is_filtered_and_ordered_by_how_sure_the_run_is(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    answering |= {"a.png": (0.9, 0.1), "b.png": (0.4, 0.6), "odd.png": (0.2, 0.8)}
    upload({name: picture(100 + i) for i, name in enumerate(answering)})
    app = open_page("predict", project=small_project.id)
    app.segmented_control(key="predict_view").set_value("table").run()
    app.selectbox(key="predict_order_False").set_value("unsure").run()
    shown = next(table.value for table in app.dataframe if "Picture" in table.value)
    assert shown["File"].tolist() == ["b.png", "odd.png", "a.png"]
    assert shown["Familiarity"].tolist() == ["", "unfamiliar", ""]
    assert shown["Picture"].str.fullmatch(r"/trays/[0-9a-f]{32}/\d/thumb").all()
    app.slider(key="predict_range").set_value((70, 100)).run()
    shown = next(table.value for table in app.dataframe if "Picture" in table.value)
    assert shown["File"].tolist() == ["odd.png", "a.png"]


def test_two_runs_stand_side_by_side_and_what_they_disagree_on_comes_first(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first, second = add_run(small_project.id, EIGHT), add_run(small_project.id, EIGHT)
    from curate.prediction import client

    one = client.predict

    def predict(folder: Any, files: Any) -> Any:
        is_other = folder == store.run_folder(second)
        answering["b.png"] = (0.1, 0.9) if is_other else (0.8, 0.2)
        return one(folder, files)

    monkeypatch.setattr(client, "predict", predict)
    upload({"a.png": picture(100), "b.png": picture(101)})
    app = open_page("predict", project=small_project.id, run=first, beside=second)
    assert [card["caption"].partition(":")[0] for card in cards(app, "predict_cards")] == ["b.png", "a.png"]
    assert len(cards(app, "predict_cards")[0]["labels"]) == 2
    app.segmented_control(key="predict_view").set_value("table").run()
    shown = next(table.value for table in app.dataframe if "Picture" in table.value)
    assert shown["They"].tolist() == ["disagree", "agree"]


def test_pictures_are_added_under_their_predicted_label_and_known_ones_are_said(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    labels = [label.name for label in projects.labels(small_project.id)]
    row = images.image_rows([1])[0]
    answering["b.png"] = (0.25, 0.75)
    upload({"a.png": picture(100), "b.png": picture(101), "again.png": store.blob_path(row.sha).read_bytes()})
    app = open_page("predict", project=small_project.id)
    assert "1 picture is in the project already, and left out." in texts(app)
    app.button(key="predict_add").click().run()
    job = next(row for row in job_rows.list_jobs(small_project.id) if row.kind == "import")
    assert job.title == "Add 2 pictures from Predict"
    run_job(job.id)
    assert job_rows.find_job(job.id).result["n_added"] == 2
    added = images.image_rows([9, 10])
    assert sorted((each.file_name, _label(small_project.id, each.label_id)) for each in added) == [
        ("a.png", labels[0]),
        ("b.png", labels[1]),
    ]
    origin = next(each for each in added if each.file_name == "b.png").provenance
    assert origin["source"] == "predict" and origin["name"] == "Predict, Run 1, added by Someone"
    assert origin["original_path"] == "b.png" and origin["predicted label"] == labels[1]
    app.run()
    assert "3 pictures are in the project already, and left out." in texts(app)


def test_pictures_are_added_under_a_chosen_label(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    labels = [label.name for label in projects.labels(small_project.id)]
    upload({"new.png": picture(100)})
    app = open_page("predict", project=small_project.id)
    app.selectbox(key="predict_add_label").set_value(labels[1]).run()
    app.button(key="predict_add").click().run()
    job = next(row for row in job_rows.list_jobs(small_project.id) if row.kind == "import")
    run_job(job.id)
    (added,) = images.image_rows([9])
    assert _label(small_project.id, added.label_id) == labels[1]
    assert added.provenance["predicted label"] == labels[0]


def test_pictures_are_added_without_a_label(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any, upload: Any, picture: Any
) -> None:
    add_run(small_project.id, EIGHT)
    upload({"new.png": picture(100)})
    app = open_page("predict", project=small_project.id)
    app.selectbox(key="predict_add_label").set_value(":none").run()
    app.button(key="predict_add").click().run()
    run_job(next(row for row in job_rows.list_jobs(small_project.id) if row.kind == "import").id)
    (added,) = images.image_rows([9])
    assert (added.state, added.split) == ("inbox", "") and projects.find_project(small_project.id).n_unlabelled == 1


def test_an_address_links_to_the_answer_for_a_picture_of_the_project(
    open_page: Callable[..., Any], small_project: Any, add_run: Any, answering: Any
) -> None:
    add_run(small_project.id, EIGHT)
    row = images.image_rows([3])[0]
    app = open_page("predict", project=small_project.id, image=3)
    label = _label(small_project.id, row.label_id)
    assert f"In the project as **{label}**" in texts(app) and "link to this answer" in texts(app)
    app = open_page("predict", project=small_project.id, image=999)
    assert any("999" in element.value for element in app.error)


def test_the_downloads_hold_the_same_table(answering: Any) -> None:
    from curate.prediction import client
    from curate.ui.predict.downloads import _as_parquet

    answers = dict(enumerate(client.predict(None, [("a.png", b""), ("=b.png", b"")])))
    every = results.collect(["cat", "dog"], answers)
    read = pd.read_parquet(io.BytesIO(_as_parquet(every)))
    assert read.equals(results.tabulate(every))
    assert read["cat"].dtype == np.float32


def _label(project_id: int, label_id: int) -> str:
    return next(label.name for label in projects.labels(project_id) if label.id == label_id)
