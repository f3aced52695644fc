"""Zips of models, and of Hugging Face Spaces. Nothing here makes one, nor imports what does."""

from pathlib import Path

from curate import store
from curate.catalog import jobs as rows
from curate.catalog.runs import RunRow
from curate.jobs import client

KIND = "export_model"
MODEL, SPACE = "model", "space"
FORMATS = (MODEL, SPACE)


def zip_of(run_id: int, format: str = MODEL) -> Path:
    """Where the zip of a run's model or Space lies, once a job has made it."""
    return store.cache_folder("models") / (f"run-{run_id}.zip" if format == MODEL else f"run-{run_id}-{format}.zip")


def ensure(run: RunRow, by: str, format: str = MODEL) -> int:
    """Id of the job that makes the zip of a run's model or Space: one that waits or runs already, or a new one."""
    args = {"run_id": run.id} | ({"format": format} if format != MODEL else {})
    open_ids = [row.id for row in rows.open_jobs() if row.kind == KIND and row.args == args]
    title = "Make a Space of the model" if format == SPACE else ""
    return open_ids[0] if open_ids else client.enqueue(KIND, run.project_id, args, title, by)
