"""A few pictures of each label, of what a version brought in, and of the bin."""

from typing import Any

from curate.catalog import samples, versions
from curate.review.deciding import decisions
from curate.review.deciding.apply import apply
from tests.factories import add_pictures


def names(chosen: list[samples.Sample]) -> list[str]:
    return [sample.file_name for sample in chosen]


def test_each_label_is_shown_by_its_first_images(small_project: Any) -> None:
    cats, dogs = small_project.label_ids["cats"], small_project.label_ids["dogs"]
    chosen = samples.of_labels(small_project.id, [cats, dogs], 2)
    assert {label_id: names(rows) for label_id, rows in chosen.items()} == {
        cats: ["0.png", "1.png"],
        dogs: ["4.png", "5.png"],
    }
    assert chosen[cats][0] == samples.Sample(small_project.image_ids[0], small_project.shas[0], "0.png")


def test_a_version_is_shown_by_the_pictures_it_brought_in_not_by_those_there_before(small_project: Any) -> None:
    add_pictures(small_project.id, {"b.png": ("dogs", "valid"), "a.png": ("dogs", "train"), "c.png": ("owls", "train")})
    newest, first = versions.list_versions(small_project.id)
    added = [(each.n, names(each.samples)) for each in samples.of_version(newest.id, 9)]
    assert added == [(2, ["a.png", "b.png"]), (1, ["c.png"])]
    first_look = [(each.n, names(each.samples)) for each in samples.of_version(first.id, 1)]
    assert first_look == [(4, ["0.png"]), (4, ["4.png"])]
    assert samples.of_version(99, 9) == []


def test_deleted_images_are_in_the_bin_and_nowhere_else(small_project: Any) -> None:
    op = decisions.Op(1, (small_project.image_ids[0],), "delete")
    decisions.decide(small_project.id, "Ada", [op], "client-1")
    apply(small_project.id, "Ada")
    cats = small_project.label_ids["cats"]
    assert names(samples.of_labels(small_project.id, [cats], 9)[cats]) == ["1.png", "2.png", "3.png"]
    assert names(samples.of_bin(small_project.id, 9)) == ["0.png"]
