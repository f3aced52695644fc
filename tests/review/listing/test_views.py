"""The ways to look at a run's pictures, on six images whose scores and doubts are known by hand."""

import hashlib
import json
from pathlib import Path

import pytest

from curate.catalog import images, projects
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.pages import SORTS, View, find_page
from tests.factories import add_doubted_run

#           label, split, probabilities, doubt, uncertainty
IMAGES = {
    "c1": ("cat", "train", (0.9, 0.1), 0.10, 0.3),
    "c2": ("cat", "train", (0.2, 0.8), 0.90, 0.5),
    "c3": ("cat", "valid", (0.4, 0.6), 0.60, 0.9),
    "d1": ("dog", "train", (0.3, 0.7), 0.20, 0.7),
    "d2": ("dog", "train", (0.95, 0.05), 0.95, 0.1),
    "d3": ("dog", "valid", (0.1, 0.9), 0.05, 0.2),
}
ALL = set(IMAGES)


def add_images(project_id: int, entries: list[images.NewImage]) -> None:
    for sha in {entry.sha for entry in entries}:
        images.add_blobs([images.NewBlob(sha, 10, 8, 8, "PNG", bytes(32))])
    images.add_images(project_id, entries, "ann", "Imported", ["cat", "dog"])


def sha_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


@pytest.fixture
def pets() -> tuple[int, int]:
    """(project id, run id)"""
    project_id = projects.create_project("pets")
    add_images(project_id, [images.NewImage(sha_of(name), label, name, split) for name, (label, split, *_) in
                            IMAGES.items()])  # fmt: skip
    scored = list(IMAGES.values())
    return project_id, add_doubted_run(
        project_id, [entry[2] for entry in scored], [entry[3] for entry in scored], {1: 1, 2: 1, 4: 0},
        [entry[4] for entry in scored], suggests_delete=[2, 5], asks_again=[3],
    )  # fmt: skip


def names(view: View, number: int = 1, size: int = 48, after: str | None = None) -> list[str]:
    return [item.file_name for item in find_page(view, number, size, after).items]


def ids_of(run_id: int, *file_names: str) -> tuple[int, ...]:
    by_name = {item.file_name: item.image_id for item in find_page(View(run_id)).items}
    return tuple(by_name[name] for name in file_names)


def test_orders_over_the_whole_run(pets):
    _, run_id = pets
    assert names(View(run_id, "doubt")) == ["d2", "c2", "c3", "d1", "c1", "d3"]
    assert names(View(run_id, "valid")) == ["c3", "d3", "d2", "c2", "d1", "c1"]
    assert names(View(run_id, "confident")) == ["d2", "c2", "c3"]  # 0.95, 0.8, 0.6 for another label


def test_the_few_that_are_marked_have_a_view_each(pets):
    _, run_id = pets
    assert names(View(run_id, "far")) == ["c3", "d3"]
    assert names(View(run_id, "asked")) == ["d1"]


def test_random_ones_are_all_right_or_all_wrong_in_an_order_that_stays(pets):
    _, run_id = pets
    assert set(names(View(run_id, "random_wrong"))) == {"c2", "c3", "d2"}
    right = names(View(run_id, "random_right"))
    assert set(right) == {"c1", "d1", "d3"}
    assert names(View(run_id, "random_right"), 1, 2) + names(View(run_id, "random_right"), 2, 2) == right


def test_of_each_label_in_turn_or_of_the_one_that_was_chosen(pets):
    project_id, run_id = pets
    cat, dog = (label.id for label in projects.labels(project_id))
    assert names(View(run_id, "right")) == ["c1", "d3", "d1"]  # lowest loss first within a label
    assert names(View(run_id, "wrong")) == ["c2", "c3", "d2"]
    assert names(View(run_id, "uncertain")) == ["c3", "c2", "c1", "d1", "d3", "d2"]
    assert names(View(run_id, "uncertain", label_id=dog)) == ["d1", "d3", "d2"]
    assert names(View(run_id, "wrong", label_id=cat)) == ["c2", "c3"]


def test_in_turn_a_small_page_holds_one_label_and_the_next_page_the_next(pets):
    _, run_id = pets
    first = find_page(View(run_id, "wrong"), 1, 8)  # eight of a label at least
    assert ([item.file_name for item in first.items], first.n_pages) == (["c2", "c3"], 2)
    assert names(View(run_id, "wrong"), 2, 8, first.after) == names(View(run_id, "wrong"), 2, 8) == ["d2"]


@pytest.mark.parametrize("sort", [name for name, order in SORTS.items() if not order.similar and not order.issue])
def test_counts_agree_with_what_is_there(pets, sort):
    _, run_id = pets
    page = find_page(View(run_id, sort))
    assert page.n_matching == page.n_all == len(page.items) > 0


