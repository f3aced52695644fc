"""A write-back's files as a table, for the preview and its download."""

from collections.abc import Iterator
from typing import Any

from curate.catalog import projects, write_backs
from curate.catalog.write_backs import FileRow
from curate.gather.sources import readable
from curate.spreadsheet import csv_text

COLUMNS = ("file", "what", "from label", "to label", "goes to", "state", "why")
STATES = {"waits": "waits", "done": "moved", "left": "left alone", "back": "brought back", "stuck": "not brought back"}
_LOT = 1_000


def table(write_back_id: int, states: tuple[str, ...], after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Returns a page of its files as rows with `COLUMNS`, and the id after which the next page starts (0 = last)."""
    names = projects.label_names(write_backs.find(write_back_id).project_id, with_unlabelled=True)
    files = write_backs.files(write_back_id, states, after, limit)
    return [_row(file, names) for file in files], files[-1].id if len(files) == limit else 0


def as_csv(write_back_id: int) -> Iterator[str]:
    """Yields the whole journal as CSV. Raises NotFound at the first piece."""
    names, after = projects.label_names(write_backs.find(write_back_id).project_id, with_unlabelled=True), 0
    yield csv_text([COLUMNS])
    while files := write_backs.files(write_back_id, after=after, limit=_LOT):
        yield csv_text([tuple(_row(file, names).values()) for file in files])
        after = files[-1].id


def _row(file: FileRow, names: dict[int, str]) -> dict[str, Any]:
    is_move = file.kind == "move"
    values = (
        readable(file.source), "move" if is_move else "quarantine", names.get(file.old_label_id, ""),
        names.get(file.new_label_id, "") if is_move else "", readable(file.target), STATES[file.state], file.why or "",
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
