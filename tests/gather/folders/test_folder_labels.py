"""From paths to labels and splits."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import BadInput
from curate.gather.folders.folder_labels import layout_of, read_places
from curate.gather.folders.folder_names import by_number, is_ignored
from curate.gather.folders.label_choices import LabelChoices, label_files


def placed(*paths: str, known: set[str] | None = None) -> list[tuple[str | None, str | None]]:
    return [(place.label, place.split) for place in read_places(list(paths), known or set())]


def test_the_first_folder_is_the_label_and_deeper_ones_belong_to_it():
    assert placed("cats/1.png", "dogs/big/old/2.png") == [("cats", None), ("dogs", None)]


def test_a_file_above_the_label_folders_has_no_label():
    assert placed("README.md", "cats/1.png", "3.png") == [(None, None), ("cats", None), (None, None)]


@pytest.mark.parametrize("held_out", ["valid", "val", "Validation", "test", "TESTING"])
def test_train_and_valid_above_the_labels_give_the_split(held_out):
    assert placed("train/cats/1.png", f"{held_out}/cats/a/2.png") == [("cats", "train"), ("cats", "valid")]


def test_train_alone_above_the_labels_is_looked_through_and_the_split_is_drawn():
    assert placed("train/cats/1.png", "train/dogs/2.png") == [("cats", None), ("dogs", None)]


def outside(*paths: str) -> list[str]:
    return [path for path, place in zip(paths, read_places(list(paths), set()), strict=True) if place.label is None]


def test_flat_folders_named_as_splits_hold_no_labels_unless_that_is_stated():
    flat = ("train/1.png", "test/2.png")
    assert outside(*flat) == list(flat)
    assert [place.label for place in read_places(list(flat), set(), "label")] == ["train", "test"]
    assert placed("train/1.png", "bus/2.png", known={"train", "bus"}) == [("train", None), ("bus", None)]
    assert placed("valid/1.png", "invalid/2.png") == [("valid", None), ("invalid", None)]


def test_one_loose_picture_or_folder_changes_nothing_for_the_others():
    tree = [f"set/{label}/{i}.png" for label in ("cats", "dogs") for i in range(5)]
    assert outside(*tree, "set/overview.png", "plot.png", "docs/figure.png") == [
        "set/overview.png", "plot.png", "docs/figure.png",
    ]  # fmt: skip
    assert {label for label, _ in placed(*tree, "set/overview.png")} == {"cats", "dogs", None}


def test_a_folder_of_unlabelled_pictures_stays_outside_with_a_reason():
    split = [f"{side}/{label}/1.png" for side in ("train", "valid") for label in ("cats", "dogs")]
    for name in ("test", "test1", "unlabeled", "holdout"):
        assert outside(*split, f"{name}/1.png") == [f"{name}/1.png"]
        assert outside("cats/1.png", "dogs/1.png", f"{name}/1.png") == [f"{name}/1.png"]
    assert outside("train/a/1.png", "train/b/1.png", "test/unknown/1.png") == ["test/unknown/1.png"]
    (*_, last) = read_places([*split, "test1/1.png"], set())
    assert last.reason == "`test1` is named as a split and has no label folders in it."


@pytest.mark.parametrize(
    ("train", "held_out"),
    [
        ("Training", "Test"),
        ("train_images", "val_images"),
        ("Train_set", "TestSet"),
        ("train2017", "val2017"),
        ("trainset", "devset"),
        ("chest_xray/train", "chest_xray/validation"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("training/training", "validation/validation"),
        ("archive/train/images", "archive/test/images"),
        ("train", "validate"),
        ("Entraînement", "validation"),
        ("Trainingsdaten", "Testdaten"),
        ("entrenamiento", "prueba"),
        ("训练集", "测试集"),
        ("lerne", "test"),
        ("train", "Prüfbilder"),
    ],
)
def test_sides_of_a_split_are_known_by_their_usual_names(train, held_out):
    assert placed(f"{train}/n0/1.png", f"{train}/n1/2.png", f"{held_out}/n0/3.png", "seg_pred/seg_pred/4.png") == [
        ("n0", "train"), ("n1", "train"), ("n0", "valid"), (None, None),
    ]  # fmt: skip


def test_a_split_below_the_labels_is_kept_to():
    assert placed("cats/train/1.png", "cats/test/2.png", "dogs/train/3.png") == [
        ("cats", "train"), ("cats", "valid"), ("dogs", "train"),
    ]  # fmt: skip


def test_a_test_folder_beside_the_labels_that_it_holds_too_is_held_out():
    assert placed("cats/1.png", "dogs/2.png", "test/cats/3.png", "test/dogs/4.png") == [
        ("cats", "train"), ("dogs", "train"), ("cats", "valid"), ("dogs", "valid"),
    ]  # fmt: skip


def test_a_tree_that_is_there_twice_is_read_alike():
    inner = [f"{side}/{label}/1.png" for side in ("train", "test") for label in ("sick", "well")]
    paths = [f"x/{path}" for path in inner] + [f"x/x/{path}" for path in inner]
    assert placed(*paths) == [(path.split("/")[-2], "train" if "train" in path else "valid") for path in paths]


def test_labels_that_hold_a_word_of_a_split_in_their_name_stay_labels():
    names = ("steam_train_2", "train conductor", "trainer", "valid ticket", "test tube", "Training shoe")
    assert [label for label, _ in placed(*(f"{name}/1.png" for name in names))] == list(names)


def test_a_data_set_that_was_packed_into_itself_comes_in_once():
    paths = ["pets/cats/1.png", "pets/dogs/2.png", "pets/pets/cats/1.png", "pets/pets/dogs/2.png"]
    assert [place.label for place in read_places(paths, set())] == ["cats", "dogs", None, None]
    assert read_places(paths, set())[2].reason == "`pets` repeats the folders around it."


def test_train_beside_a_larger_folder_of_another_name_stays_outside_and_says_so():
    paths = [*(f"more/{pet}/{i}.png" for pet in ("chat", "chien") for i in range(5)), "train/chat/1.png"]
    places = read_places(paths, set())
    assert [place.label for place in places] == ["chat"] * 5 + ["chien"] * 5 + [None]
    assert places[-1].reason == "`train` is named as a split, and no folder beside it as the other side."


def test_labels_lie_in_each_of_numbered_parts_whose_splits_do_not_count():
    tree = [f"fold{n}/{side}/{pet}/1.png" for n in (1, 2) for side in ("train", "val") for pet in ("cats", "dogs")]
    assert placed(*tree) == [("cats", None), ("dogs", None)] * 4
    assert placed("set/Part A/cats/1.png", "set/Part B/dogs/2.png") == [("cats", None), ("dogs", None)]
    assert placed("batch1/1.png", "batch2/2.png") == [("batch1", None), ("batch2", None)]
    assert placed("fold1/a/1.png", "fold2/a/2.png", known={"fold1"}) == [("fold1", None), ("fold2", None)]


def test_a_stated_layout_overrules():
    paths = ["a/train/cats/1.png", "a/valid/cats/2.png", "3.png"]
    read = read_places(paths, set(), "*/label")
    assert [(place.label, place.label_at) for place in read] == [("train", 1), ("valid", 1), (None, 0)]
    folds = ["fold1/cats/1.png", "fold2/dogs/2.png"]
    assert [place.label for place in read_places(folds, set(), "split/label")] == ["cats", "dogs"]
    for layout in ("", "labels", "split", "label/label", "../label"):
        with pytest.raises(BadInput, match="is not understood"):
            read_places(paths, set(), layout)


@pytest.mark.parametrize("layout", ["label", "*/label", "split/label", "*/split/label", "label/split"])
def test_the_layout_that_was_read_gives_the_same_when_it_is_stated(layout):
    names = {"*": ["set"], "split": ["train", "test"], "label": ["cats", "dogs"]}
    paths = ["/".join([*folders, "1.png"]) for folders in itertools.product(*(names[w] for w in layout.split("/")))]
    read = read_places(paths, set())
    assert layout_of(paths, read) == layout
    assert read_places(paths, set(), layout) == read


LABELS = ("cats", "dogs", "9mm", "Ähre", "a b")
SIDES = (("train", "valid"), ("Training", "Test"), ("train_set", "val"), ("seg_train", "seg_test"))


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[str], set[str]]:
    """(paths, those that are strays): labels with a split above, below or none, and things beside them."""
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=2, max_size=4, unique=True))
    sides = draw(st.sampled_from(SIDES))
    way = draw(st.sampled_from(["{l}", "{s}/{l}", "{s}/{s}/{l}", "{l}/{s}"]))
    above = draw(st.sampled_from(["", "set/", "a/b/"]))
    folders = dict.fromkeys(above + way.format(l=label, s=side) for label in labels for side in sides)
    paths = [f"{folder}/{i}.jpg" for folder in folders for i in range(draw(st.integers(2, 5)))]
    stray = ("plot.png", "test1/1.png", "unlabeled/1.png", "README.md", ".hidden/1.png", "seg_pred/seg_pred/1.png")
    strays = {above + path for path in draw(st.sets(st.sampled_from(stray), max_size=4))}
    return draw(st.permutations([*paths, *sorted(strays)])), strays


@given(trees())
def test_no_picture_is_filed_under_a_splits_name_and_none_is_dropped_unlisted(tree):
    paths, strays = tree
    labelled = label_files([(path, path) for path in paths], set(), LabelChoices())
    assert {entry.label for entry in labelled.entries} <= set(LABELS)
    assert all(entry.label == entry.path.split("/")[entry.label_at] for entry in labelled.entries)
    assert {entry.path for entry in labelled.entries} == set(paths) - strays
    listed = [entry.path for entry in labelled.entries] + [path for path, _ in labelled.outside]
    assert sorted(listed) == sorted(paths)


def test_a_wrapping_folder_is_looked_through_and_its_readme_is_not_in_the_way():
    assert placed("set-main/cats/1.png", "set-main/dogs/2.png", "set-main/README.md") == [
        ("cats", None), ("dogs", None), (None, None),
    ]  # fmt: skip
    assert placed("a/b/train/cats/1.png", "a/b/valid/cats/2.png") == [("cats", "train"), ("cats", "valid")]


def test_a_lone_folder_named_as_a_label_of_the_project_is_that_label():
    assert placed("cats/day/1.png", "cats/night/2.png") == [("day", None), ("night", None)]
    assert placed("cats/day/1.png", "cats/night/2.png", known={"cats"}) == [("cats", None), ("cats", None)]
    assert placed("cats/1.png") == [("cats", None)]


def test_without_any_picture_name_all_files_tell_the_layout():
    assert placed("set/cats/1", "set/dogs/2") == [("cats", None), ("dogs", None)]


def test_no_files_have_no_places():
    assert placed() == []


@given(st.lists(st.text("ab/.train", min_size=1, max_size=12), max_size=6))
def test_any_paths_are_placed_without_an_error(paths):
    assert len(read_places(paths, set())) == len(paths)


def test_hidden_and_system_files_are_ignored_and_others_are_not():
    assert all(map(is_ignored, (".DS_Store", ".hidden", "__MACOSX", "Thumbs.db", "desktop.ini")))
    assert not any(map(is_ignored, ("cats", "a.png", "thumbs", "_x")))


def test_two_comes_before_ten():
    assert sorted(["10", "2", "a10b", "a9b", "B"], key=by_number) == ["2", "10", "a9b", "a10b", "B"]
