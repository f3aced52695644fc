"""The jobs that bring pictures in: an import, and the sample project."""

from pathlib import Path
from typing import Any

from curate import store
from curate.errors import BadInput
from curate.gather.importing import ImportResult, Report, import_archive, import_files, import_folder
from curate.gather.sample import make_sample
from curate.jobs.context import Cancelled, JobContext


def run_import(context: JobContext) -> dict[str, Any]:
    """The ImportResult as JSON. args, one of:

    {"folder": path} or {"archive": path} on this machine; {"incoming": folder name, "names": [what people called its
    files "0", "1", …]}, a zip, or with "label" loose pictures. Uploads are kept while the job may be tried again.
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
    return result.to_json()


def run_sample(context: JobContext) -> dict[str, Any]:
    """{"project_id"} of the sample project, made when there is none."""
    return {"project_id": make_sample(context.submitted_by, _report(context))}


def _import(context: JobContext, incoming: str | None) -> ImportResult:
    if context.project_id is None:
        raise BadInput("An import needs a project to go into.")
    project_id, author, report = context.project_id, context.submitted_by, _report(context)
    if incoming is None:
        if "archive" in context.args:
            return import_archive(project_id, Path(context.args["archive"]), author, report)
        return import_folder(project_id, Path(context.args["folder"]), author, report)
    folder, names = store.find_incoming(incoming), context.args["names"]
    if "label" in context.args:
        files = [(name, folder / str(number)) for number, name in enumerate(names)]
        return import_files(project_id, context.args["label"], files, author, report)
    return import_archive(project_id, folder / "0", author, report, names[0])


def _report(context: JobContext) -> Report:
    def report(done: int, total: int | None, message: str) -> None:
        context.check()
        context.report(done, total, message)

    return report
