"""Images: adding them, finding them, and what shows the same picture."""

import hashlib
import threading

import numpy as np
import pytest

from curate.catalog import database, images, projects, versions
from curate.catalog.images import NewBlob, NewImage
from curate.errors import NotFound
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op


def blob(name: str) -> NewBlob:
    sha = hashlib.sha256(name.encode()).hexdigest()
    return NewBlob(sha, 100, 8, 6, "PNG", bytes.fromhex(sha))


def new(
    name: str, label: str = "cats", split: str = "train", group: int | None = None, file_name: str = ""
) -> NewImage:
    images.add_blobs([blob(name)])
    return NewImage(blob(name).sha, label, file_name or f"{name}.png", split, group, {"path": f"{label}/{name}.png"})


@pytest.fixture
def pets() -> int:
    return projects.create_project("pets")


def add(project_id: int, *entries: NewImage) -> int:
    return images.add_images(project_id, list(entries), "Ada", "Imported", [])[0]


def ids(project_id: int) -> list[int]:
    return images.hashes(project_id).image_ids.tolist()


def decide_and_apply(project_id: int, *ops: Op) -> None:
    decisions.decide(project_id, "Ada", list(ops), f"client {versions.list_versions(project_id)[0].number}")
    applying.apply(project_id, "Ada")


def test_blobs_are_recorded_once_and_stay_as_they_were():
    images.add_blobs([blob("a"), blob("a"), blob("b")])
    images.add_blobs([NewBlob(blob("a").sha, 1, 1, 1, "GIF", bytes(32)), blob("c")])
    shas = [blob(name).sha for name in "abcd"]
    assert images.known_blobs(shas) == set(shas[:3])
    assert images.blob_hashes([shas[1], shas[0], shas[1]]).tolist() == [
        list(bytes.fromhex(sha)) for sha in (shas[1], shas[0], shas[1])
    ]
    images.add_blobs([])
    assert images.known_blobs([]) == set()
    assert images.blob_hashes([]).shape == (0, 32)


def test_an_image_comes_back_with_everything_it_came_in_with(pets):
    add(pets, new("a", "dogs", "valid"))
    row = images.find_image(pets, "a.png")
    (dogs,) = projects.labels(pets)
    assert (row.sha, row.label_id, row.split, row.state) == (blob("a").sha, dogs.id, "valid", "active")
    assert (row.width, row.height, row.n_bytes, row.format) == (8, 6, 100, "PNG")
    assert row.provenance == {"path": "dogs/a.png"}
    assert (row.decision, row.decided_by, row.checked_at) == (None, None, None)


def test_the_order_of_labels_is_the_one_that_was_asked_for(pets):
    images.add_images(pets, [new("a", "dogs"), new("b", "cats")], "Ada", "x", ["cats", "ants", "dogs"])
    assert [label.name for label in projects.labels(pets)] == ["cats", "ants", "dogs"]


def test_the_same_picture_under_the_same_label_is_never_added_twice(pets):
    first = add(pets, new("a"), new("a"), new("b"))
    assert len(ids(pets)) == 2
    assert add(pets, new("a"), new("b")) == first
    assert add(pets, new("a", "dogs"), new("b")) != first
    assert len(ids(pets)) == 3
    assert images.known_entries(pets) == {(blob("a").sha, "cats"), (blob("b").sha, "cats"), (blob("a").sha, "dogs")}


def test_an_image_that_was_relabelled_is_known_by_the_label_it_came_in_under(pets):
    add(pets, new("a"), new("b", "dogs"))
    decide_and_apply(pets, Op(1, (ids(pets)[0],), "relabel", projects.find_label(pets, "dogs")))
    assert (blob("a").sha, "cats") in images.known_entries(pets)
    before = versions.list_versions(pets)
    add(pets, new("a"))
    assert versions.list_versions(pets) == before


def test_nothing_to_add_to_an_empty_project_makes_no_version(pets):
    assert add(pets) == 0
    assert versions.list_versions(pets) == []


