"""An ImageFolder tree as one zip, stored, straight from the originals: nothing of it lies on disk twice.

While it is written it lies in a folder beside, with the names given and how far it is, so that it can go on.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from curate.data_export import folders, image_table, target
from curate.data_export.order import Order
from curate.data_export.target import Target
from curate.data_export.tree import Layout, Step, Written, table_pages, with_data
from curate.data_export.version_images import ExportedImage, pages
from curate.data_export.zip_stream import ZipStream, copy_into
from curate.errors import BadInput

FORMAT = "zip"
_ARCHIVE, _DIRECTORY, _LISTS = "archive", "directory", "lists"


def write(order: Order, path: Path, on_step: Step) -> Written:
    """Write the zip to `path`. Raises BadInput when there is something already."""
    if path.exists():
        raise BadInput(f"{path} is there already.", "Name a new file; an export never writes over anything.")
    work = work_folder(path)
    with target.at_once(work, order.version, FORMAT) as place:
        with _archive(place) as (archive, files):
            written = _add_pictures(order, place, archive, files, on_step)
            on_step(order.version.n_images, order.version.n_images, "Writing labels.csv")
            written.n_formulas = _add_lists(order, place, archive)
            archive.finish()
        (work / _ARCHIVE).replace(path)
    shutil.rmtree(work, ignore_errors=True)
    return written


def work_folder(path: Path) -> Path:
    """Returns the folder in which a zip is made."""
    return path.with_name(f".{path.name}.part")


def _add_lists(order: Order, place: Target, archive: ZipStream) -> int:
    """Add labels.csv and what goes along; returns how many cells a spreadsheet would run as formulas."""
    lists = place.root / _LISTS
    shutil.rmtree(lists, ignore_errors=True)
    lists.mkdir()
    rows = table_pages(order.version, place)
    n_formulas = image_table.write(lists / image_table.TABLE, order.version, rows, order.is_for_spreadsheet)
    (lists / folders.CLASSES).write_text(folders.classes(order.version.labels), "utf-8")
    for name, write_list in order.extras(folders.USAGE).items():
        write_list(lists / name)
    copy_into(archive, lists)
    return n_formulas


@contextmanager
def _archive(place: Target) -> Iterator[tuple[ZipStream, tuple[IO[bytes], IO[bytes]]]]:
    """The archive, cut back to where the manifest says that it is whole, and its two files."""
    n_bytes, n_listed, n_entries = place.manifest.fact("written") or (0, 0, 0)
    with _cut(place.root / _ARCHIVE, n_bytes) as out, _cut(place.root / _DIRECTORY, n_listed) as directory:
        yield ZipStream(out, directory, n_bytes, n_entries), (out, directory)


def _cut(path: Path, n_bytes: int) -> IO[bytes]:
    path.touch()
    os.truncate(path, n_bytes)
    file = path.open("r+b")
    file.seek(0, os.SEEK_END)
    return file


def _add_pictures(
    order: Order, place: Target, archive: ZipStream, files: tuple[IO[bytes], IO[bytes]], on_step: Step
) -> Written:
    written, layout = Written(**(place.manifest.fact("left_out") or {})), folders.layout(order.version.labels)
    for page in pages(order.everything, after=place.manifest.fact("after") or 0):
        for image, data in with_data(page, written):
            _add(place, archive, layout, image, data)
            on_step(archive.n_entries, order.everything.n_images, "Writing pictures")
        for file in files:
            file.flush()
            os.fsync(file.fileno())
        sizes = [archive.n_bytes, files[1].tell(), archive.n_entries]
        left_out = {"left_out": written.left_out, "n_left_out": written.n_left_out}
        place.manifest.set_facts(written=sizes, after=page[-1].id, left_out=left_out)
        place.manifest.commit()
    written.n_images = written.n_added = archive.n_entries
    return written


def _add(place: Target, archive: ZipStream, layout: Layout, image: ExportedImage, data: bytes) -> None:
    path = next(place.manifest.free_paths(image.id, layout.folder_of(image), layout.name_of(image)))
    place.manifest.store(image.id, path, place.now)
    archive.add(path, data, image.created_at.replace(tzinfo=None))
