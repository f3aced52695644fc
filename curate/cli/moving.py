"""`python -m curate write-back …`, `copy-to …`: what moves somebody's files, or the catalog, from the command line."""

import argparse
import sys
from pathlib import Path

from curate import settings
from curate.catalog import copying, projects, write_backs
from curate.catalog.write_backs import WriteBackRow
from curate.cli.foreground import run_here
from curate.cli.terminal import Bar, print_table, printable
from curate.errors import NotFound
from curate.jobs.submit import write_back as submit_write_back
from curate.write_back import listing


def write_back(args: argparse.Namespace) -> None:
    """Preview what would move; with --now move it, with --undo bring the last back; what stands half-way goes on."""
    project_id = projects.find_by_key(args.project).id
    newest = next(iter(write_backs.list_all(project_id)), None)
    if args.undo:
        row = _undo(newest, args.author)
    elif newest and newest.state == "writing" and args.now:
        row = _carry_out(newest.id, args.author)
    else:
        run_here(submit_write_back.preview(project_id, args.author, args.folder))
        row = write_backs.list_all(project_id)[0]
        _say_plan(row)
        if args.now:
            row = _carry_out(row.id, args.author)
    if args.csv:
        _write_csv(row, Path(args.csv).expanduser())


def copy_to(args: argparse.Namespace) -> None:
    """Copy all projects, or those named, into another database, and check every row."""
    ids = [projects.find_by_key(name).id for name in args.project] or None
    bar = Bar(sys.stderr)
    try:
        copied = copying.copy_to(
            args.url, ids, lambda done, total, said: bar.show({"done": done, "total": total, "message": said})
        )
    finally:
        bar.close()
    print_table(("table", "rows", "checked"), ((each.table, each.n_rows, each.digest[:12]) for each in copied))
    _say(f"{sum(each.n_rows for each in copied):,} rows copied, each read again on the other side and found the same.")
    _say(f"Pictures, models and logs stay in {settings.home()}: keep CURATE_HOME, and set CURATE_DATABASE_URL.")


def _carry_out(write_back_id: int, author: str) -> WriteBackRow:
    run_here(submit_write_back.start(write_back_id, author))
    row = write_backs.find(write_back_id)
    n = write_backs.count_states(row.id)
    _say(f"{n.get('done', 0):,} files moved, {n.get('left', 0):,} left alone. `write-back … --undo` brings them back.")
    return row


def _undo(row: WriteBackRow | None, author: str) -> WriteBackRow:
    if row is None:
        raise NotFound("Nothing was written back yet.")
    run_here(submit_write_back.start_undo(row.id, author))
    n = write_backs.count_states(row.id)
    _say(f"{n.get('back', 0):,} files lie where they lay, {n.get('stuck', 0):,} had been changed and stayed.")
    return write_backs.find(row.id)


def _say_plan(row: WriteBackRow) -> None:
    names = {label.id: label.name for label in projects.labels(row.project_id)}
    _say(f"{row.folder}, to version {row.version_number}:")
    words = {"move": "moves", "delete": "into quarantine", "left": "left alone"}
    print_table(
        ("what", "from", "to", "files"),
        ((words[what], names[old], names.get(new, ""), n) for what, old, new, n in row.counts["rows"]),
    )
    for file in write_backs.files(row.id, ("left",), limit=20):
        _say(f"  left alone: {file.source}: {file.why}")
    _say(
        f"{row.counts['move']:,} files would move, {row.counts['delete']:,} go into quarantine, "
        f"{row.counts['left']:,} are left alone. Add --now to do it."
    )


def _write_csv(row: WriteBackRow, path: Path) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.writelines(listing.as_csv(row.id))
    _say(f"The list is {path}.")


def _say(text: str) -> None:
    print(printable(text))