def test_two_imports_at_once_add_every_image_once(pets):
    entries = [new(str(n)) for n in range(50)]
    database.engine()
    threads = [threading.Thread(target=add, args=(pets, *entries)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids(pets)) == 50
    assert len(versions.list_versions(pets)) == 1


def test_more_images_than_one_statement_holds_keep_their_order(pets):
    images.add_blobs([blob(str(n)) for n in range(1_201)])
    add(
        pets,
        *[NewImage(blob(str(n)).sha, "cats", f"{n}.png", "train", -1 if n % 600 == 0 else None) for n in range(1_201)],
    )
    rows = images.image_rows(ids(pets)[:3] + ids(pets)[-1:])
    assert [row.file_name for row in rows] == ["0.png", "1.png", "2.png", "1200.png"]
    have = images.hashes(pets)
    grouped = have.groups != have.image_ids
    assert have.image_ids[grouped].tolist() == [have.image_ids[600], have.image_ids[1200]]
    assert set(have.groups[grouped].tolist()) == {have.image_ids[0]}


def test_near_duplicates_take_the_number_of_the_first_and_later_ones_join_it(pets):
    add(pets, new("a", group=-7), new("b"), new("c", group=-7), new("d", group=-3), new("e", group=-3))
    a, b, c, d, e = ids(pets)
    assert images.hashes(pets).groups.tolist() == [a, b, a, d, d]
    add(pets, new("f", group=b), new("g", group=a), new("h", group=b))
    assert images.hashes(pets).groups.tolist() == [a, b, a, d, d, b, a, b]


def test_hashes_are_those_of_the_pictures_and_leave_erased_images_out(pets):
    add(pets, new("a", split="valid"), new("b"), new("c"))
    have = images.hashes(pets)
    assert have.splits.tolist() == ["valid", "train", "train"]
    assert have.bits.tolist() == [list(bytes.fromhex(blob(name).sha)) for name in "abc"]
    decide_and_apply(pets, Op(1, (have.image_ids[1].item(),), "delete"))
    assert ids(pets) == have.image_ids.tolist()
    applying.empty_bin(pets, "Ada")
    assert ids(pets) == have.image_ids[[0, 2]].tolist()
    empty = images.hashes(projects.create_project("empty"))
    assert (len(empty.image_ids), empty.bits.shape) == (0, (0, 32))


def test_an_image_is_found_by_number_name_and_the_beginning_of_its_sha(pets):
    add(pets, new("a"), new("b"))
    first = ids(pets)[0]
    sha = blob("a").sha
    for key in (str(first), "a.png", sha, sha[:8]):
        assert images.find_image(pets, key).id == first


@pytest.mark.parametrize("key", ["", "99", "nothing.png", "9" * 30, "%", "_______", "²", "' OR 1=1 --"])
def test_an_image_that_is_not_there_is_said(pets, key):
    add(pets, new("a"))
    with pytest.raises(NotFound, match="The project has no image"):
        images.find_image(pets, key)


def test_images_of_another_project_are_not_found(pets):
    add(pets, new("a"))
    other = projects.create_project("other")
    with pytest.raises(NotFound):
        images.find_image(other, str(ids(pets)[0]))


def test_a_name_that_several_images_have_asks_for_the_number(pets):
    add(pets, new("a", file_name="x.png"), new("b", "dogs", file_name="x.png"))
    with pytest.raises(NotFound, match="Several images are named x.png."):
        images.find_image(pets, "x.png")


def test_rows_come_in_the_order_asked_for_without_those_that_are_not_there(pets):
    add(pets, new("a"), new("b"), new("c"))
    a, b, c = ids(pets)
    assert [row.id for row in images.image_rows([c, 999, a, c])] == [c, a, c]
    assert images.image_rows([]) == []


def test_an_image_drawn_by_chance_is_an_active_one_of_the_project(pets):
    add(projects.create_project("other"), new("x"))
    add(pets, new("a"), new("b"), new("c"))
    a, b, c = ids(pets)
    decide_and_apply(pets, Op(1, (c,), "delete"), Op(2, (a,), "keep"))
    assert {images.random_image(pets) for _ in range(40)} <= {a, b}
    with pytest.raises(NotFound, match="The project has no images."):
        images.random_image(projects.create_project("empty"))


def test_the_same_picture_under_two_labels_is_known_until_one_of_them_goes(pets):
    add(pets, new("a"), new("a", "dogs"), new("b"), new("c", "dogs"), new("c"), new("c", "mice"))
    a1, a2, b, c1, c2, c3 = ids(pets)
    groups = images.pictures_under_two_labels(pets)
    assert sorted(groups) == [[a1, a2], [c1, c2, c3]]
    assert len(images.pictures_under_two_labels(pets, limit=1)) == 1
    assert images.same_picture_elsewhere([a1, b, c3]) == {a1, c3}
    decide_and_apply(pets, Op(1, (a2,), "delete"), Op(2, (c2, c3), "relabel", projects.find_label(pets, "dogs")))
    assert images.pictures_under_two_labels(pets) == []
    assert images.same_picture_elsewhere([a1, c1]) == set()


def test_what_shows_a_picture_is_the_first_image_that_is_not_erased(pets):
    add(pets, new("a"), new("a", "dogs"), new("b"))
    a1, a2, b = ids(pets)
    shas = [blob(name).sha for name in "abc"]
    assert images.showing(pets, shas) == {shas[0]: a1, shas[1]: b}
    decide_and_apply(pets, Op(1, (a1, b), "delete"))
    applying.empty_bin(pets, "Ada")
    assert images.showing(pets, shas) == {shas[0]: a2}


def test_the_story_of_an_image_holds_every_decision_and_change(pets):
    add(pets, new("a"), new("b", "dogs"))
    a, _ = ids(pets)
    dogs = projects.find_label(pets, "dogs")
    decisions.decide(pets, "Bo", [Op(1, (a,), "keep"), Op(2, (a,), "relabel", dogs)], "c")
    applying.apply(pets, "Ada")
    events = images.story(a)
    assert [(step["what"], step["label_id"]) for step in events] == [
        ("keep", None),
        ("relabel", dogs),
        ("applied", dogs),
    ]
    assert [step.get("by") for step in events] == ["Bo", "Bo", None]


def test_hash_arrays_have_the_types_that_grouping_needs(pets):
    add(pets, new("a"))
    have = images.hashes(pets)
    assert (have.image_ids.dtype, have.groups.dtype, have.bits.dtype) == (np.int64, np.int64, np.uint8)
