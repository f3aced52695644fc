"""Carries out and undoes a write-back: one rename after another, each to a free name and never over a file.

The journal holds the plan before anything moves, so that a kill costs nothing: the next process checks which of the
unmarked files have moved. A file moves only while it is as planned.
"""

import ctypes
import errno
import os
from collections.abc import Iterable
from pathlib import Path

from curate.catalog import write_backs
from curate.catalog.tables.core import now
from curate.catalog.write_backs import FileRow, Outcome, WriteBackRow
from curate.errors import BadInput, Conflict
from curate.gather.sources import file_facts
from curate.write_back.folder import QUARANTINE, Report, is_straight, sha_of

LOT = 100  # files between two marks in the journal: what is looked at again after a kill
CHANGED = "It was changed since the preview."
IN_THE_WAY = "Something else lies where it was to go."
_RENAME_NOREPLACE = 1
_AT_FDCWD = -100
# What a disk answers that does not know how to rename without replacing.
_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


def carry_out(write_back_id: int, report: Report) -> dict[str, int]:
    """Moves every planned file, or lists it as left alone; returns {state: files}. It resumes after a kill.

    Raises Conflict when the project has another version by now, or the plan was replaced.
    """
    row = _started(write_back_id)
    root, total = _root(row), sum(write_backs.count_states(row.id).values())
    while lot := write_backs.files(row.id, ("waits",), limit=LOT):
        outcomes = [_forth(root, file) for file in lot]
        _settle(root, outcomes)
        report(_n_ended(row.id), total, "Moving files")
    write_backs.change_state(row.id, ("writing",), "written", ended_at=now())
    return write_backs.count_states(row.id)


def undo(write_back_id: int, report: Report) -> dict[str, int]:
    """Moves every file back, or lists it as stuck since it was changed; returns {state: files}.

    Raises Conflict while a newer write-back to the same folder stands, which must be undone first.
    """
    row = _undoing(write_back_id)
    root = _root(row)
    _settle(root, _moved_unmarked(root, row.id))
    total = write_backs.count_states(row.id).get("done", 0)
    while lot := write_backs.last_done(row.id, LOT):
        _settle(root, [_back(root, file) for file in lot])
        report(total - write_backs.count_states(row.id).get("done", 0), total, "Bringing files back")
    _remove_made(root, row.made)
    write_backs.change_state(row.id, ("undoing",), "undone", ended_at=now())
    return write_backs.count_states(row.id)


def check_undo(row: WriteBackRow) -> None:
    """Raises Conflict when the write-back cannot be undone now."""
    if row.state not in ("writing", "written", "undoing"):
        raise Conflict("There is nothing to roll back.", "It was not carried out, or was rolled back already.")
    if write_backs.later_than(row):
        raise Conflict("A newer write-back to the same folder stands.", "Roll that one back first.")


def _started(write_back_id: int) -> WriteBackRow:
    row = write_backs.find(write_back_id)
    if row.state == "planned" and write_backs.head_version_id(row.project_id) != row.version_id:
        raise Conflict(f"The project has moved on from version {row.version_number}.", "Look at a new preview.")
    if not write_backs.change_state(row.id, ("planned", "writing"), "writing"):
        raise Conflict("This write-back is not waiting to be carried out.", "Look at a new preview.")
    return row


def _undoing(write_back_id: int) -> WriteBackRow:
    row = write_backs.find(write_back_id)
    check_undo(row)
    write_backs.change_state(row.id, ("writing", "written"), "undoing")
    return row


def _root(row: WriteBackRow) -> Path:
    root = Path(row.folder)
    if not root.is_dir():
        raise BadInput(f"The folder {root} is not there.", "Is its disk connected? What was moved so far is noted.")
    return root


def _n_ended(write_back_id: int) -> int:
    counts = write_backs.count_states(write_back_id)
    return sum(counts.values()) - counts.get("waits", 0)


def _forth(root: Path, file: FileRow) -> Outcome:
    """Move one file to its target, unless it has moved already."""
    home = file.source if file.kind == "delete" else None
    done = Outcome(file, "done", file.target, home, file.new_label_id)
    if _has_moved(root, file):
        return done
    why = _move(root, file.source, file.target, file)
    return Outcome(file, "left", file.source, None, file.old_label_id, why) if why else done


def _back(root: Path, file: FileRow) -> Outcome:
    """Move one file back, unless it is there already."""
    back = Outcome(file, "back", file.source, _home_of(file.source), file.old_label_id)
    if not os.path.lexists(root / file.target) and _is_as_planned(root / file.source, file):
        return back
    why = _move(root, file.target, file.source, file)
    return Outcome(file, "stuck", file.target, None, file.new_label_id, why) if why else back


def _home_of(path: str) -> str | None:
    """Returns the former place of a file in quarantine; None for one in the tree."""
    parts = path.split("/")
    return "/".join(parts[2:]) if parts[0] == QUARANTINE else None


def _moved_unmarked(root: Path, write_back_id: int) -> list[Outcome]:
    """Returns files that a killed process moved and did not mark: they are among the first that wait."""
    waiting = write_backs.files(write_back_id, ("waits",), limit=LOT)
    return [_forth(root, file) for file in waiting if _has_moved(root, file)]


def _has_moved(root: Path, file: FileRow) -> bool:
    if os.path.lexists(root / file.source) or not _is_as_planned(root / file.target, file):
        return False
    return sha_of(root / file.target) == file.sha


def _is_as_planned(path: Path, file: FileRow) -> bool:
    return file_facts(path) == (file.n_bytes, file.mtime_ns)


def _move(root: Path, source: str, target: str, file: FileRow) -> str | None:
    """Rename the file; returns why it was left alone, or None."""
    if not _is_as_planned(root / source, file) or not is_straight(root, source):
        return CHANGED
    if not is_straight(root, target):  # else the next line would make folders behind a link
        return IN_THE_WAY
    try:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        if not is_straight(root, target):
            return IN_THE_WAY
        rename_to_free(root / source, root / target)
    except FileExistsError:
        return IN_THE_WAY
    except OSError as error:
        return f"It cannot be moved: {error.strerror}."
    return None


def rename_to_free(source: Path, target: Path) -> None:
    """Rename in one step. Raises FileExistsError when anything is at `target`, and OSError.

    Where the disk or system has no such step (network shares, macOS), it checks first and renames then.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        if not rename(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE):
            return
        code = ctypes.get_errno()
        if code not in _UNKNOWN:
            raise OSError(code, os.strerror(code), str(target))
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def _settle(root: Path, outcomes: list[Outcome]) -> None:
    """Sync the moves to the disk, then mark them: marked moves have happened, whatever fails."""
    touched = {
        (root / path).parent for outcome in outcomes for path in (outcome.row.source, outcome.row.target) if path
    }
    _sync(touched)
    if outcomes:
        write_backs.mark(outcomes)


def _sync(folders: Iterable[Path]) -> None:
    for folder in folders:
        if folder.is_dir():
            opened = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)


def _remove_made(root: Path, made: list[str]) -> None:
    """Remove the folders made for it, the deepest first, unless somebody put something into them."""
    for path in sorted(made, key=lambda path: -path.count("/")):
        try:
            if is_straight(root, path):
                (root / path).rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                raise
