"""The map's page: what it offers before there is a map, while one is made, and when it is out of date."""

from collections.abc import Callable
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from curate import store
from curate.catalog import jobs as rows
from curate.catalog import maps
from curate.catalog.images import NewBlob, NewImage, add_blobs, add_images
from curate.catalog.maps import Map, MapFacts

Open = Callable[..., AppTest]


def make_map(project: Any) -> None:
    ids = np.array(project.image_ids, np.int64)
    facts = MapFacts(7, 1, "mobilenet_v2-160-squish", "2026-01-01T00:00:00+00:00", len(ids), int(ids[-1]))
    maps.write(project.id, Map(facts, ids, np.zeros((len(ids), 2))))


def test_before_there_is_one_it_is_made_by_one_button(open_page: Open, small_project: Any) -> None:
    app = open_page("map", project=small_project.id)
    assert app.info[0].value.startswith("On the map, pictures that look alike lie together")
    app.button(key="make_map").click().run()
    (job,) = rows.open_jobs()
    assert (job.kind, job.project_id, job.args) == ("map", small_project.id, {"afresh": True})
    assert [button.key for button in app.button if button.key == "make_map"] == []  # it is on its way


def test_a_map_says_what_it_shows_and_nothing_is_out_of_date(open_page: Open, small_project: Any) -> None:
    make_map(small_project)
    app = open_page("map", project=small_project.id)
    assert any(caption.value.startswith("8 pictures as mobilenet") for caption in app.caption)
    assert not app.warning


def test_pictures_that_came_in_since_make_it_out_of_date(open_page: Open, small_project: Any, picture: Any) -> None:
    make_map(small_project)
    sha = store.add_blob(picture(700))
    add_blobs([NewBlob(sha, 9, 8, 8, "PNG", bytes(32))])
    add_images(small_project.id, [NewImage(sha, "cats", "new.png", "train")], "Ada", "More", [])
    app = open_page("map", project=small_project.id)
    assert app.warning[0].value == "The map is out of date: 1 picture came in since it was made."
    app.button(key="make_map").click().run()
    assert rows.open_jobs()[0].args == {"afresh": False}


def test_a_map_that_could_not_be_made_says_why(open_page: Open, small_project: Any) -> None:
    job_id = rows.add_job("map", "Make the map", small_project.id, {}, "ann")
    rows.start(job_id)
    rows.fail(job_id, "A map needs at least 5 pictures; the project has 2.")
    app = open_page("map", project=small_project.id)
    assert any("A map needs at least 5 pictures" in error.value for error in app.error)


def test_a_handful_of_pictures_has_no_map(open_page: Open, make_project: Any) -> None:
    project = make_project([("cats", "train"), ("dogs", "train")])
    assert open_page("map", project=project.id).info[0].value == "A map needs at least 5 pictures."
