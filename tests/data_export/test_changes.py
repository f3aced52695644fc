"""An export into a folder that holds an earlier one changes only what changed, and leaves alone what others changed."""

from pathlib import Path
from typing import Any

import pytest

from curate import store
from curate.catalog import images
from curate.data_export import folders, picture_files, target, tree, version_images
from curate.data_export.manifest import read_facts
from curate.data_export.order import Order
from curate.errors import BadInput
from curate.review.deciding.apply import apply
from tests.conftest import tiny_picture
from tests.data_export.test_versions import decide
from tests.factories import export


def files(folder: Path) -> dict[str, bytes]:
    """The pictures below the folder by path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.png")}


def change(made: Any) -> None:
    """A second version: 0 is a dog, 1 is deleted, `new.png` came in."""
    decide(made, "relabel", 0, "dogs")
    decide(made, "delete", 1)
    apply(made.id, "Ada")
    sha = store.add_blob(tiny_picture(99))
    images.add_blobs([images.NewBlob(sha, 100, 8, 8, "PNG", bytes(32))])
    images.add_images(made.id, [images.NewImage(sha, "cats", "new.png", "train")], "Ada", "More", [])


@pytest.mark.parametrize("format", ["folders", "fiftyone"])
def test_an_update_ends_as_a_new_export_would_and_writes_only_what_changed(
    small_project: Any, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export(small_project.id, format, out)
    old = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    change(small_project)
    names: list[str] = []
    write = picture_files.write

    def write_and_note(sha: str, kind: str, to: Path) -> None:
        names.append(to.name)
        write(sha, kind, to)

    monkeypatch.setattr(picture_files, "write", write_and_note)
    written = export(small_project.id, format, out)
    monkeypatch.setattr(picture_files, "write", write)
    assert len(names) == 1  # the new picture; the relabelled one was moved, or stays where it lies
    moved = 1 if format == "folders" else 0
    assert (written.n_added, written.n_moved, written.n_removed, written.n_left_out) == (1, moved, 1, 0)
    export(small_project.id, format, tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")
    for name in ("labels.csv", "README.md", "ATTRIBUTION.md"):
        assert (out / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes()
    kept = [path for path in old if path.exists()]
    assert kept and all(path.stat().st_mtime_ns == old[path] for path in kept)
    back = export(small_project.id, format, out, 1)
    assert (back.n_added, back.n_moved, back.n_removed) == (1, moved, 1)
    export(small_project.id, format, tmp_path / "first", 1)
    assert files(out) == files(tmp_path / "first")


def test_what_somebody_changed_is_left_alone_and_named(small_project: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(small_project.id, "folders", out)
    mine = {"train/cats/0.png": b"mine", "train/cats/1.png": b"mine, too", "train/cats/2.png": b"this one as well"}
    for name, data in mine.items():
        (out / name).write_bytes(data)
    (out / "train/dogs/0.png").write_bytes(b"a file of mine")
    (out / "train/cats/new.png").write_bytes(b"another")
    (out / "README.md").write_text("my own words")
    change(small_project)
    written = export(small_project.id, "folders", out)
    assert {name: (out / name).read_bytes() for name in mine} == mine
    assert (out / "train/dogs/0.png").read_bytes() == b"a file of mine"
    assert (out / "train/dogs/0~2.png").read_bytes() == store.blob_path(small_project.shas[0]).read_bytes()
    assert (out / "train/cats/new.png").read_bytes() == b"another"
    assert (out / "train/cats/new~2.png").read_bytes() == tiny_picture(99)
    assert (out / "README.md").read_text() == "my own words"
    assert sorted(file for file, why in written.left_out if why == tree.CHANGED) == ["README.md", *sorted(mine)]


def test_a_file_that_somebody_removed_comes_back_and_a_label_without_pictures_loses_its_folder(
    make_project: Any, tmp_path: Path
) -> None:
    made = make_project([("cats", "train"), ("dogs", "train"), ("dogs", "valid"), ("cats", "valid")])
    out = tmp_path / "out"
    export(made.id, "folders", out)
    (out / "train/dogs/1.png").unlink()
    decide(made, "relabel", 0, "dogs")
    apply(made.id, "Ada")
    written = export(made.id, "folders", out)
    assert (written.n_added, written.n_moved, written.n_kept) == (1, 1, 2)
    assert sorted(files(out)) == ["train/dogs/0.png", "train/dogs/1.png", "valid/cats/3.png", "valid/dogs/2.png"]
    assert not (out / "train/cats").exists()


def test_only_an_export_of_the_same_project_and_format_is_updated(
    small_project: Any, make_project: Any, tmp_path: Path
) -> None:
    other = make_project([("a", "train"), ("b", "valid")], name="other", seed=1)
    export(small_project.id, "folders", tmp_path / "out")
    with pytest.raises(BadInput, match="another project"):
        export(other.id, "folders", tmp_path / "out")
    with pytest.raises(BadInput, match="another format"):
        export(small_project.id, "fiftyone", tmp_path / "out")
    with pytest.raises(BadInput, match="not an empty folder"):
        export(small_project.id, "parquet", tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="not an empty folder"):
        export(small_project.id, "folders", tmp_path / "full")


def test_a_link_in_the_folder_leads_nowhere_else(small_project: Any, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    export(small_project.id, "folders", out)
    elsewhere.mkdir()
    for path in sorted((out / "train").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (out / "train").rmdir()
    (out / "train").symlink_to(elsewhere)
    with pytest.raises(BadInput, match="is a link that leads out"):
        export(small_project.id, "folders", out)
    assert not [path for path in elsewhere.rglob("*") if path.is_file()]


class Broken(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("n_steps", range(1, 12))
def test_an_update_that_broke_off_anywhere_goes_on_and_ends_the_same(
    small_project: Any, tmp_path: Path, n_steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_images, "PAGE", 2)
    out = tmp_path / "out"
    export(small_project.id, "folders", out)
    change(small_project)
    left = [n_steps]

    def step(*_: Any) -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise Broken

    order = Order(version_images.find_version(small_project.id))
    try:
        folders.write(order, out, step)
    except Broken:
        assert (read_facts(out) or {})["state"] == target.WRITING
        folders.write(order, out, lambda *_: None)
    export(small_project.id, "folders", tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")
    assert (out / "labels.csv").read_bytes() == (tmp_path / "fresh" / "labels.csv").read_bytes()
    assert (read_facts(out) or {})["state"] == target.WHOLE


@pytest.mark.parametrize(("format", "name"), [("zip", "pets.zip"), ("parquet", "out"), ("webdataset", "out")])
@pytest.mark.parametrize("n_steps", [1, 3, 6])
def test_an_export_at_once_that_broke_off_goes_on_and_ends_the_same(
    small_project: Any, tmp_path: Path, format: str, name: str, n_steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from curate.data_export import shards
    from curate.data_export.formats import find_format

    monkeypatch.setattr(version_images, "PAGE", 2)
    monkeypatch.setattr(shards, "MAX_IMAGES", 2)
    left = [n_steps]

    def step(*_: Any) -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise Broken

    order = Order(version_images.find_version(small_project.id), has_card=False)
    with pytest.raises(Broken):
        find_format(format).write(order, tmp_path / name, step)
    assert find_format(format).write(order, tmp_path / name, lambda *_: None).n_images == 8
    (tmp_path / "whole").mkdir()
    find_format(format).write(order, tmp_path / "whole" / name, lambda *_: None)
    assert contents(tmp_path / name) == contents(tmp_path / "whole" / name)


def contents(path: Path) -> dict[str, bytes]:
    import zipfile

    if path.is_file():
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_a_cancelled_first_export_leaves_nothing_but_what_was_somebody_s(small_project: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def step(done: int, *_: Any) -> None:
        if done == 8:
            (out / "train" / "cats" / "mine.txt").write_text("mine")
            raise Broken

    with pytest.raises(Broken):
        folders.write(Order(version_images.find_version(small_project.id)), out, step)
    target.discard(out)
    assert [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()] == ["train/cats/mine.txt"]


def test_files_are_never_the_store_s_own(small_project: Any, tmp_path: Path) -> None:
    export(small_project.id, "folders", tmp_path / "out")
    blob, copy = store.blob_path(small_project.shas[0]), tmp_path / "out" / "train" / "cats" / "0.png"
    assert blob.stat().st_ino != copy.stat().st_ino and copy.stat().st_nlink == 1
    copy.write_bytes(b"edited")
    assert blob.read_bytes() == tiny_picture(0)


def test_a_reflink_is_made_where_the_file_system_has_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"picture")
    if not picture_files.clone(tmp_path / "a", tmp_path / "b"):
        pytest.skip("This file system has no reflinks.")
    assert (tmp_path / "b").read_bytes() == b"picture"
    assert (tmp_path / "a").stat().st_ino != (tmp_path / "b").stat().st_ino