def test_what_the_evidence_supports_is_a_filter(pets):
    project_id, run_id = pets
    cat, dog = (label.id for label in projects.labels(project_id))
    view = View(run_id, "doubt", label_id=cat, suggested_id=dog)
    page = find_page(view)
    assert (names(view), page.n_matching) == (["c2", "c3"], 2)
    worst = find_page(View(run_id, "doubt")).items[0]
    assert (worst.doubt, worst.suggested_id, worst.p_suggested) == (pytest.approx(0.95), cat, pytest.approx(0.8))


def test_a_confirmed_image_is_asked_again_only_where_the_run_says_so_and_only_once(pets):
    project_id, run_id = pets
    decide(project_id, "ann", [Op(1, ids_of(run_id, "c1", "d1"), "keep")], "client-1")
    assert set(names(View(run_id, "doubt", reviewed="no"))) == ALL - {"c1", "d1"}
    apply.apply(project_id, "ann")
    later = add_doubted_run(project_id, [entry[2] for entry in IMAGES.values()], [0.5] * 6, asks_again=[3])
    assert set(names(View(later, "doubt", reviewed="no"))) == ALL - {"c1"}
    page = find_page(View(later, "asked", reviewed="no"))
    assert [item.file_name for item in page.items] == ["d1"]
    assert (page.items[0].asks_again, page.n_matching, page.n_reviewed) == (True, 1, 0)
    decide(project_id, "ann", [Op(2, ids_of(later, "d1"), "keep")], "client-1")
    apply.apply(project_id, "ann")
    assert names(View(later, "asked", reviewed="no")) == []
    assert find_page(View(later, "doubt")).n_reviewed == 2


@pytest.fixture
def alike() -> tuple[int, int]:
    """c1 and c2 are copies on both sides of the split; c3 is filed under dog, too; d1 stands alone."""
    project_id = projects.create_project("alike")
    entries = [
        images.NewImage(sha_of("c1"), "cat", "c1", "train", -1),
        images.NewImage(sha_of("c2"), "cat", "c2", "valid", -1),
        images.NewImage(sha_of("c3"), "cat", "c3", "train", -2),
        images.NewImage(sha_of("c3"), "dog", "c3 again", "train", -2),
        images.NewImage(sha_of("d1"), "dog", "d1", "train"),
    ]
    add_images(project_id, entries)
    return project_id, add_doubted_run(project_id, [(0.5, 0.5)] * 5, [0.5] * 5)


def test_pictures_that_are_alike_stand_side_by_side(alike):
    _, run_id = alike
    assert names(View(run_id, "near")) == ["c1", "c2", "c3", "c3 again"]
    assert names(View(run_id, "twins")) == ["c3", "c3 again"]
    assert names(View(run_id, "leaks")) == ["c1", "c2"]
    assert names(View(run_id, "near", split="valid")) == ["c2"]


def test_alike_ones_are_paged_by_place_and_leave_with_what_is_decided(alike):
    project_id, run_id = alike
    view = View(run_id, "near", reviewed="no")
    first = find_page(view, 1, 2)
    decide(project_id, "ann", [Op(1, ids_of(run_id, "c1"), "delete")], "client-1")
    second = find_page(view, 2, 2, first.after)
    assert [item.file_name for item in second.items] == ["c3", "c3 again"]
    assert (second.n_all, second.n_reviewed, second.n_matching) == (4, 1, 3)
    assert names(View(run_id, "near", reviewed="delete")) == ["c1"]
    apply.apply(project_id, "ann")
    assert names(View(run_id, "near")) == ["c3", "c3 again"]  # a copy whose other is in the bin is none
    assert names(View(run_id, "leaks")) == []


def test_the_verified_errors_of_the_photos_are_on_the_first_page_of_the_view_made_for_them(shared_data: Path):
    known = json.loads((shared_data / "photos" / "known_errors.json").read_text())["verified"]
    folder = shared_data / "photos" / "trashnet"
    wrong = {error["file"] for error in known}
    others = [path for label in sorted(folder.iterdir()) if label.is_dir() for path in sorted(label.iterdir())[:60]]
    chosen = {str(path.relative_to(folder)) for path in others} | wrong | {error["duplicate_of"] for error in known}
    project_id = projects.create_project("photos")
    entries = [
        images.NewImage(
            hashlib.sha256((folder / name).read_bytes()).hexdigest(), Path(name).parent.name, name,
            "train" if place % 5 else "valid",
        )
        for place, name in enumerate(sorted(chosen))
    ]  # fmt: skip
    add_images(project_id, entries)
    n, n_labels = len(entries), len({entry.label for entry in entries})
    run_id = add_doubted_run(project_id, [(1 / n_labels,) * n_labels] * n, [0.5] * n)
    assert wrong <= set(names(View(run_id, "twins", reviewed="no")))
