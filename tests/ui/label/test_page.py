"""The Label page: pictures without a label, in the chosen order, with every label's key."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from curate.catalog import images, projects
from curate.catalog import jobs as job_rows
from curate.catalog.tables.core import UNLABELLED
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op
from curate.review.labelling import run_predictions, suggestions
from curate.review.labelling.suggestions import Facts, Suggestions
from tests import factories


def shown_grid(app: AppTest) -> dict[str, Any]:
    (grid,) = [one.proto for one in app.get("bidi_component") if one.proto.component_name == "curate_grid"]
    return dict(json.loads(grid.json))


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    return make_project([("cats", "train"), (UNLABELLED, ""), (UNLABELLED, ""), (UNLABELLED, "")])


def test_unlabelled_pictures_are_shown_newest_first_with_the_labels_keys(
    open_page: Callable[..., AppTest], project: Any
) -> None:
    grid = shown_grid(open_page("label", project=project.id, order="newest"))
    assert [item["image_id"] for item in grid["items"]] == project.image_ids[:0:-1]
    assert [(label["name"], label["key"], label["is_none"]) for label in grid["labels"]] == [
        ("cats", "1", False), ("No label", ".", True),
    ]  # fmt: skip
    assert (grid["n_decided"], grid["n_total"], grid["n_pages"]) == (0, 3, 1)


def test_decided_pictures_leave_the_list_and_count(open_page: Callable[..., AppTest], project: Any) -> None:
    op = Op(1, (project.image_ids[1],), "relabel", project.label_ids["cats"])
    decisions.decide(project.id, "Ada", [op], "client-1")
    app = open_page("label", project=project.id, order="oldest")
    grid = shown_grid(app)
    assert [item["image_id"] for item in grid["items"]] == project.image_ids[2:]
    assert (grid["n_decided"], grid["n_total"]) == (1, 3)
    assert any(button.label == "Apply 1 decision" for button in app.button)


def test_without_such_pictures_it_says_so(open_page: Callable[..., AppTest], small_project: Any) -> None:
    app = open_page("label", project=small_project.id)
    assert [info.value for info in app.info] == ["Every picture of the project has a label."]


def test_a_project_without_any_label_leads_here(
    open_page: Callable[..., AppTest], make_project: Callable[..., Any]
) -> None:
    project = make_project([(UNLABELLED, ""), (UNLABELLED, "")])
    app = open_page("overview", project=project.id)
    assert [button.label for button in app.button if button.key == "next_step"] == ["Label 2 pictures"]
    for page in ("train", "evaluate", "curate", "compare", "export", "history", "map", "duplicates", "predict", "team"):
        open_page(page, project=project.id)
    app = open_page("curate", project=project.id)
    assert [info.value for info in app.info] == ["pets has 2 pictures, none of them with a label."]
    assert images.find_image(project.id, "0.png").split == "" and projects.find_project(project.id).n_images == 0


def test_a_random_forty_is_shown_before_the_rest_can_be_accepted(
    open_page: Callable[..., AppTest], make_project: Callable[..., Any]
) -> None:
    project = make_project([("cats", "train"), ("dogs", "train"), *[(UNLABELLED, "")] * 50])
    ids, cats, nothing = np.array(project.image_ids[2:]), np.full(50, project.label_ids["cats"]), np.zeros(50)
    made = Suggestions(Facts(1, 0, 12, "p", 0.1), ids, cats, nothing + 0.995, nothing, np.arange(50), cats * 0, nothing)
    suggestions.write(project.id, made)
    app = open_page("label", project=project.id)
    assert app.button(key="draw_check").label == "Check a random 40"
    app = app.button(key="draw_check").click().run()
    sample = [item["image_id"] for item in shown_grid(app)["items"]]
    assert len(sample) == 40 and app.button(key="accept_rest").disabled
    decisions.decide(project.id, "Ada", [Op(1, tuple(sample), "relabel", int(cats[0]))], "client-1")
    app.run()
    assert len(shown_grid(app)["items"]) == 40
    assert app.button(key="accept_rest").label == "Accept the other 10"
    app = app.button(key="accept_rest").click().run()
    assert not app.exception and "10 pictures accepted" in app.success[0].value
    assert decisions.waiting(project.id).total == 50


def test_the_menu_counts_pictures_without_a_label(open_page: Callable[..., AppTest], project: Any) -> None:
    app = open_page("overview", project=project.id)
    links = [element.proto.label for element in app.get("page_link")]
    assert "Label :gray-badge[3]" in links


def test_it_says_how_far_the_labels_are(open_page: Callable[..., AppTest], project: Any) -> None:
    nothing, ids = np.zeros(3), np.array(project.image_ids[1:])
    facts = Facts(1, 0, 140, "p", 0.1, 100, 86, 10, 3)
    cats = np.full(3, project.label_ids["cats"])
    suggestions.write(
        project.id, Suggestions(facts, ids, cats, nothing + 0.7, nothing, np.arange(3), cats * 0, nothing)
    )
    [caption] = [each.value for each in open_page("label", project=project.id).caption if "Suggested" in each.value]
    assert caption == (
        "Suggested from 140 labelled pictures; anew after every 20 decisions. 3 pictures left. The model is 70 % sure "
        "of them on average. Of 100 confirmed pictures that it had not seen it is right on 86 % (78 % to 91 %). The "
        "last hundred labels brought +7.0 points (−0.5 to +14.2); the next hundred will hardly bring more."
    )


def test_why_nothing_is_suggested_is_said(open_page: Callable[..., AppTest], project: Any) -> None:
    job_id = job_rows.add_job("suggest", "Suggest labels", project.id, {"revision": 0}, "Ada")
    job_rows.start(job_id)
    job_rows.fail(job_id, "The weights of tf_efficientnet_lite0 are not on this machine.")
    app = open_page("label", project=project.id)
    assert any("The weights of" in error.value for error in app.error)
    assert len(shown_grid(app)["items"]) == 3
    assert [job.id for job in job_rows.list_jobs(project.id)] == [job_id]  # it is not begun again by itself


def test_the_page_suggests_what_a_run_predicts_when_asked_to(
    open_page: Callable[..., AppTest], make_project: Callable[..., Any]
) -> None:
    labelled = [(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")]
    project = make_project([*labelled, (UNLABELLED, ""), (UNLABELLED, "")])
    run_id = factories.add_run(project.id, np.full((6, 2), 0.5))
    dogs, cats = project.label_ids["dogs"], project.label_ids["cats"]
    ids, p = np.array(project.image_ids[6:]), np.array([0.6, 0.9], np.float32)
    run_predictions.write(run_id, run_predictions.RunPredictions(ids, np.array([dogs, cats]), p, p - (1 - p)))
    app = open_page("label", project=project.id, order="sure")
    assert [item["predicted"] for item in shown_grid(app)["items"]] == [None, None]
    app.selectbox(key="label_by").select(run_id).run()
    assert [(item["image_id"], item["predicted"], item["sure_text"]) for item in shown_grid(app)["items"]] == [
        (ids[1], cats, "90 %"), (ids[0], dogs, "60 %"),
    ]  # fmt: skip
    assert any("Run 1 has predicted 2 pictures" in caption.value for caption in app.caption)
