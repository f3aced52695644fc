"""Pictures left where they lie: read there, and what changes or goes is noticed by size and time."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from curate import settings, store
from curate.catalog import images, linked_files
from curate.catalog.linked_files import Links
from curate.errors import NotFound
from curate.gather.importing import import_folder


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def linked(project: int, folder: Path, pictures: Callable[..., list[Path]]) -> list[Path]:
    paths = pictures(folder, {"cats": 2, "dogs": 1})
    assert import_folder(project, folder, "Ada", ignore, is_linked=True).n_added == 3
    return paths


def shas(project: int) -> list[str]:
    return [row.sha for row in images.image_rows(images.hashes(project).image_ids.tolist())]


def test_nothing_is_copied_and_the_pictures_are_read_where_they_lie(project: int, linked: list[Path]) -> None:
    assert [store.blob_path(sha).read_bytes() for sha in shas(project)] == [path.read_bytes() for path in linked]
    blobs = [path for path in (settings.home() / "blobs").rglob("*") if not path.is_dir()]
    assert len(blobs) == 3 and all(path.is_symlink() for path in blobs)
    assert linked_files.look(project) == Links(3, 0, 0)


def test_what_changed_is_noticed_and_no_longer_shown_as_the_picture_it_was(
    project: int, linked: list[Path], picture: Callable[..., bytes]
) -> None:
    linked[0].write_bytes(picture(99))
    linked[2].unlink()
    assert linked_files.look(project) == Links(3, 1, 1)
    assert linked_files.altered(project, 10) == [(str(linked[0]), "changed"), (str(linked[2]), "missing")]
    assert linked_files.altered_images(project) == [images.hashes(project).image_ids[i] for i in (0, 2)]
    with pytest.raises(NotFound):
        store.blob_path(shas(project)[0])
    assert store.thumbnail_path(shas(project)[1]).exists()


def test_a_linked_picture_that_is_gone_is_named_by_its_file(project: int, linked: list[Path]) -> None:
    linked[1].unlink()
    with pytest.raises(NotFound) as missing:
        store.blob_path(shas(project)[1])
    assert str(missing.value) == f"The linked picture {linked[1]} is gone."
    assert missing.value.hint.startswith("Put it back")


def test_the_same_bytes_at_another_time_are_noticed_and_put_back_they_are_the_same_again(
    project: int, linked: list[Path]
) -> None:
    before = linked[1].stat()
    os.utime(linked[1], ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000))
    assert linked_files.look(project) == Links(3, 1, 0)
    os.utime(linked[1], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert linked_files.look(project) == Links(3, 0, 0)
    assert store.blob_path(shas(project)[1]).read_bytes() == linked[1].read_bytes()


def test_importing_again_takes_in_what_is_new_and_what_changed(
    project: int, folder: Path, linked: list[Path], picture: Callable[..., bytes]
) -> None:
    linked[0].write_bytes(picture(99))
    linked_files.look(project)
    assert import_folder(project, folder, "Ada", ignore, is_linked=True).n_added == 1
    assert linked_files.look(project) == Links(3, 0, 0)
    assert store.blob_path(shas(project)[3]).read_bytes() == picture(99)


def test_a_linked_picture_that_is_copied_in_later_is_stored_and_erasing_never_touches_the_file(
    project: int, linked: list[Path]
) -> None:
    sha = store.add_blob(linked[0].read_bytes())
    linked[0].unlink()
    assert not store.blob_path(sha).is_symlink()
    store.remove_blob(shas(project)[1])
    assert linked[1].exists()
