"""Pictures as files in folders: written anew, or brought from an earlier version to this one by its changes only.

What is not as we wrote it (size and time) is somebody's: it is left alone and listed, never written over.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from curate.data_export import picture_files
from curate.data_export.manifest import FileRow
from curate.data_export.picture_files import facts_of
from curate.data_export.target import Target
from curate.data_export.version_images import ExportedImage, ProjectVersion, pages
from curate.errors import BadPicture, NotFound

Step = Callable[[int, int | None, str], None]
MOST_LISTED = 100
CHANGED = "It was changed since it was exported, and left alone."


@dataclass
class Written:
    """What an export did: images in the target, and of them added, moved and kept; files removed.

    left_out: (file, why) of what is missing or was left alone, at most `MOST_LISTED` of n_left_out.
    """

    n_images: int = 0
    n_added: int = 0
    n_moved: int = 0
    n_kept: int = 0
    n_removed: int = 0
    n_left_out: int = 0
    n_formulas: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def leave_out(self, file: str, why: str) -> None:
        """Count and list one file."""
        self.n_left_out += 1
        if len(self.left_out) < MOST_LISTED:
            self.left_out.append((file, why))


def with_data(images: Iterable[ExportedImage], written: Written) -> Iterator[tuple[ExportedImage, bytes]]:
    """Yields each image with the bytes to export; those that cannot be read are listed as left out."""
    for image in images:
        try:
            yield image, picture_files.read(image.sha, image.format)
        except (NotFound, BadPicture) as error:
            written.leave_out(image.file_name, str(error))


@dataclass(frozen=True)
class Layout:
    """Where an image's file goes: the folder, from the target's, and the name that it would like to have there."""

    folder_of: Callable[[ExportedImage], str]
    name_of: Callable[[ExportedImage], str]


def write_tree(version: ProjectVersion, target: Target, layout: Layout, on_step: Step) -> Written:
    """Bring the target's pictures to this version."""
    written, left_folders = Written(), set[str]()
    n_done = 0
    for page in pages(version):
        known = target.manifest.between(page[0].id, page[-1].id)
        waiting = [image for image in page if not _settle(target, layout, image, known.get(image.id), written)]
        target.manifest.commit()
        for image in page:
            if (row := known.get(image.id)) and row.folder != layout.folder_of(image):
                left_folders.add(row.folder)
        rows = target.manifest.between(page[0].id, page[-1].id)
        for number, image in enumerate(waiting, 1):
            _write(target, image, rows[image.id], written)
            on_step(n_done + number, version.n_images, "Writing pictures")
        target.manifest.commit()
        n_done += len(page)
        on_step(n_done, version.n_images, "Writing pictures")
    left_folders |= _remove_others(target, written)
    _remove_empty(target.root, left_folders)
    written.n_images = written.n_added + written.n_moved + written.n_kept
    return written


def _settle(target: Target, layout: Layout, image: ExportedImage, row: FileRow | None, written: Written) -> bool:
    """Whether the image's file is where it belongs already, or could be moved there; else its path is stored."""
    manifest, folder = target.manifest, layout.folder_of(image)
    if row and row.folder == folder:
        path = target.root / row.path
        if row.n_bytes is None or not _is_there(path):  # planned when an earlier pass broke off, or removed by somebody
            manifest.store(image.id, row.path, target.now)
            return False
        manifest.mark_seen(image.id, target.now)
        if facts_of(path) != row.facts:
            written.leave_out(row.path, CHANGED)
        written.n_kept += 1
        return True
    if row and row.n_bytes is not None and _moved(target, image, row, layout, written):
        written.n_moved += 1
        return True
    manifest.store(image.id, _free_path(target, image, layout), target.now)
    return False


def _moved(target: Target, image: ExportedImage, row: FileRow, layout: Layout, written: Written) -> bool:
    """Whether the file was moved to its new folder, now or before an earlier pass broke off."""
    old = target.root / row.path
    if _is_there(old):
        if facts_of(old) != row.facts:
            written.leave_out(row.path, CHANGED)
            return False
        path = _free_path(target, image, layout)
        old.replace(target.place(path))
    else:
        tries = target.manifest.free_paths(image.id, layout.folder_of(image), layout.name_of(image))
        there = (path for path in tries if _is_there(target.root / path))
        match = next((path for path in there if facts_of(target.root / path) == row.facts), None)
        if match is None:
            return False
        path = match
    target.manifest.store(image.id, path, target.now)
    target.manifest.mark_written(image.id, *facts_of(target.root / path))
    return True


def _free_path(target: Target, image: ExportedImage, layout: Layout) -> str:
    tries = target.manifest.free_paths(image.id, layout.folder_of(image), layout.name_of(image))
    return next(path for path in tries if not _is_there(target.root / path))


def _write(target: Target, image: ExportedImage, row: FileRow, written: Written) -> None:
    place = target.place(row.path)
    try:
        picture_files.write(image.sha, image.format, place)
    except (NotFound, BadPicture) as error:
        target.manifest.forget(image.id)
        written.leave_out(image.file_name, str(error))
    else:
        target.manifest.mark_written(image.id, *facts_of(place))
        written.n_added += 1


def _remove_others(target: Target, written: Written) -> set[str]:
    """Remove the files of images that the version does not have; returns the folders that they lay in."""
    folders = set()
    for row in target.manifest.left_behind(target.now):
        path = target.root / row.path
        if _is_there(path):
            if row.n_bytes is not None and facts_of(path) != row.facts:
                written.leave_out(row.path, CHANGED)
            else:
                path.unlink()
                written.n_removed += 1
        folders.add(row.folder)
        target.manifest.forget(row.image_id)
    target.manifest.commit()
    return folders


def _remove_empty(root: Path, folders: set[str]) -> None:
    """Remove folders that nothing is left in: torchvision refuses labels without pictures."""
    for folder in sorted(folders, reverse=True):
        path = root / folder
        if folder and path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def table_pages(version: ProjectVersion, target: Target) -> Iterator[list[tuple[ExportedImage, str]]]:
    """Yields the exported images with their paths, in pages."""
    for page in pages(version):
        rows = target.manifest.between(page[0].id, page[-1].id)
        yield [(image, rows[image.id].path) for image in page if image.id in rows]
