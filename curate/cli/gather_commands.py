"""`curate gather …`: does on the command line what the Gather page does."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate import jobs
from curate.catalog import candidates, gatherings, projects
from curate.catalog.gatherings import NewSearch, SearchRow
from curate.catalog.tables.core import UNLABELLED
from curate.cli import import_plan
from curate.cli.foreground import run_here
from curate.cli.terminal import print_line, print_table
from curate.errors import BadInput, JobFailed, NotFound
from curate.gather import gather_request, refusals
from curate.gather.folders.label_choices import LabelChoices
from curate.gather.limits import Limits
from curate.gather.search import openverse, url_list
from curate.gather.search_sources import SEARCHES


@dataclass(frozen=True)
class GatherArguments:
    """The arguments.  filters: those of Openverse that were given.  limits: all.  The rest as in the help."""

    project: str
    rows: tuple[str, ...]
    n: int
    source: str
    list: Path | None
    label: str | None
    folder: Path | None
    link: bool
    choices: LabelChoices
    unlabelled: bool
    is_sure: bool
    dataset: str | None
    preview: bool
    resume: bool
    refused: Path | None
    as_json: bool
    filters: dict[str, str]
    limits: Limits
    valid_pct: float
    seed: int
    author: str


def gather(args: GatherArguments) -> None:
    """Search, or take in a list, a folder or a data set; with a progress bar."""
    if args.folder or args.dataset:
        _import(args)
        return
    gathering_id = _last(args) if args.resume else _new_gathering(args)
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


def _import(args: GatherArguments) -> None:
    if args.folder and not args.dataset:
        folder = args.folder.expanduser().resolve()
        if not folder.is_dir():
            raise BadInput(f"There is no folder {folder}.")
        import_plan.confirm(folder, args.project, args.choices, args.is_sure or args.as_json)
        job: dict[str, Any] = {"folder": str(folder), **args.choices.to_json()} | (
            {"linked": True} if args.link else {}
        )
        what: str | None = args.folder.name
    else:
        job, what = {"dataset": args.dataset}, args.dataset
    result = run_here(jobs.enqueue("import", _project_id(args), job, f"Import {what}", args.author)).result or {}
    if args.as_json:
        print(json.dumps(result, indent=1))
        return
    print_line(f"{args.project}: {result['n_added']:,} of {result['n_found']:,} files added.")
    for file, why in result["refused"]:
        print_line(f"  left out: {file}: {why}")
    if (n_more := result.get("n_refused", 0) - len(result["refused"])) > 0:
        print_line(f"  left out: {n_more:,} more files")


def _new_gathering(args: GatherArguments) -> int:
    if args.list:
        if not args.list.is_file():
            raise BadInput(f"There is no file {args.list}.")
        label = UNLABELLED if args.unlabelled and not args.label else args.label
        searches = url_list.lay_down(url_list.read_file(args.list), label, args.list.name)
    else:
        options = args.filters if args.source == "openverse" else {}
        searches = [_search(text, args.n, args.source, options, args.unlabelled) for text in args.rows]
    if not searches:
        raise BadInput("Nothing is asked for.", "Name labels, or give --list, --folder or --dataset.")
    return gather_request.ask(_project_id(args), searches, args.limits, args.author)


def _search(text: str, n: int, source: str, options: dict[str, Any], is_unlabelled: bool) -> NewSearch:
    if is_unlabelled:
        return NewSearch(UNLABELLED, text.strip(), n, source, options)
    label, _, query = text.partition("=")
    return NewSearch(label.strip(), query.strip() or label.strip(), n, source, options)


def _last(args: GatherArguments) -> int:
    newest = gatherings.list_gatherings(projects.find_project(args.project).id, limit=1, with_drafts=False)
    if not newest or newest[0].status == "done":
        raise NotFound(f"{args.project} has no gathering that could be gone on with.")
    return newest[0].id


def _project_id(args: GatherArguments) -> int:
    try:
        return projects.find_project(args.project).id
    except NotFound:
        return projects.create_project(args.project, args.valid_pct, args.seed)


def _say_preview(gathering_id: int) -> None:
    for search in gatherings.searches(gathering_id):
        print_line(f"{search.label or projects.NO_LABEL} ({search.query}):")
        for row in candidates.first_found(gathering_id, search.number, 8):
            print_line(f"  {row.credit.get('title', '')}  {row.url}")
        if search.note:
            print_line(f"  {search.note}")


def _say_result(args: GatherArguments, gathering_id: int, result: dict[str, Any]) -> None:
    if args.refused:
        with args.refused.open("w", newline="", encoding="utf-8") as file:
            refusals.write_csv(gathering_id, file)
    searches = gatherings.searches(gathering_id)
    rows = [_row(search, gathering_id) for search in searches]
    if args.as_json:
        print(json.dumps(result | {"labels": rows, "refused": dict(candidates.reasons(gathering_id))}, indent=1))
        return
    print_table(
        ("label", "from", "wanted", "found", "fetched", "kept", "refused"), (list(row.values()) for row in rows)
    )
    for why, n in candidates.reasons(gathering_id):
        print_line(f"  {n:,} refused: {why}")
    for search in searches:
        if search.note:
            print_line(f"  {search.label or projects.NO_LABEL}: {search.note}")
    if result.get("is_open"):
        print_line(f'It is not finished: curate gather "{args.project}" --resume')


def _row(search: SearchRow, gathering_id: int) -> dict[str, Any]:
    tally = gatherings.tallies(gathering_id)[search.number]
    return {
        "label": search.label, "from": SEARCHES[search.source].title, "wanted": search.n_wanted or tally.n_found,
        "found": tally.n_found, "fetched": tally.n_fetched, "kept": tally.n_kept, "refused": tally.n_refused,
    }  # fmt: skip


def register_openverse(name: str, description: str, email: str) -> None:
    """Register with Openverse, which then allows larger pages and more requests."""
    made = openverse.register(name, description, email)
    print_line(f"CURATE_OPENVERSE_ID={made['client_id']}")
    print_line(f"CURATE_OPENVERSE_SECRET={made['client_secret']}")
    print_line(made.get("msg", ""))
