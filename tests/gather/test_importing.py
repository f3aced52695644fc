"""Imports of folders: versions, repeated imports, twins, near-duplicates and given splits."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate import pictures as decoding
from curate import store
from curate.catalog import images, projects, versions
from curate.errors import BadInput, NotFound
from curate.gather.folders.label_choices import HIDDEN, SKIPPED, LabelChoices
from curate.gather.importing import ImportResult, import_folder
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions
from tests.conftest import REPOSITORY
from tests.factories import export


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


def take(project_id: int, folder: Path) -> ImportResult:
    return import_folder(project_id, folder, "Ada", ignore)


def rows(project_id: int) -> list[images.ImageRow]:
    return images.image_rows(images.hashes(project_id).image_ids.tolist())


def counts(project_id: int) -> dict[str, int]:
    return {label.name: label.n_train + label.n_valid for label in projects.labels(project_id)}


def saved(path: Path, picture: Image.Image, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)


def test_a_folder_becomes_one_version_with_every_picture_under_its_label(project, folder, pictures):
    paths = pictures(folder, {"cats": 10, "dogs": 5})
    before = {path: path.read_bytes() for path in paths}
    seen: list[tuple[int, int | None, str]] = []
    result = import_folder(project, folder, "Ada", lambda *progress: seen.append(progress))
    assert (result.n_found, result.n_added, result.refused, result.two_labels) == (15, 15, [], [])
    assert counts(project) == {"cats": 10, "dogs": 5}
    assert [(label.n_train, label.n_valid) for label in projects.labels(project)] == [(8, 2), (4, 1)]
    (version,) = versions.list_versions(project)
    assert (version.id, version.message, version.author) == (result.version_id, "Imported 15 images from pets", "Ada")
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == before
    assert (15, 15, "Reading pictures") in seen
    row = rows(project)[0]
    assert (row.file_name, row.width, row.height, row.format) == ("0.png", 8, 8, "PNG")
    assert row.provenance == {"source": "folder", "name": "pets", "path": "cats/0.png"}
    assert store.blob_path(row.sha).read_bytes() == before[folder / "cats" / "0.png"]
    assert store.thumbnail_path(row.sha).stat().st_size > 0


def test_importing_again_adds_only_what_is_new(project, folder, pictures):
    pictures(folder, {"cats": 4})
    first = take(project, folder)
    again = take(project, folder)
    assert (again.n_added, again.n_known, again.version_id) == (0, 4, first.version_id)
    pictures(folder, {"cats": 4, "dogs": 2})
    more = take(project, folder)
    assert (more.n_added, more.n_known) == (2, 4)
    assert [version.number for version in versions.list_versions(project)] == [2, 1]


def test_images_that_are_there_never_change_sides_when_more_come(project, folder, pictures):
    pictures(folder, {"cats": 10})
    take(project, folder)
    sides = {row.id: row.split for row in rows(project)}
    pictures(folder, {"cats": 40})
    take(project, folder)
    assert sides.items() <= {row.id: row.split for row in rows(project)}.items()
    (cats,) = projects.labels(project)
    assert (cats.n_train, cats.n_valid) == (32, 8)


def test_a_deleted_image_does_not_come_back_with_the_next_import(project, folder, pictures):
    pictures(folder, {"cats": 4})
    take(project, folder)
    decisions.decide(project, "Ada", [decisions.Op(1, (rows(project)[0].id,), "delete")], "test")
    applying.apply(project, "Ada")
    assert take(project, folder).n_known == 4
    assert counts(project) == {"cats": 3}


def test_system_files_are_left_out_without_a_word_and_hidden_pictures_are_listed(project, folder, pictures):
    pictures(folder, {"cats": 2})
    for name in (".DS_Store", "Thumbs.db", "cats/.hidden.png", "cats/desktop.ini"):
        (folder / name).write_bytes(b"x")
    pictures(folder / "__MACOSX", {"cats": 1}, seed=3)
    pictures(folder, {".git": 1, ".45ACP": 1}, seed=4)
    result = take(project, folder)
    assert (result.n_found, result.n_added) == (4, 2)
    assert result.refused == [(".45ACP/0.png", HIDDEN), ("cats/.hidden.png", HIDDEN)]


def test_a_folder_that_cannot_be_read_is_one_refused_entry(project, folder, pictures, monkeypatch):
    pictures(folder, {"cats": 2, "lost+found": 1})
    scandir = os.scandir

    def guarded(path: Path) -> Any:
        if Path(path).name == "lost+found":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    result = take(project, folder)
    assert (result.n_added, result.refused) == (
        2,
        [("lost+found/", "The folder cannot be read: Permission denied.")],
    )


def test_an_empty_folder_of_a_label_is_listed(project, folder, pictures):
    pictures(folder, {"cats": 2})
    for name in ("dogs", ".cache", "more/empty"):
        (folder / name).mkdir(parents=True)
    assert take(project, folder).refused == [
        ("dogs/", "The folder is empty."), ("more/empty/", "The folder is empty."),
    ]  # fmt: skip


def test_a_folder_named_as_a_label_had_to_be_written_is_that_label(project, folder, tmp_path, pictures):
    pictures(tmp_path / "first", {"AC": 1}, seed=1)
    import_folder(project, tmp_path / "first", "Ada", ignore, choices=LabelChoices(names={"AC": "AC/DC"}))
    pictures(folder, {"AC_DC": 2, "cats": 1}, seed=2)
    take(project, folder)
    assert counts(project) == {"AC/DC": 3, "cats": 1}


def test_labels_are_renamed_merged_and_left_out_as_chosen_before_the_import(project, folder, pictures):
    pictures(folder, {"cat": 2, "kitty": 3, "dog": 1, "junk": 4})
    choices = LabelChoices(names={"cat": "cats", "kitty": "cats", "junk": None})
    result = import_folder(project, folder, "Ada", ignore, choices=choices)
    assert counts(project) == {"cats": 5, "dog": 1}
    assert result.refused == [(f"junk/{i}.png", SKIPPED) for i in range(4)]


def test_two_imports_of_one_folder_at_once_count_each_picture_once(project, folder, pictures):
    pictures(folder, {"cats": 3, "dogs": 2})
    others: list[ImportResult] = []

    def overtaken(_done: int, _total: int | None, message: str) -> None:
        if message.startswith("Looking for near") and not others:
            others.append(take(project, folder))

    result = import_folder(project, folder, "Ada", overtaken)
    assert (others[0].n_added, result.n_added, result.n_known) == (5, 0, 5)
    assert result.version_id == others[0].version_id


def test_links_in_circles_end_and_never_file_one_label_under_another(project, folder, pictures):
    pictures(folder, {"cats": 2, "dogs": 3})
    (folder / "cats" / "up").symlink_to("..")
    (folder / "cats" / "self").symlink_to(".")
    (folder / "dogs" / "up").symlink_to(folder)
    result = take(project, folder)
    assert (counts(project), result.refused) == ({"cats": 2, "dogs": 3}, [])


def test_a_linked_folder_of_pictures_is_followed_once(project, folder, tmp_path, pictures):
    pictures(tmp_path / "elsewhere", {"mice": 3})
    folder.mkdir()
    (folder / "mice").symlink_to(tmp_path / "elsewhere" / "mice")
    pictures(folder, {"cats": 1}, seed=2)
    (folder / "cats" / "a").symlink_to(tmp_path / "elsewhere" / "mice")
    (folder / "cats" / "b").mkdir()
    result = take(project, folder)
    assert counts(project) == {"cats": 4, "mice": 3}
    assert len(result.two_labels) == 3


def test_the_same_bytes_twice_under_one_label_are_one_image(project, folder, pictures, picture):
    pictures(folder, {"cats": 2})
    (folder / "cats" / "copy.png").write_bytes(picture(0))
    (folder / "cats" / "deep").mkdir()
    (folder / "cats" / "deep" / "copy.png").write_bytes(picture(0))
    result = take(project, folder)
    assert (result.n_added, result.n_duplicates) == (2, 2)


def test_the_same_picture_under_two_labels_is_flagged_and_lies_on_one_side(project, folder, pictures, picture):
    pictures(folder, {"cats": 10, "dogs": 10})
    (folder / "dogs" / "wrong.png").write_bytes(picture(3))  # cats/3.png
    result = take(project, folder)
    assert (result.n_added, result.two_labels) == (21, [["cats/3.png", "dogs/wrong.png"]])
    first, second = (row for row in rows(project) if row.sha == images.find_image(project, "wrong.png").sha)
    assert first.split == second.split
    assert first.label_id != second.label_id
    have = images.hashes(project)
    assert have.groups[have.image_ids == second.id].tolist() == [first.id]


def test_a_picture_that_comes_later_under_another_label_joins_its_twin(project, folder, pictures, picture, tmp_path):
    pictures(folder, {"cats": 10, "dogs": 10})
    take(project, folder)
    held_out = next(row for row in rows(project) if row.split == "valid")
    other = tmp_path / "more" / "mice" / "again.png"
    other.parent.mkdir(parents=True)
    other.write_bytes(store.blob_path(held_out.sha).read_bytes())
    result = take(project, tmp_path / "more")
    assert len(result.two_labels) == 1
    again = images.find_image(project, "again.png")
    assert again.split == "valid"
    have = images.hashes(project)
    assert have.groups[np.isin(have.image_ids, [again.id, held_out.id])].tolist() == [held_out.id] * 2


def soft(seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((200, 200), Image.Resampling.BICUBIC)


def test_near_duplicates_share_a_side_now_and_when_they_come_later(project, folder, tmp_path):
    for i in range(20):
        saved(folder / "cats" / f"{i}.png", soft(i))
        if i < 10:
            saved(folder / "cats" / f"{i}-again.jpg", soft(i), quality=50)
    assert take(project, folder).n_near_duplicate_groups == 10
    for i in range(20):
        saved(tmp_path / "later" / "dogs" / f"{i}-small.png", soft(i).resize((90, 90)))
    assert take(project, tmp_path / "later").n_near_duplicate_groups == 20
    have = images.hashes(project)
    for group in set(have.groups.tolist()):
        assert len(set(have.splits[have.groups == group].tolist())) == 1
    assert np.unique(have.groups, return_counts=True)[1].tolist() == [3] * 10 + [2] * 10
    assert set(have.splits.tolist()) == {"train", "valid"}


def test_a_given_split_is_kept_and_leaks_are_moved_to_train_and_listed(project, folder, pictures, picture):
    pictures(folder / "train", {"cats": 2, "dogs": 2})
    pictures(folder / "valid", {"cats": 3, "dogs": 3}, seed=1)
    (folder / "valid" / "cats" / "seen.png").write_bytes(picture(1))  # train/cats/1.png
    saved(folder / "train" / "dogs" / "soft.png", soft(1))
    saved(folder / "valid" / "dogs" / "soft.jpg", soft(1), quality=60)
    result = take(project, folder)
    assert (result.n_found, result.n_added, result.n_duplicates) == (13, 12, 1)
    assert result.leaks == ["valid/cats/seen.png", "valid/dogs/soft.jpg"]
    assert {row.provenance["path"] for row in rows(project) if row.split == "valid"} == {
        f"valid/{label}/{i}.png" for label in ("cats", "dogs") for i in range(3)
    }


def test_a_test_folder_is_held_out_and_the_same_picture_in_train_wins(project, folder, pictures, picture):
    pictures(folder / "train", {"cats": 2})
    pictures(folder / "test", {"cats": 2}, seed=1)
    (folder / "test" / "cats" / "seen.png").write_bytes(picture(0))
    assert take(project, folder).leaks == ["test/cats/seen.png"]
    assert sorted(row.split for row in rows(project)) == ["train", "train", "valid", "valid"]


def test_nested_folders_belong_to_their_label_and_labels_come_in_the_order_of_their_numbers(project, folder, pictures):
    pictures(folder, {"10": 1, "9/old/older": 2, "B": 1, "a": 1})
    take(project, folder)
    assert list(counts(project).items()) == [("9", 2), ("10", 1), ("a", 1), ("B", 1)]


def test_a_missing_or_empty_folder_is_said_in_a_sentence(project, folder):
    with pytest.raises(BadInput, match="There is no folder"):
        take(project, folder)
    folder.mkdir()
    with pytest.raises(BadInput, match="There are no files in pets."):
        take(project, folder)
    with pytest.raises(NotFound, match="There is no project 99"):
        take(99, folder)
    assert versions.list_versions(project) == []


def test_what_report_raises_ends_the_import_and_what_was_read_is_kept(project, folder, pictures):
    pictures(folder, {"cats": 100})

    class Stop(Exception):
        pass

    def stop(done: int, _total: int | None, _message: str) -> None:
        if done == 80:
            raise Stop

    with pytest.raises(Stop):
        import_folder(project, folder, "Ada", stop)
    assert rows(project) == []
    assert take(project, folder).n_added == 100


def test_the_json_result_is_cut_but_counts_everything():
    result = ImportResult(refused=[(f"{i}.png", "no") for i in range(2000)], leaks=["a"])
    stored = result.to_json()
    assert (len(stored["refused"]), stored["n_refused"], stored["n_leaks"], stored["n_two_labels"]) == (500, 2000, 1, 0)


def test_a_picture_whose_bytes_were_erased_meanwhile_is_stored_again(project, folder, pictures):
    pictures(folder, {"cats": 3})
    other = projects.create_project("other")
    take(other, folder)
    sha = rows(other)[0].sha

    def erase(done: int, total: int | None, message: str) -> None:
        if message.startswith("Looking for near"):
            store.remove_blob(sha)  # as emptying the other project's bin does

    import_folder(project, folder, "Ada", erase)
    assert decoding.open_picture(store.blob_path(sha)).size == (8, 8)


def test_an_export_comes_in_again_with_its_labels_and_its_split(project, folder, tmp_path, pictures):
    pictures(folder, {"cats": 10, "dogs, 'wet'": 5})
    take(project, folder)
    export(project, "folders", tmp_path / "out")
    again = projects.create_project("again")
    result = take(again, tmp_path / "out")
    lists = ("ATTRIBUTION.md", "README.md", "classes.txt", "labels.csv")
    assert sorted(result.refused) == [(name, "It lies in no label's folder.") for name in lists]
    assert {(row.sha, row.split) for row in rows(again)} == {(row.sha, row.split) for row in rows(project)}
    assert counts(again) == counts(project)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else_stays_outside_for_a_user_who_is_not_root(folder: Path, pictures: Any) -> None:
    pictures(folder, {"cats": 2, "dogs": 1, "lost+found": 1})
    (folder / "lost+found").chmod(0o700)
    for above in folder.parents:
        if "pytest-of" in str(above):
            above.chmod(0o755)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom curate.gather.folders.folder_plan import plan_folder\n"
        "os.seteuid(65534)\nplan = plan_folder(Path(sys.argv[1]), set())\n"
        "print(plan.n_pictures, [(each.n, each.reason) for each in plan.outside])"
    )
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "3 [(1, 'The folder cannot be read: Permission denied.')]"
