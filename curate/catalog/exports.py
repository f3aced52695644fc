"""Exports a version's pictures as an ImageFolder tree, with a table of all known facts."""

import csv
import json
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from curate import store
from curate.catalog.database import reading
from curate.catalog.projects import LabelRow, labels
from curate.catalog.tables.core import Blob, Image
from curate.errors import BadInput
from curate.pictures import open_picture
from curate.spreadsheet import is_formula, safe_cell

TABLE = "labels.csv"
COLUMNS = (
    "image", "path", "label", "split", "file_name", "sha256", "width", "height", "bytes", "format", "added_at",
    "checked_at", "provenance",
)  # fmt: skip
MAX_NAME_BYTES = 150  # file systems end at 255
_PAGE = 1_000
# Endings that both torchvision's ImageFolder and fastai's get_image_files read, by what is in the file. The first is
# given to a file with none of them. What is not listed here is written as PNG.
ENDINGS = {
    "JPEG": (".jpg", ".jpeg"), "MPO": (".jpg", ".jpeg"), "PNG": (".png",), "BMP": (".bmp",), "DIB": (".bmp",),
    "TIFF": (".tif", ".tiff"), "WEBP": (".webp",), "PPM": (".ppm", ".pgm"),
}  # fmt: skip
_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows


@dataclass(frozen=True)
class Exported:
    """What an export wrote.  n_formulas: cells of labels.csv that a spreadsheet would run as formulas."""

    n_images: int
    n_formulas: int


def export_tree(
    project_id: int,
    folder: Path,
    report: Callable[[int, int, str], None] | None = None,
    is_for_spreadsheet: bool = False,
) -> Exported:
    """Writes folder/train/<label>/… and folder/valid/<label>/…, copies of the originals, and labels.csv.

    Formats that some readers of such folders lack (GIF, HEIC, AVIF, JPEG 2000) are written as PNG. A label or file name
    that cannot be a path gets a safe one; labels.csv, written last, has the true names.
    is_for_spreadsheet: cells that a spreadsheet would run as formulas start with an apostrophe.
    Raises BadInput when the folder is not empty, or the project has no image.
    """
    check_empty(folder)
    of_labels = labels(project_id)
    names = Names()
    folders = _label_folders(of_labels, names)
    true_names = {label.id: label.name for label in of_labels}
    total = sum(label.n_train + label.n_valid for label in of_labels)
    table: list[dict[str, Any]] = []
    for image, blob in active_images(project_id):
        parts = (image.split, folders[image.label_id])
        path = Path(*parts) / names.give(parts, _with_extension(image.file_name, blob.format))
        _copy(store.blob_path(blob.sha), blob.format, folder / path)
        table.append(_facts(image, blob, path, true_names[image.label_id]))
        if report:
            report(len(table), total, "Writing pictures")
    if not table:
        raise BadInput("The project has no images to export.", "Import some first.")
    _write_table(folder / TABLE, table, is_for_spreadsheet)
    return Exported(len(table), sum(is_formula(value) for row in table for value in row.values()))


def label_folders(project_id: int) -> list[str]:
    """Returns the folder names of the project's labels in an export, in the labels' order."""
    return list(_label_folders(labels(project_id), Names()).values())


def _label_folders(of_labels: list[LabelRow], names: "Names") -> dict[int, str]:
    return {label.id: names.give((), label.name) for label in of_labels}


class Names:
    """Gives out distinct names that are safe in every file system, also in those that ignore case.

    >>> names = Names()
    >>> names.give((), "../etc"), names.give((), "A/b"), names.give((), "a_B"), names.give((), "")
    ('_etc', 'A_b', 'a_B~2', '_')
    """

    def __init__(self) -> None:
        self._taken: set[tuple[str, ...]] = set()

    def give(self, parts: tuple[str, ...], name: str) -> str:
        """Returns a name like `name` that is free in the folder `parts`."""
        stem, dot, extension = safe_name(name).rpartition(".")
        if not stem:
            stem, dot, extension = dot + extension, "", ""
        number, given = 1, f"{stem}{dot}{extension}"
        while (key := (*parts, given.casefold())) in self._taken:
            number += 1
            given = f"{stem}~{number}{dot}{extension}"
        self._taken.add(key)
        return given


def safe_name(text: str) -> str:
    """Returns `text` as one safe part of a path: it cannot climb or hide, has no special characters, is not empty."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip(" .")
    if len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        stem, dot, extension = name.rpartition(".")
        end = dot + extension if stem and len(extension) <= 5 else ""
        name = name.encode("utf-8", "replace")[: MAX_NAME_BYTES - len(end)].decode("utf-8", "ignore").rstrip(" .") + end
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def _with_extension(file_name: str, format: str) -> str:
    """Returns the last part of a file name, with the extension of the written format."""
    name = re.split(r"[/\\]", file_name)[-1]
    endings = ENDINGS.get(format, (".png",))
    return name if name.lower().endswith(endings) else name + endings[0]


def check_empty(folder: Path) -> None:
    """Raise BadInput unless the folder is empty or not there yet."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not an empty folder.", "Name a new one; an export never writes over anything.")


def active_images(project_id: int, split: str | None = None) -> Iterator[tuple[Image, Blob]]:
    """The active images of a project, or of one of its splits, in id order with their blobs; a page at a time."""
    chosen = [Image.project_id == project_id, Image.state == "active"]
    chosen += [Image.split == split] if split else []
    last = 0
    while True:
        with reading() as session:
            rows = session.execute(
                select(Image, Blob)
                .join(Blob, Blob.sha == Image.blob_sha)
                .where(*chosen, Image.id > last)
                .order_by(Image.id)
                .limit(_PAGE)
            ).all()
        if not rows:
            return
        yield from ((image, blob) for image, blob in rows)
        last = rows[-1][0].id


def _copy(source: Path, format: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if format in ENDINGS:
        shutil.copyfile(source, target)  # never a link: what people do to an export must not reach the store
    else:
        open_picture(source).save(target, "PNG")


def _facts(image: Image, blob: Blob, path: Path, label: str) -> dict[str, Any]:
    return {
        "image": image.id, "path": path.as_posix(), "label": label, "split": image.split,
        "file_name": image.file_name, "sha256": blob.sha, "width": blob.width, "height": blob.height,
        "bytes": blob.n_bytes, "format": blob.format, "added_at": image.created_at.isoformat(),
        "checked_at": image.checked_at.isoformat() if image.checked_at else "",
        "provenance": json.dumps(image.provenance, ensure_ascii=False),
    }  # fmt: skip


def _write_table(path: Path, table: list[dict[str, Any]], is_for_spreadsheet: bool) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        rows = ({name: safe_cell(value) for name, value in row.items()} for row in table)
        writer.writerows(rows if is_for_spreadsheet else table)
