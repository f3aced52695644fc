"""Groups of duplicates, the best first, and what is decided of them."""

from dataclasses import dataclass

import numpy as np
import pytest

from curate.catalog import duplicates, images, projects
from curate.catalog import quality as looks
from curate.catalog.duplicates import ACROSS_BOTH, ACROSS_LABELS, ACROSS_SPLITS, WITHIN
from curate.errors import BadInput
from curate.review.deciding import apply, decisions
from curate.review.deciding import duplicates as review
from curate.review.deciding.duplicates import Copies

# name -> label, split, side in pixels, sharpness
PICTURES = {
    "a": ("cat", "train", 100, 0.1),
    "b": ("cat", "train", 100, 0.3),
    "c": ("cat", "train", 50, 0.9),
    "d": ("cat", "train", 80, 0.1),
    "e": ("dog", "train", 80, 0.1),
    "f": ("dog", "valid", 70, 0.1),
    "g": ("dog", "train", 70, 0.2),
    "h": ("cat", "valid", 60, 0.1),
    "i": ("dog", "train", 60, 0.1),
    "j": ("dog", "train", 60, 0.1),
}
PAIRS = {("a", "b"): 0, ("b", "c"): 10, ("d", "e"): 20, ("f", "g"): 5, ("h", "i"): 3, ("c", "j"): 38}


@dataclass(frozen=True)
class Album:
    id: int
    ids: dict[str, int]

    def groups(self, distance: int = 22, is_settled: bool | None = False) -> list[str]:
        """Each group's names in id order, as listed."""
        names = {image_id: name for name, image_id in self.ids.items()}
        open_groups = duplicates.find_groups(self.id, distance, 1, 100, is_settled)
        return ["".join(names[image_id] for image_id in group.image_ids) for group in open_groups]

    def copies(self, name: str, distance: int = 22) -> Copies:
        """The group with that image."""
        groups = duplicates.find_groups(self.id, distance, 1, 100, None)
        return next(each for each in review.find_copies(groups) if self.ids[name] in each.image_ids)

    def decisions(self) -> dict[str, str]:
        rows = {name: images.image_rows([image_id])[0] for name, image_id in self.ids.items()}
        return {name: row.decision for name, row in rows.items() if row.decision}


@pytest.fixture
def album() -> Album:
    project_id = projects.create_project("album")
    new = []
    for place, (name, (label, split, side, _)) in enumerate(PICTURES.items()):
        sha = f"{place:064x}"
        images.add_blobs([images.NewBlob(sha, 1_000 + place, side, side, "PNG", bytes(32))])
        new.append(images.NewImage(sha, label, name, split))
    images.add_images(project_id, new, "Ada", "Imported", [])
    looks.add_measures(
        [
            {"blob_sha": f"{place:064x}", "sharpness": sharp, "pixels": bytes([place]) * 16, "dark": 0.0, "bright": 0.0,
             "blurry": 0.0, "low_information": 0.0, "odd_aspect": 0.0, "grey": 0.0}
            for place, (*_, sharp) in enumerate(PICTURES.values())
        ]
    )  # fmt: skip
    ids = {name: images.find_image(project_id, name).id for name in PICTURES}
    made = [(ids[a], ids[b], distance) for (a, b), distance in PAIRS.items()]
    first, second, distances = (np.array(part) for part in zip(*made, strict=True))
    duplicates.add_pairs(project_id, 0, (first, second, distances))
    duplicates.regroup(project_id)
    return Album(project_id, ids)


def test_groups_across_labels_and_splits_come_first(album: Album):
    assert album.groups() == ["hi", "de", "fg", "abc"]
    ranks = [group.rank for group in duplicates.find_groups(album.id, 22, 1, 10)]
    assert ranks == [ACROSS_BOTH, ACROSS_LABELS, ACROSS_SPLITS, WITHIN]
    assert duplicates.count_groups(album.id, 22) == dict.fromkeys(ranks, 1)


def test_the_distance_decides_what_is_one_group(album: Album):
    assert album.groups(0) == ["ab"]
    assert album.groups(12) == ["hi", "fg", "abc"]
    assert album.groups(40) == ["hi", "abcj", "de", "fg"]  # "abcj" is across labels by now


