"""What an import would do, told before it does anything."""

import pytest

from curate.errors import BadInput
from curate.gather.folders.folder_labels import NO_FOLDER
from curate.gather.folders.folder_plan import Outside, PlannedLabel, plan_tree
from curate.gather.folders.label_choices import HIDDEN, LabelChoices

TREE = [
    *(f"train/{label}/{i}.jpg" for label in ("cat", "kitty", "junk") for i in range(4)),
    "valid/cat/9.jpg", "test1/1.jpg", "test1/2.jpg", "plot.png", ".old/1.jpg", "train/cat/notes.txt",
]  # fmt: skip


def test_a_plan_tells_labels_with_counts_the_split_and_what_stays_outside():
    made = plan_tree("pets", TREE, set())
    assert (made.layout, made.n_pictures, made.has_split) == ("split/label", 13, True)
    assert made.labels == [
        PlannedLabel("cat", "cat", 5, 4, 1, 1),
        PlannedLabel("junk", "junk", 4, 4, 0, 0),
        PlannedLabel("kitty", "kitty", 4, 4, 0, 0),
    ]
    assert made.outside == [
        Outside("`test1` is named as a split and has no label folders in it.", 2, "test1/1.jpg"),
        Outside(HIDDEN, 1, ".old/1.jpg"),
        Outside(NO_FOLDER, 1, "plot.png"),
    ]


def test_changed_labels_and_a_stated_layout_change_the_plan():
    choices = LabelChoices(names={"kitty": " cat ", "junk": None})
    made = plan_tree("pets", TREE, set(), choices)
    assert [(label.folder, label.name) for label in made.labels] == [("cat", "cat"), ("junk", None), ("kitty", "cat")]
    assert made.n_pictures == 9
    assert [label.folder for label in plan_tree("pets", TREE, set(), LabelChoices("label")).labels] == [
        "test1", "train", "valid",
    ]  # fmt: skip
    assert LabelChoices.from_json(choices.to_json()) == choices


def test_a_flat_folder_a_single_picture_and_an_empty_folder_say_so():
    with pytest.raises(BadInput, match="pets holds 3 files and no folders of labels"):
        plan_tree("pets", ["1.jpg", "2.jpg", "3.jpg"], set()).require_labels()
    with pytest.raises(BadInput, match=r"pets has no folders of labels: 2 files stay outside. `t"):
        plan_tree("pets", ["train/1.jpg", "test/2.jpg"], set()).require_labels()
    with pytest.raises(BadInput, match="pets holds one file"):
        plan_tree("pets", ["1.jpg"], set()).require_labels()
    with pytest.raises(BadInput, match="There are no files in tmp"):
        plan_tree("tmp", [], set()).require_labels()
