"""The job that writes an export of pictures and labels. args: {"export_id": id}."""

import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from curate import store
from curate.catalog import exports, runs
from curate.catalog.database import reading
from curate.catalog.exports import ExportRow
from curate.catalog.tables.core import Image
from curate.data_export import target, version_images, zip_tree
from curate.data_export.data_card import ErrorsLeft
from curate.data_export.formats import find_format
from curate.data_export.order import Order
from curate.data_export.version_images import ProjectVersion
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.submit import export as submit
from curate.review.listing.score_columns import has_doubts
from curate.review.reports import stopping_estimate


def run(context: JobContext) -> dict[str, Any]:
    """Write the export; returns its counts (`data_export.tree.Written`), "export_id" and "path"."""
    row = exports.find(int(context.args["export_id"]))
    exports.take_up(row.id, context.job_id)
    kind, path = find_format(row.format), submit.path_of(row)
    version = version_images.find_version(row.project_id, row.version_number)
    order = _order(row, version)
    try:
        written = kind.write(order, path, context.step)
    except Cancelled:
        _discard(row, path)
        raise
    result = {**asdict(written), "n_missing": order.everything.n_images - written.n_images}
    result["n_unlabelled_left_out"] = 0 if order.with_unlabelled else version.row.n_unlabelled
    exports.finish(row.id, written.n_images, _size(path), result)
    return {**result, "export_id": row.id, "path": str(path)}


def _order(row: ExportRow, version: ProjectVersion) -> Order:
    extras = submit.Extras(**row.settings)
    return Order(
        version, has_card=extras.card, has_attribution=extras.attribution, is_for_spreadsheet=extras.spreadsheet,
        errors_left=_errors_left(version) if extras.card or row.format == "card" else None, run_id=extras.run_id,
        with_unlabelled=extras.unlabelled,
    )  # fmt: skip


def _errors_left(version: ProjectVersion) -> ErrorsLeft | None:
    """The estimate for the newest version; None for others, for pictures no run has judged, and before 20 decisions."""
    if version.run_id is None or not version.row.is_head or not has_doubts(version.run_id):
        return None
    run = runs.find_run(version.run_id)
    later = (Image.project_id == run.project_id, Image.state == "active", Image.version_id > run.version_id)
    with reading() as session:
        if session.scalar(select(Image.id).where(*later).limit(1)) is not None:
            return None
    ahead = stopping_estimate.find_estimate(run.id).ahead
    return ErrorsLeft(ahead.left, ahead.n_seen, _n_waiting(run.project_id)) if ahead.is_known else None


def _n_waiting(project_id: int) -> int:
    waits = (Image.project_id == project_id, Image.decision.in_(("delete", "relabel")))
    with reading() as session:
        return session.scalar(select(func.count()).where(*waits)) or 0


def _discard(row: ExportRow, path: Path) -> None:
    """After a cancellation: nothing of a new export stays."""
    exports.remove(row.id)
    if row.path is None:
        store.remove_export(row.id)
    elif row.format == zip_tree.FORMAT:
        shutil.rmtree(zip_tree.work_folder(path), ignore_errors=True)
    else:
        target.discard(path)


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(Path(folder, name).lstat().st_size for folder, _, names in os.walk(path) for name in names)
