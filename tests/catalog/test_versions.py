"""Versions: numbered, counted, in order."""

import pytest

from curate.catalog import images, projects, versions
from curate.catalog.versions import batches
from curate.errors import NotFound


def test_batches_hold_everything_in_order():
    assert list(batches([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(batches([], 2)) == []


def test_each_import_is_a_version_with_its_counts(make_project, picture):
    made = make_project([("cats", "train"), ("cats", "valid"), ("dogs", "train")])
    images.add_blobs([images.NewBlob("f" * 64, 1, 1, 1, "PNG", bytes(32))])
    images.add_images(made.id, [images.NewImage("f" * 64, "dogs", "f.png", "valid")], "Bo", "One more", [])
    second, first = versions.list_versions(made.id)
    cats, dogs = (str(made.label_ids[name]) for name in ("cats", "dogs"))
    assert first.counts == {cats: {"train": 1, "valid": 1}, dogs: {"train": 1}}
    assert second.counts == {cats: {"train": 1, "valid": 1}, dogs: {"train": 1, "valid": 1}}
    assert [(v.number, v.kind, v.author, v.message, v.summary, v.is_head) for v in (second, first)] == [
        (2, "import", "Bo", "One more", {"added": 1}, True),
        (1, "import", "Ada", "Imported by hand", {"added": 3}, False),
    ]
    assert versions.find_version(made.id, 1) == first


def test_a_version_that_is_not_there_is_said(small_project):
    with pytest.raises(NotFound, match="The project has no version 2."):
        versions.find_version(small_project.id, 2)


def test_versions_of_projects_are_numbered_apart(make_project):
    first, second = make_project([("a", "train")], name="a"), make_project([("b", "train")], name="b", seed=1)
    assert [versions.list_versions(made.id)[0].number for made in (first, second)] == [1, 1]
    assert projects.find_project(second.id).version_number == 1
