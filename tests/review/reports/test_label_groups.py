import json

import pytest

from curate.catalog import projects
from curate.errors import BadInput
from curate.review.reports.label_groups import label_groups, set_label_groups
from tests.factories import add_run, open_page

ENTRIES = [(label, split) for label in ("cats", "dogs", "cars") for split in ("train", "train", "valid", "valid")]
CAT, DOG, CAR = (0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)
# The run takes one cat for a dog and one dog for a car. Columns are in the order of the labels.
PROBABILITIES = [CAT, CAT, CAT, DOG, DOG, DOG, DOG, CAR, CAR, CAR, CAR, CAR]


@pytest.fixture
def grouped(make_project):
    project = make_project(ENTRIES)
    labels = projects.labels(project.id)
    order = [label.name for label in labels]
    columns = [("cats", "dogs", "cars").index(name) for name in order]
    add_run(project.id, [tuple(row[column] for column in columns) for row in PROBABILITIES])
    set_label_groups(project.id, {project.label_ids["cats"]: "animals", project.label_ids["dogs"]: " animals "})
    return project


def test_groups_are_kept_until_they_are_replaced(grouped):
    cats, dogs, cars = (grouped.label_ids[name] for name in ("cats", "dogs", "cars"))
    assert label_groups(grouped.id) == {cats: "animals", dogs: "animals"}
    set_label_groups(grouped.id, {cars: "things", cats: "  ", 999_999: "elsewhere"})
    assert label_groups(grouped.id) == {cars: "things"}
    with pytest.raises(BadInput):
        set_label_groups(grouped.id, {cars: "x" * 301})
    assert label_groups(grouped.id) == {cars: "things"}


def test_folded_labels_share_a_row_and_a_click_shows_all_their_pictures(grouped):
    app = open_page("evaluate", project=grouped.id, fold="groups", actual="group:animals", predicted="group:animals")
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert sorted(spec["layout"]["xaxis"]["ticktext"]) == ["all", "animals", "cars"]
    grids = [part.proto for part in app.get("bidi_component") if part.proto.component_name == "curate_grid"]
    shown = {item["image_id"] for item in json.loads(grids[0].json)["items"]}
    assert shown == {grouped.image_ids[place] for place in (2, 3, 6)}  # both cats, and the dog that was not a car
    assert app.toggle(key="matrix_fold").value is True


def test_without_folding_the_labels_stand_alone(grouped):
    app = open_page("evaluate", project=grouped.id)
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert sorted(spec["layout"]["xaxis"]["ticktext"]) == ["all", "cars", "cats", "dogs"]
    assert app.toggle(key="matrix_fold").value is False


def test_the_dialog_lists_every_label_with_its_group(grouped):
    app = open_page("evaluate", project=grouped.id)
    app.button(key="edit_groups").click().run()
    assert not app.exception
    assert "Labels with the same group share a row" in "\n".join(caption.value for caption in app.caption)
    app.button(key="save_groups").click().run()
    assert len(label_groups(grouped.id)) == 2
