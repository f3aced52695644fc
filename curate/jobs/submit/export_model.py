"""Zips of models. Nothing here makes one, nor imports what does."""

from pathlib import Path

from curate import store
from curate.catalog import jobs as rows
from curate.catalog.runs import RunRow
from curate.jobs import client

KIND = "export_model"


def zip_of(run_id: int) -> Path:
    """Where the zip of a run's model lies, once a job has made it."""
    return store.cache_folder("models") / f"run-{run_id}.zip"


def ensure(run: RunRow, by: str) -> int:
    """Id of the job that makes the zip of a run's model: one that waits or runs already, or a new one."""
    open_ids = [row.id for row in rows.open_jobs() if row.kind == KIND and row.args.get("run_id") == run.id]
    return open_ids[0] if open_ids else client.enqueue(KIND, run.project_id, {"run_id": run.id}, submitted_by=by)
