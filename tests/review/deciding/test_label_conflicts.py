"""The very same picture under two labels: found, decided, and left alone once a person confirmed both."""

from typing import Any

from curate.catalog import images
from curate.review.deciding import decisions, label_conflicts
from curate.review.deciding.apply import apply


def add_twin(project: Any, number: int, label: str) -> int:
    """Id of a new image that shows the picture of image `number` under another label."""
    new = images.NewImage(project.shas[number], label, "twin.png", "train")
    images.add_images(project.id, [new], "Ada", "again", [])
    return images.find_image(project.id, "twin.png").id


def test_a_project_without_twins_has_none(small_project: Any) -> None:
    assert label_conflicts.find_label_conflicts(small_project.id) == []


def test_twins_are_found_with_their_labels_in_the_order_they_came_in(small_project: Any) -> None:
    second = add_twin(small_project, 0, "dogs")
    [conflict] = label_conflicts.find_label_conflicts(small_project.id)
    assert [image.id for image in conflict.images] == [small_project.image_ids[0], second]
    assert conflict.label_ids == [small_project.label_ids["cats"], small_project.label_ids["dogs"]]
    assert (conflict.sha, conflict.is_decided) == (small_project.shas[0], False)


def test_keeping_one_label_deletes_the_others_once_applied(small_project: Any) -> None:
    second = add_twin(small_project, 0, "dogs")
    [conflict] = label_conflicts.find_label_conflicts(small_project.id)
    label_conflicts.keep_only(small_project.id, conflict, small_project.label_ids["dogs"], "Ada")
    [decided] = label_conflicts.find_label_conflicts(small_project.id)
    assert decided.is_decided
    assert {image.id: image.decision for image in decided.images} == {
        small_project.image_ids[0]: "delete",
        second: "keep",
    }
    apply(small_project.id, "Ada")
    assert label_conflicts.find_label_conflicts(small_project.id) == []


def test_what_was_said_can_be_taken_back(small_project: Any) -> None:
    add_twin(small_project, 0, "dogs")
    [conflict] = label_conflicts.find_label_conflicts(small_project.id)
    label_conflicts.keep_only(small_project.id, conflict, conflict.label_ids[0], "Ada")
    label_conflicts.decide_all(small_project.id, conflict, "clear", "Ada")
    assert decisions.waiting(small_project.id).total == 0


def test_twins_whose_labels_were_both_confirmed_are_settled(small_project: Any) -> None:
    add_twin(small_project, 0, "dogs")
    [conflict] = label_conflicts.find_label_conflicts(small_project.id)
    label_conflicts.decide_all(small_project.id, conflict, "keep", "Ada")
    assert len(label_conflicts.find_label_conflicts(small_project.id)) == 1
    apply(small_project.id, "Ada")
    assert label_conflicts.find_label_conflicts(small_project.id) == []
