"""Projects and labels."""

import pytest

from curate.catalog import images, projects
from curate.errors import BadInput, Conflict, NotFound

HOSTILE = [
    "../../etc/passwd", 'a "quoted" \'name\'', "<script>alert(1)</script>", "[x](javascript:alert(1))", "🐈‍⬛ cats",
    "%(name)s {0} $HOME", "'; DROP TABLE label; --", "x" * 300, "\u202etxt.exe",
]  # fmt: skip


def test_a_new_project_is_empty_and_found_by_number_and_name():
    project_id = projects.create_project(" Pets ", valid_pct=35, seed=7, source_folder="/pets")
    project = projects.find_project(project_id)
    assert project == projects.find_project("Pets")
    assert (project.name, project.valid_pct, project.split_seed, project.source_folder) == ("Pets", 35.0, 7, "/pets")
    assert (project.n_images, project.n_labels, project.version_number, project.is_sample) == (0, 0, 0, False)


def test_a_name_that_is_taken_is_a_conflict():
    projects.create_project("pets")
    with pytest.raises(Conflict, match="There is a project named pets already.") as caught:
        projects.create_project("pets ")
    assert caught.value.hint == "Open it, or choose another name."
    assert len(projects.list_projects()) == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "A project needs a name."),
        (" \t", "A project needs a name."),
        ("x" * 301, "A project's name can have 300 characters; this one has 301."),
        ("a\nb", "A project's name cannot hold line breaks or control characters."),
        ("a\x00b", "A project's name cannot hold line breaks or control characters."),
        ("a\ud800b", "A project's name cannot hold line breaks or control characters."),
    ],
)
def test_names_that_cannot_be_used_are_refused_in_a_sentence(name, sentence):
    with pytest.raises(BadInput) as caught:
        projects.create_project(name)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_kept_letter_by_letter(name):
    project_id = projects.create_project(name)
    assert projects.find_project(name).id == project_id
    label_id = projects.add_label(project_id, name)
    assert projects.find_label(project_id, name) == label_id
    assert [label.name for label in projects.labels(project_id)] == [name]


@pytest.mark.parametrize("valid_pct", [0, 0.9, 90.1, 100, -5, float("nan")])
def test_a_share_that_leaves_a_side_empty_is_refused(valid_pct):
    with pytest.raises(BadInput, match="Between 1 and 90 %"):
        projects.create_project("pets", valid_pct=valid_pct)


def test_what_is_not_there_is_said():
    with pytest.raises(NotFound, match="There is no project 7"):
        projects.find_project(7)
    with pytest.raises(NotFound, match="There is no project pets"):
        projects.find_project("pets")
    with pytest.raises(NotFound):
        projects.add_label(7, "cats")
    project_id = projects.create_project("pets")
    with pytest.raises(NotFound, match="There is no label dogs.") as caught:
        projects.find_label(project_id, "dogs")
    assert caught.value.hint == "The project's labels are: none yet."
    projects.add_label(project_id, "cats")
    with pytest.raises(NotFound) as caught:
        projects.find_label(project_id, "dogs")
    assert caught.value.hint == "The project's labels are: cats."


def test_projects_are_listed_newest_first_with_their_counts(make_project):
    first = make_project([("cats", "train"), ("cats", "valid"), ("dogs", "train")], name="first")
    second = make_project([("mice", "train")], name="second", seed=1)
    listed = projects.list_projects()
    assert [(p.id, p.n_labels, p.n_train, p.n_valid, p.n_images) for p in listed] == [
        (second.id, 1, 1, 0, 1), (first.id, 2, 2, 1, 3),
    ]  # fmt: skip


def test_labels_keep_the_order_they_came_in_and_their_counts(make_project):
    made = make_project([("dogs", "train"), ("cats", "train"), ("cats", "valid")])
    projects.add_label(made.id, "ants")
    assert [(label.name, label.position, label.n_train, label.n_valid) for label in projects.labels(made.id)] == [
        ("dogs", 0, 1, 0), ("cats", 1, 1, 1), ("ants", 2, 0, 0),
    ]  # fmt: skip


def test_a_label_is_made_once_and_blanks_around_it_do_not_count():
    project_id = projects.create_project("pets")
    assert projects.add_label(project_id, "cats") == projects.add_label(project_id, " cats ")
    with pytest.raises(BadInput, match="A label needs a name."):
        projects.add_label(project_id, " ")


def test_labels_with_blanks_around_them_come_in_twice_as_the_same_label(picture, make_project):
    made = make_project([("cats", "train"), ("dogs", "train")])
    again = [images.NewImage(made.shas[1], " cats ", "x.png", "train")]
    images.add_images(made.id, again, "Ada", "Again", [])
    assert [label.name for label in projects.labels(made.id)] == ["cats", "dogs"]
    images.add_images(made.id, again, "Ada", "And again", [])
    assert projects.find_project(made.id).n_images == 3


def test_planted_problems_are_kept_by_image_number():
    project_id = projects.create_project("sample")
    assert projects.planted(project_id) == {}
    projects.set_planted(project_id, {"12": {"kind": "swapped", "label": "two"}})
    assert projects.planted(project_id) == {12: {"kind": "swapped", "label": "two"}}
    assert projects.find_project(project_id).is_sample
