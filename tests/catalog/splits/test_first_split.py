"""Unlabelled images get their split with their first label, and keep it."""

import hashlib

import pytest

from curate.catalog import images, projects, versions
from curate.catalog.tables.core import UNLABELLED
from curate.review.deciding import apply, decisions
from curate.review.deciding.decisions import Op

pytestmark = pytest.mark.usefixtures("either_database")


def add(project_id: int, names: list[str], label: str = UNLABELLED, split: str = "", group: int | None = None) -> None:
    """Adds images without picture files, all of one label and one group."""
    new = []
    for name in names:
        sha = hashlib.sha256(name.encode()).hexdigest()
        images.add_blobs([images.NewBlob(sha, 10, 8, 8, "PNG", bytes(32))])
        new.append(images.NewImage(sha, label, name, split, group))
    images.add_images(project_id, new, "Ada", "Imported {n}", [])


def rows(project_id: int) -> dict[str, images.ImageRow]:
    return {row.file_name: row for row in images.image_rows(images.hashes(project_id).image_ids.tolist())}


def relabel(project_id: int, names: list[str], label_id: int, client: str) -> None:
    by_name = rows(project_id)
    op = Op(1, tuple(by_name[name].id for name in names), "relabel", label_id)
    decisions.decide(project_id, "Ada", [op], client)
    apply.apply(project_id, "Ada")


@pytest.fixture
def project() -> int:
    return projects.create_project("pets", valid_pct=20)


def test_unlabelled_images_count_for_no_label_and_have_no_split(project: int) -> None:
    add(project, ["a", "b", "c"])
    summary = projects.find_project(project)
    assert (summary.n_images, summary.n_labels, summary.n_unlabelled, summary.has_pictures) == (0, 0, 3, True)
    assert projects.labels(project) == [] and projects.label_names(project) == {}
    assert [(row.split, row.state) for row in rows(project).values()] == [("", "inbox")] * 3
    assert versions.list_versions(project)[0].n_unlabelled == 3


def test_a_first_label_draws_the_split_by_the_projects_share(project: int) -> None:
    names = [f"{number}.png" for number in range(10)]
    add(project, names)
    relabel(project, names, projects.add_label(project, "cat"), "client-1")
    splits = [row.split for row in rows(project).values()]
    assert (splits.count("valid"), splits.count("train")) == (2, 8)
    (label,) = projects.labels(project)
    assert (label.name, label.n_train, label.n_valid) == ("cat", 8, 2)
    assert versions.list_versions(project)[0].message == "10 labelled"


def test_a_label_given_in_two_goes_keeps_to_the_share(project: int) -> None:
    names = [f"{number}.png" for number in range(20)]
    add(project, names)
    cat = projects.add_label(project, "cat")
    relabel(project, names[:10], cat, "client-1")
    before = {name: rows(project)[name].split for name in names[:10]}
    relabel(project, names[10:], cat, "client-2")
    after = {name: row.split for name, row in rows(project).items()}
    assert list(after.values()).count("valid") == 4
    assert {name: after[name] for name in before} == before


def test_a_near_duplicate_of_an_image_with_a_split_joins_its_side(project: int) -> None:
    add(project, ["known.png"], "cat", "valid")
    known = rows(project)["known.png"].id
    names = [f"{number}.png" for number in range(4)]
    add(project, names, group=known)
    relabel(project, names, projects.find_label(project, "cat"), "client-1")
    assert {row.split for row in rows(project).values()} == {"valid"}


def test_a_label_that_is_taken_off_and_given_again_leaves_the_split_as_it_was(project: int) -> None:
    names = [f"{number}.png" for number in range(10)]
    add(project, names)
    cat, dog = projects.add_label(project, "cat"), projects.add_label(project, "dog")
    relabel(project, names, cat, "client-1")
    drawn = {name: row.split for name, row in rows(project).items()}
    relabel(project, names, projects.ensure_unlabelled_id(project), "client-2")
    assert projects.find_project(project).n_unlabelled == 10
    assert versions.list_versions(project)[0].message == "10 unlabelled"
    assert {row.checked_at for row in rows(project).values()} == {None}
    relabel(project, names, dog, "client-3")
    assert {name: row.split for name, row in rows(project).items()} == drawn


def test_restoring_the_version_before_takes_the_labels_off_again(project: int) -> None:
    add(project, ["a", "b"])
    relabel(project, ["a"], projects.add_label(project, "cat"), "client-1")
    apply.restore(project, 1, "Ada")
    summary = projects.find_project(project)
    assert (summary.n_images, summary.n_unlabelled) == (0, 2)
    apply.restore(project, 2, "Ada")
    assert rows(project)["a"].state == "active" and rows(project)["b"].state == "inbox"


def test_deleting_an_unlabelled_image_and_restoring_it_gives_it_no_label(project: int) -> None:
    add(project, ["a", "b"])
    decisions.decide(project, "Ada", [Op(1, (rows(project)["a"].id,), "delete")], "client-1")
    apply.apply(project, "Ada")
    assert (projects.find_project(project).n_unlabelled, apply.n_binned(project)) == (1, 1)
    assert apply.preview_restore(project, 1).n_from_bin == 1
    apply.restore(project, 1, "Ada")
    assert rows(project)["a"].state == "inbox"


def test_keeping_an_unlabelled_image_confirms_nothing(project: int) -> None:
    add(project, ["a"])
    decisions.decide(project, "Ada", [Op(1, (rows(project)["a"].id,), "keep")], "client-1")
    apply.apply(project, "Ada")
    row = rows(project)["a"]
    assert (row.state, row.checked_at, row.decision) == ("inbox", None, None)
