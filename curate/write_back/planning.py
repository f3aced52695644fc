"""Plans a write-back: every file to move and its target, before anything moves; the plan is also the journal."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from curate.catalog import projects, source_files, write_backs
from curate.catalog.projects import LabelRow
from curate.catalog.source_files import Misplaced
from curate.catalog.write_backs import WriteBackRow
from curate.errors import Conflict
from curate.gather.folders.folder_names import UNLABELLED, is_ignored
from curate.gather.sources import file_facts, readable
from curate.safe_names import folder_names
from curate.write_back.folder import QUARANTINE, Report, is_straight, recognise, sha_of

GONE, CHANGED_SIZE, CHANGED_TIME = "It is no longer there.", "Its size has changed.", "It was changed since it came in."
CHANGED_CONTENT = "Its content has changed."
LINK = "It lies behind a link."
_LOT = 200


def plan(write_back_id: int, report: Report) -> None:
    """Read the folder and store the moves; starts again after a kill.

    Raises Conflict when a newer plan has taken its place.
    """
    row = write_backs.find(write_back_id)
    write_backs.clear_files(row.id)
    recognise(row.project_id, Path(row.folder), report)
    counts = _plan_files(row, report)
    if not write_backs.change_state(row.id, ("looking",), "planned", **counts):
        write_backs.clear_files(row.id)
        raise Conflict("A newer preview has taken the place of this one.")


def _plan_files(row: WriteBackRow, report: Report) -> dict[str, Any]:
    """Plan every file; returns the columns `counts` and `made`."""
    places = Places(row, projects.labels(row.project_id, with_unlabelled=True))
    lot: list[dict[str, Any]] = []
    counts: Counter[tuple[str, int, int]] = Counter()
    for n, file in enumerate(source_files.misplaced(row.project_id, row.folder), start=1):
        planned = _planned(places, file)
        counts[_column(planned), file.label_id, file.wanted_id or 0] += 1
        lot.append(planned)
        if len(lot) >= _LOT:
            write_backs.add_files(row.id, lot)
            lot = []
        report(n, None, "Looking at files that are to move")
    write_backs.add_files(row.id, lot)
    return {"counts": _counts(counts, Path(row.folder)), "made": sorted(places.made)}


def _planned(places: "Places", file: Misplaced) -> dict[str, Any]:
    """Returns a row of the journal."""
    why = _why_left(places.root, file)
    return {
        "source_file_id": file.id, "kind": "move" if file.wanted_id else "delete", "source": file.path,
        "target": "" if why else places.target(file), "old_label_id": file.label_id,
        "new_label_id": file.wanted_id or file.label_id, "n_bytes": file.n_bytes, "mtime_ns": file.mtime_ns,
        "sha": file.sha, "state": "left" if why else "waits", "why": why,
    }  # fmt: skip


def _why_left(root: Path, file: Misplaced) -> str | None:
    """Returns why the file differs from that at import, or None."""
    facts = file_facts(root / file.path)
    if facts is None:
        return GONE
    if not is_straight(root, file.path):
        return LINK
    if facts[0] != file.n_bytes:
        return CHANGED_SIZE
    if facts[1] != file.mtime_ns:
        return CHANGED_TIME
    return None if sha_of(root / file.path) == file.sha else CHANGED_CONTENT


def _column(planned: dict[str, Any]) -> str:
    return "left" if planned["state"] == "left" else planned["kind"]


def _counts(counts: Counter[tuple[str, int, int]], root: Path) -> dict[str, Any]:
    """Returns {move, delete, left: files; rows: [[what, label, new label or 0, files]]; tables: names of lists}.

    tables: files in the folder that may name files to be moved.
    """
    sums = {what: sum(n for key, n in counts.items() if key[0] == what) for what in ("move", "delete", "left")}
    rows = [[*key, n] for key, n in sorted(counts.items())]
    tables = sorted(readable(path.name) for path in root.iterdir() if path.suffix.lower() in (".csv", ".tsv", ".txt"))
    return {**sums, "rows": rows, "tables": tables[:5]}


class Places:
    """Finds free targets: the label's own folder where there is one, and a free name.

    `made`: folders to be made.
    """

    def __init__(self, row: WriteBackRow, labels: list[LabelRow]) -> None:
        self.root = Path(row.folder)
        self.made: set[str] = set()
        self._row = row
        self._names = {label.id: label.name if label.position >= 0 else UNLABELLED for label in labels}
        self._folder_names = folder_names(self._names.values())
        self._taken: set[str] = set()
        self._folders: dict[tuple[str, int], str] = {}

    def target(self, file: Misplaced) -> str:
        """Returns the file's new path, relative to the folder."""
        if file.wanted_id is None:
            wanted = f"{QUARANTINE}/{self._row.id}/{file.path}"
        else:
            parts = (file.home_path or file.path).split("/")
            if file.wanted_id != file.label_id:
                folder = self._label_folder(parts[: file.label_at], file.wanted_id)
                # Without a label's folder, `label_at` is the file: it moves into one, which then is at that place.
                parts[file.label_at : file.label_at + (file.label_at < len(parts) - 1)] = [folder]
            wanted = "/".join(parts)
        free = self._free(wanted)
        self._note_folders(free)
        return free

    def _free(self, wanted: str) -> str:
        """Returns `wanted`, or the same with ~2, ~3, … before its extension: no file has or will get that name.

        Case does not count, as some disks ignore it.
        """
        stem, dot, ending = wanted.rpartition(".")
        if "/" in ending or not stem or stem.endswith("/"):
            stem, dot, ending = wanted, "", ""
        number, free = 1, wanted
        while self._is_taken(free):
            number += 1
            free = f"{stem}~{number}{dot}{ending}"
        self._taken.add(free.casefold())
        return free

    def _is_taken(self, path: str) -> bool:
        return (
            path.casefold() in self._taken
            or os.path.lexists(self.root / path)
            or source_files.is_taken(self._row.project_id, self._row.folder, path)
        )

    def _label_folder(self, above: list[str], label_id: int) -> str:
        """Returns the name of the label's folder below the folders `above`: the present one, else a safe one."""
        inside = "/".join(above)
        if (inside, label_id) not in self._folders:
            self._folders[inside, label_id] = self._find_folder(self.root / inside, self._names[label_id])
        return self._folders[inside, label_id]

    def _find_folder(self, inside: Path, label: str) -> str:
        there = {readable(path.name).strip(): path.name for path in inside.iterdir() if path.is_dir()}
        if label in there:
            return there[label]
        name = self._folder_names[label]
        if name in there and name not in self._folder_names:  # made by an earlier write-back
            return there[name]
        others = {other.casefold() for other in (*there, *self._folder_names) if other != label}
        number, free = 1, name
        while free.casefold() in others or is_ignored(free):
            number += 1
            free = f"{name.lstrip('.')}~{number}"
        return free

    def _note_folders(self, path: str) -> None:
        above = path.rpartition("/")[0]
        while above and above not in self.made and not (self.root / above).exists():
            self.made.add(above)
            above = above.rpartition("/")[0]
