"""`python -m curate gather …`: everything that the Gather page brings in, from the command line."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from curate import jobs
from curate.catalog import candidates, gatherings, projects
from curate.catalog.gatherings import NewWish, WishRow
from curate.cli import import_plan
from curate.cli.foreground import run_here
from curate.cli.terminal import print_table, printable
from curate.errors import BadInput, JobFailed, NotFound
from curate.gather import gather_request, refusals
from curate.gather.limits import Limits
from curate.gather.search import SEARCHES, openverse, url_list


def gather(args: argparse.Namespace) -> None:
    """Search, or take in a list, a folder or a data set; with a progress bar."""
    if args.folder or args.dataset:
        _import(args)
        return
    gathering_id = _last(args) if args.resume else _asked(args)
    gathering = gatherings.find_gathering(gathering_id)
    kind = "preview" if args.preview else "gather"
    job = {"gathering": gathering_id}
    try:
        row = run_here(jobs.enqueue(kind, gathering.project_id, job, gathering.title, args.author))
    except JobFailed:
        if not args.preview:
            _say_result(args, gathering_id, {})
        raise
    if args.preview:
        _say_preview(gathering_id)
    else:
        _say_result(args, gathering_id, row.result or {})


def _import(args: argparse.Namespace) -> None:
    if args.dataset:
        job: dict[str, Any] = {"dataset": args.dataset}
    else:
        job = {"folder": str(args.folder.expanduser().resolve())} | ({"linked": True} if args.link else {})
        if not Path(job["folder"]).is_dir():
            raise BadInput(f"There is no folder {job['folder']}.")
        choices = import_plan.choices_of(args)
        import_plan.confirm(Path(job["folder"]), args.project, choices, args.yes or args.json)
        job |= choices.to_json()
    what = args.dataset or args.folder.name
    result = run_here(jobs.enqueue("import", _project_id(args), job, f"Import {what}", args.author)).result or {}
    if args.json:
        print(json.dumps(result, indent=1))
        return
    print(printable(f"{args.project}: {result['n_added']:,} of {result['n_found']:,} files added."))
    for file, why in result["refused"]:
        print(printable(f"  left out: {file}: {why}"))
    if (n_more := result.get("n_refused", 0) - len(result["refused"])) > 0:
        print(f"  left out: {n_more:,} more files")


def _asked(args: argparse.Namespace) -> int:
    limits = Limits(**{field.name: getattr(args, field.name) for field in dataclasses.fields(Limits)})
    if args.list:
        if not args.list.is_file():
            raise BadInput(f"There is no file {args.list}.")
        wishes = url_list.lay_down(url_list.read_file(args.list), args.label, args.list.name)
    else:
        filters = {name: getattr(args, f"filter_{name}") for name in openverse.OPTIONS}
        options = {name: value for name, value in filters.items() if value} if args.source == "openverse" else {}
        wishes = [_wish(text, args.n, args.source, options) for text in args.wishes]
    if not wishes:
        raise BadInput("Nothing is asked for.", "Name labels, or give --list, --folder or --dataset.")
    return gather_request.ask(_project_id(args), wishes, limits, args.author)


def _wish(text: str, n: int, source: str, options: dict[str, Any]) -> NewWish:
    label, _, query = text.partition("=")
    return NewWish(label.strip(), query.strip() or label.strip(), n, source, options)


def _last(args: argparse.Namespace) -> int:
    found = gatherings.list_gatherings(projects.find_project(args.project).id, limit=1, with_drafts=False)
    if not found or found[0].status == "done":
        raise NotFound(f"{args.project} has no gathering that could be gone on with.")
    return found[0].id


def _project_id(args: argparse.Namespace) -> int:
    try:
        return projects.find_project(args.project).id
    except NotFound:
        return projects.create_project(args.project, args.valid_pct, args.seed)


def _say_preview(gathering_id: int) -> None:
    for wish in gatherings.wishes(gathering_id):
        print(printable(f"{wish.label} ({wish.query}):"))
        for row in candidates.first_found(gathering_id, wish.number, 8):
            print(printable(f"  {row.credit.get('title', '')}  {row.url}"))
        if wish.note:
            print(printable(f"  {wish.note}"))


def _say_result(args: argparse.Namespace, gathering_id: int, result: dict[str, Any]) -> None:
    if args.refused:
        with args.refused.open("w", newline="", encoding="utf-8") as file:
            refusals.write_csv(gathering_id, file)
    wishes = gatherings.wishes(gathering_id)
    rows = [_row(wish, gathering_id) for wish in wishes]
    if args.json:
        print(json.dumps(result | {"labels": rows, "refused": dict(candidates.reasons(gathering_id))}, indent=1))
        return
    print_table(
        ("label", "from", "wanted", "found", "fetched", "kept", "refused"), (list(row.values()) for row in rows)
    )
    for why, n in candidates.reasons(gathering_id):
        print(printable(f"  {n:,} refused: {why}"))
    for wish in wishes:
        if wish.note:
            print(printable(f"  {wish.label}: {wish.note}"))
    if result.get("is_open"):
        print(printable(f'It is not finished: python -m curate gather "{args.project}" --resume'))


def _row(wish: WishRow, gathering_id: int) -> dict[str, Any]:
    tally = gatherings.tallies(gathering_id)[wish.number]
    return {
        "label": wish.label, "from": SEARCHES[wish.source].title, "wanted": wish.n_wanted or tally.n_found,
        "found": tally.n_found, "fetched": tally.n_fetched, "kept": tally.n_kept, "refused": tally.n_refused,
    }  # fmt: skip


def register_openverse(args: argparse.Namespace) -> None:
    """Register with Openverse, which then allows larger pages and more requests."""
    made = openverse.register(args.name, args.description, args.email)
    print(printable(f"CURATE_OPENVERSE_ID={made['client_id']}"))
    print(printable(f"CURATE_OPENVERSE_SECRET={made['client_secret']}"))
    print(printable(made.get("msg", "")))
