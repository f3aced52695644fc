"""`labels.csv`: a row for each exported image with everything that is known of it, streamed."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from curate.data_export.version_images import ExportedImage, ProjectVersion
from curate.spreadsheet import is_formula, safe_cell

TABLE = "labels.csv"
COLUMNS = (
    "image", "path", "label", "split", "file_name", "sha256", "width", "height", "bytes", "format", "added_at",
    "checked_at", "provenance", "decision", "decided_by", "decided_at", "doubt", "suggested_label",
)  # fmt: skip
Rows = Iterable[list[tuple[ExportedImage, str]]]


class Facts:
    """The facts of a version's images as plain values, missing ones None."""

    def __init__(self, version: ProjectVersion) -> None:
        self._names = {label.id: label.name for label in version.labels}

    def of(self, image: ExportedImage) -> dict[str, Any]:
        """{column: value} without `path`."""
        return {
            "image": image.id, "label": self._names[image.label_id], "split": image.split,
            "file_name": image.file_name, "sha256": image.sha, "width": image.width, "height": image.height,
            "bytes": image.n_bytes, "format": image.format, "added_at": image.created_at.isoformat(),
            "checked_at": image.checked_at and image.checked_at.isoformat(),
            "provenance": json.dumps(image.provenance, ensure_ascii=False),
            "decision": image.decision, "decided_by": image.decided_by,
            "decided_at": image.decided_at and image.decided_at.isoformat(),
            "doubt": image.doubt,
            "suggested_label": self._names.get(image.suggested_id) if image.suggested_id else None,
        }  # fmt: skip


def write(path: Path, version: ProjectVersion, rows: Rows, is_for_spreadsheet: bool, has_paths: bool = True) -> int:
    """Returns how many cells a spreadsheet would run as formulas; is_for_spreadsheet: those get an apostrophe.

    rows: pages of (image, path); paths are left out unless has_paths.
    """
    facts, n_formulas = Facts(version), 0
    columns = [name for name in COLUMNS if has_paths or name != "path"]
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for row in _table(facts, rows):
            n_formulas += sum(is_formula(value) for value in row.values())
            writer.writerow({name: safe_cell(value) for name, value in row.items()} if is_for_spreadsheet else row)
    return n_formulas


def _table(facts: Facts, rows: Rows) -> Iterator[dict[str, Any]]:
    return (facts.of(image) | {"path": path} for page in rows for image, path in page)
