"""`curate write-back …` and `copy-to …`: move a folder's files, or copy the catalog, from the command line."""

import sys
from collections.abc import Sequence
from pathlib import Path

from curate import settings
from curate.catalog import copying, projects, write_backs
from curate.catalog.write_backs import WriteBackRow
from curate.cli.foreground import run_here
from curate.cli.terminal import Bar, print_line, print_table
from curate.errors import NotFound
from curate.jobs.submit import write_back as submit_write_back
from curate.write_back import listing


def write_back(project: str, folder: str | None, now: bool, undo: bool, csv: Path | None, author: str) -> None:
    """Preview what would move; `now` moves it, `undo` brings the last back; what stands half-way goes on."""
    project_id = projects.find_by_key(project).id
    newest = next(iter(write_backs.list_all(project_id)), None)
    if undo:
        row = _undo(newest, author)
    elif newest and newest.state == "writing" and now:
        row = _carry_out(newest.id, author)
    else:
        run_here(submit_write_back.preview(project_id, author, folder))
        row = write_backs.list_all(project_id)[0]
        _print_plan(row)
        if now:
            row = _carry_out(row.id, author)
    if csv:
        _write_csv(row, csv.expanduser())


def copy_to(url: str, project_keys: Sequence[str]) -> None:
    """Copy all projects, or those named, into another database, and check every row."""
    ids = [projects.find_by_key(name).id for name in project_keys] or None
    bar = Bar(sys.stderr)
    try:
        copied = copying.copy_to(
            url, ids, lambda done, total, message: bar.show({"done": done, "total": total, "message": message})
        )
    finally:
        bar.close()
    print_table(("table", "rows", "checked"), ((each.table, each.n_rows, each.digest[:12]) for each in copied))
    print_line(
        f"{sum(each.n_rows for each in copied):,} rows copied, each read again on the other side and found the same."
    )
    print_line(f"Pictures, models and logs stay in {settings.home()}: keep CURATE_HOME, and set CURATE_DATABASE_URL.")


def _carry_out(write_back_id: int, author: str) -> WriteBackRow:
    run_here(submit_write_back.start(write_back_id, author))
    row = write_backs.find(write_back_id)
    n = write_backs.count_states(row.id)
    print_line(
        f"{n.get('done', 0):,} files moved, {n.get('left', 0):,} left alone. `write-back … --undo` brings them back."
    )
    return row


def _undo(row: WriteBackRow | None, author: str) -> WriteBackRow:
    if row is None:
        raise NotFound("Nothing was written back yet.")
    run_here(submit_write_back.start_undo(row.id, author))
    n = write_backs.count_states(row.id)
    print_line(f"{n.get('back', 0):,} files lie where they lay, {n.get('stuck', 0):,} had been changed and stayed.")
    return write_backs.find(row.id)


def _print_plan(row: WriteBackRow) -> None:
    names = projects.label_names(row.project_id, with_unlabelled=True)
    print_line(f"{row.folder}, to version {row.version_number}:")
    words = {"move": "moves", "delete": "into quarantine", "left": "left alone"}
    print_table(
        ("what", "from", "to", "files"),
        ((words[what], names[old], names.get(new, ""), n) for what, old, new, n in row.counts["rows"]),
    )
    for file in write_backs.files(row.id, ("left",), limit=20):
        print_line(f"  left alone: {file.source}: {file.why}")
    print_line(
        f"{row.counts['move']:,} files would move, {row.counts['delete']:,} go into quarantine, "
        f"{row.counts['left']:,} are left alone. Add --now to do it."
    )


def _write_csv(row: WriteBackRow, path: Path) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.writelines(listing.as_csv(row.id))
    print_line(f"The list is {path}.")
