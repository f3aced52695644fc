"""From paths to labels and splits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.gather.folder_labels import by_number, is_ignored, places


def placed(*paths: str, known: set[str] | None = None) -> list[tuple[str | None, str | None]]:
    return [(place.label, place.split) for place in places(list(paths), known or set())]


def test_the_first_folder_is_the_label_and_deeper_ones_belong_to_it():
    assert placed("cats/1.png", "dogs/big/old/2.png") == [("cats", None), ("dogs", None)]


def test_a_file_above_the_label_folders_has_no_label():
    assert placed("README.md", "cats/1.png", "3.png") == [(None, None), ("cats", None), (None, None)]


@pytest.mark.parametrize("held_out", ["valid", "val", "Validation", "test", "TESTING"])
def test_train_and_valid_above_the_labels_give_the_split(held_out):
    assert placed("train/cats/1.png", f"{held_out}/cats/a/2.png") == [("cats", "train"), ("cats", "valid")]


def test_train_alone_above_the_labels_is_looked_through_and_the_split_is_drawn():
    assert placed("train/cats/1.png", "train/dogs/2.png") == [("cats", None), ("dogs", None)]


def test_labels_named_train_and_test_stay_labels():
    assert placed("train/1.png", "test/2.png") == [("train", None), ("test", None)]
    assert placed("train/a/1.png", "plane/a/2.png") == [("train", None), ("plane", None)]


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
    assert len(places(paths, set())) == len(paths)


def test_hidden_and_system_files_are_ignored_and_others_are_not():
    assert all(map(is_ignored, (".DS_Store", ".hidden", "__MACOSX", "Thumbs.db", "desktop.ini")))
    assert not any(map(is_ignored, ("cats", "a.png", "thumbs", "_x")))


def test_two_comes_before_ten():
    assert sorted(["10", "2", "a10b", "a9b", "B"], key=by_number) == ["2", "10", "a9b", "a10b", "B"]