def test_pages_of_groups_follow_each_other(album: Album):
    pages = [duplicates.find_groups(album.id, 22, number, 3) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [3, 1, 0]
    assert [group.image_ids for page in pages for group in page] == [
        group.image_ids for group in duplicates.find_groups(album.id, 22, 1, 10)
    ]


def test_the_best_is_the_largest_and_then_the_sharpest(album: Album):
    copies = album.copies("a")
    assert [copy.image.file_name for copy in copies.copies] == ["b", "a", "c"]
    assert [copy.bits for copy in copies.copies] == [None, 0, 10]  # from the best
    assert [copy.sharpness for copy in copies.copies] == [0.3, 0.1, 0.9]
    assert (copies.is_across_labels, copies.is_across_splits, copies.is_decided) == (False, False, False)


def test_keeping_one_waits_on_all_of_them_and_can_be_undone(album: Album):
    copies = album.copies("a")
    review.keep_one(album.id, copies, album.ids["a"], "Ada")
    assert album.decisions() == {"a": "keep", "b": "delete", "c": "delete"}
    assert album.groups() == ["hi", "de", "fg"]
    assert album.groups(is_settled=True) == ["abc"]
    assert album.groups(0) == []  # at every distance at once
    assert album.groups(40) == ["hi", "abcj", "de", "fg"]  # "j" is still undecided there
    review.undo(album.id, album.copies("a"), "Ada")
    assert album.decisions() == {}
    assert album.groups() == ["hi", "de", "fg", "abc"]


def test_not_duplicates_is_remembered_at_every_distance_and_can_be_taken_back(album: Album):
    review.mark_different(album.id, album.copies("a").image_ids, "Ada")
    assert (album.groups(0), album.groups()) == ([], ["hi", "de", "fg"])
    assert "cj" in album.groups(40)  # that pair was not among them
    duplicates.regroup(album.id)  # as the next look does
    assert album.groups() == ["hi", "de", "fg"]
    review.unmark_different(album.id, [album.ids[name] for name in "abc"])
    assert sorted(album.groups()) == ["abc", "de", "fg", "hi"]


def test_a_bulk_keeps_the_best_of_each_group_within_one_label(album: Album):
    bulk = review.preview_best(album.id, 22)
    ids = album.ids
    assert bulk.groups == [(ids["g"], (ids["f"],)), (ids["b"], (ids["a"], ids["c"]))]
    assert (bulk.n_delete, bulk.n_across, bulk.n_decided, bulk.has_more) == (3, 2, 0, False)
    assert bulk.n_bytes == 1_005 + 1_000 + 1_002
    label_of = {label.name: label.id for label in projects.labels(album.id)}
    assert bulk.by_label == {label_of["dog"]: 1, label_of["cat"]: 2}
    assert album.decisions() == {}  # a preview does nothing
    review.keep_best(album.id, bulk, "Ada")
    assert album.decisions() == {"a": "delete", "c": "delete", "f": "delete"}  # the best ones are confirmed by nobody
    assert album.groups() == ["hi", "de"]
    assert review.take_back(album.id, bulk, "Ada") == 3
    assert album.decisions() == {}
    assert album.groups() == ["hi", "de", "fg", "abc"]


def test_a_bulk_can_take_in_groups_across_labels(album: Album):
    bulk = review.preview_best(album.id, 22, across_labels=True)
    assert (len(bulk.groups), bulk.n_delete, bulk.n_across) == (4, 5, 0)


def test_a_bulk_leaves_alone_what_somebody_decided(album: Album):
    decisions.decide(album.id, "Bob", [decisions.Op(1, (album.ids["c"],), "keep")], "client-bob")
    bulk = review.preview_best(album.id, 22)
    assert (len(bulk.groups), bulk.n_decided) == (1, 1)
    late = review.preview_best(album.id, 22)
    decisions.decide(album.id, "Bob", [decisions.Op(1, (album.ids["f"],), "keep")], "client-bob-2")
    review.keep_best(album.id, late, "Ada")  # what was decided after the preview stays
    assert album.decisions() == {"c": "keep", "f": "keep"}


def test_a_bulk_takes_so_many_groups_at_a_time(album: Album):
    bulk = review.preview_best(album.id, 22, limit=1)
    assert (len(bulk.groups), bulk.has_more) == (1, True)


def test_an_empty_bulk_is_said(album: Album):
    with pytest.raises(BadInput, match="There is nothing to decide"):
        review.keep_best(album.id, review.preview_best(album.id, 0, limit=0), "Ada")


def test_labels_and_bin_change_groups_when_they_are_looked_at_again(album: Album):
    dog = projects.find_label(album.id, "dog")

    ops = [decisions.Op(1, (album.ids["d"],), "relabel", dog), decisions.Op(2, (album.ids["i"],), "delete")]
    decisions.decide(album.id, "Ada", ops, "client-ada")
    apply.apply(album.id, "Ada")
    assert [len(each.copies) for each in review.find_copies(duplicates.find_groups(album.id, 22, 1, 9))] == [2, 2, 3]
    duplicates.regroup(album.id)
    assert sorted(album.groups()) == ["abc", "de", "fg"]
    ranks = {group.image_ids: group.rank for group in duplicates.find_groups(album.id, 22, 1, 9)}
    assert ranks[(album.ids["d"], album.ids["e"])] == WITHIN
