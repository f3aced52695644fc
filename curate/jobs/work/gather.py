"""The jobs that add pictures: an import, a gathering and its preview, and the sample project."""

import time
from pathlib import Path
from typing import Any

from curate import store
from curate.catalog import candidates, gatherings
from curate.catalog.gatherings import Tally
from curate.errors import BadInput, NothingBrought
from curate.gather.collect import gather, preview
from curate.gather.datasets import fetch_dataset, labelled_files, plain_name
from curate.gather.folders.label_choices import LabelChoices
from curate.gather.importing import (
    ImportResult,
    Report,
    import_archive,
    import_files,
    import_folder,
    import_predicted,
    import_tree,
)
from curate.gather.predicted_source import PredictedFile
from curate.gather.sample import make_sample
from curate.gather.watch import Watch
from curate.jobs.context import Cancelled, JobContext
from curate.wording import counted


def run_import(context: JobContext) -> dict[str, Any]:
    """Import pictures; returns the ImportResult as JSON. args, one of:

    {"folder": path} on this machine, with "linked": true if the files stay where they are; {"archive": path};
    {"dataset": name}; {"incoming": folder name, "names": [original names of its files "0", "1", …]} for an upload: a
    zip, or with "label" single pictures, or with "tree" paths with labels, or with "predicted" pictures from Predict.
    LabelChoices adds its own. Uploads stay while the job may be retried.
    """
    incoming = context.args.get("incoming")
    try:
        result = _import(context, incoming)
    except Cancelled:
        if incoming:
            store.remove_incoming(store.find_incoming(incoming))
        raise
    if incoming:
        store.remove_incoming(store.find_incoming(incoming))
    if result.refused and not result.n_added and not result.n_known:
        file, why = result.refused[0]
        n = counted(len(result.refused), "file")
        raise NothingBrought(f"No picture came in; {n} refused. The first, {file}: {why}", "", result.to_json())
    return result.to_json()


def run_gather(context: JobContext) -> dict[str, Any]:
    """Gather pictures; returns the GatherResult as JSON. args: {"gathering": id}; a repeated job resumes.

    After a cancellation with `keep` the fetched pictures enter the project; with `discard` they wait for a resumed
    job. Raises NothingBrought, with the first reason, when no picture was kept.
    """
    result = gather(context.args["gathering"], _watch(context))
    if not result.n_kept and context.cancel != "keep":
        raise NothingBrought(*_why_nothing(result.gathering_id, "No picture was kept"), result.to_json())
    return result.to_json()


def run_preview(context: JobContext) -> dict[str, Any]:
    """Store the first results of every query; returns {"gathering": id}. args: {"gathering": id}.

    Raises NothingBrought, with the first reason, when there is no result.
    """
    result = {"gathering": context.args["gathering"]}
    preview(result["gathering"], _watch(context))
    if not any(tally.n_found for tally in gatherings.tallies(result["gathering"]).values()):
        raise NothingBrought(*_why_nothing(result["gathering"], "Nothing was found"), result)
    return result


def run_sample(context: JobContext) -> dict[str, Any]:
    """Make the sample project unless it exists; returns {"project_id": id}."""
    return {"project_id": make_sample(context.submitted_by, _report(context))}


def _why_nothing(gathering_id: int, what: str) -> tuple[str, str]:
    """Returns (sentence that begins with `what`, hint): on the first source that failed, else the commonest refusal."""
    if notes := [row.note for row in gatherings.searches(gathering_id) if row.note]:
        return f"{what}. {notes[0]}", ""
    if not (reasons := candidates.reasons(gathering_id)):
        return f"{what}: the search has no results.", "Try other words, or another source."
    reason, n = reasons[0]
    detail = next(row[3] for row in candidates.refused(gathering_id) if row[2] == reason)
    n_in_words = counted(sum(count for _, count in reasons), "address", "addresses")
    most = "" if len(reasons) == 1 else f", {n:,} of them for this reason"
    return f"{what}; {n_in_words} refused{most}. {reason}{f': {detail}' if detail else '.'}", ""


def _import(context: JobContext, incoming: str | None) -> ImportResult:
    if context.project_id is None:
        raise BadInput("An import needs a project to go into.")
    project_id, author, report = context.project_id, context.submitted_by, _report(context)
    choices = LabelChoices.from_json(context.args)
    if incoming is None:
        if "archive" in context.args:
            return import_archive(project_id, Path(context.args["archive"]), author, report, choices=choices)
        if "dataset" in context.args:
            return _import_dataset(project_id, context.args["dataset"], author, report)
        is_linked = bool(context.args.get("linked"))
        return import_folder(project_id, Path(context.args["folder"]), author, report, is_linked, choices=choices)
    folder, names = store.find_incoming(incoming), context.args["names"]
    if "label" in context.args:
        files = [(name, folder / str(number)) for number, name in enumerate(names)]
        return import_files(project_id, context.args["label"], files, author, report)
    if "predicted" in context.args:
        pictures = zip(names, context.args["predicted"], strict=True)
        predicted = [PredictedFile(name, folder / str(i), **facts) for i, (name, facts) in enumerate(pictures)]
        return import_predicted(project_id, context.args["run"], predicted, author, report)
    if "tree" in context.args:
        files = [(name, folder / str(number)) for number, name in enumerate(names)]
        return import_tree(project_id, context.args["tree"], "upload", files, author, report, choices)
    return import_archive(project_id, folder / "0", author, report, names[0], choices)


def _import_dataset(project_id: int, name: str, author: str, report: Report) -> ImportResult:
    report(0, None, f"Fetching {plain_name(name)}")
    folder = fetch_dataset(name)
    files = labelled_files(name, folder)
    if files is None:
        return import_folder(project_id, folder, author, report, is_own=False)  # a cache that others use, too
    return import_tree(project_id, plain_name(name), "fastai", files, author, report)


def _report(context: JobContext) -> Report:
    def report(done: int, total: int | None, message: str) -> None:
        context.check()
        context.report(done, total, message)

    return report


def _watch(context: JobContext) -> Watch:
    wanted = {search.number: search.n_wanted for search in gatherings.searches(context.args["gathering"])}

    def report(message: str, tallies: dict[int, Tally]) -> None:
        # A search without a limit is done when all its results are; one with a limit when it has enough.
        totals = {number: wanted[number] or tally.n_found for number, tally in tallies.items()}
        done = sum(
            min(totals[number], tally.n_fetched + (0 if wanted[number] else tally.n_refused))
            for number, tally in tallies.items()
        )
        counts = {str(number): vars(tally) for number, tally in tallies.items()}
        context.report(done, sum(totals.values()), message, tallies=counts)

    def sleep(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0 and context.cancel != "keep":
            context.check()
            time.sleep(min(0.2, left_s))

    return Watch(report, context.check, lambda: context.cancel == "keep", sleep)
