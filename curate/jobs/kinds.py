"""The kinds of job there are: which function does the work, where it waits, and what people call it."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curate.errors import NotFound
from curate.jobs.context import JobContext

Work = Callable[[JobContext], dict[str, Any] | None]
TRAIN = "train"  # the resource of which there is one, or as many as there are GPUs


@dataclass(frozen=True)
class Kind:
    """`path` is module:function, imported only in the job's own process; `resource` (see `dask_worker.SLOTS`) is what
    it takes one of while it runs; `words` fill "The … process ended without a word"; `title` is for jobs without one.
    `resumes`: started again it goes on where it was, so one whose process died is started again once by itself.
    """

    path: str
    resource: str
    words: str
    title: str
    resumes: bool = False


KINDS = {
    "import": Kind("curate.jobs.work.gather:run_import", "job", "import", "Import images"),
    "gather": Kind("curate.jobs.work.gather:run_gather", "job", "gathering", "Gather pictures"),
    "preview": Kind("curate.jobs.work.gather:run_preview", "job", "preview", "Look for pictures"),
    "sample": Kind("curate.jobs.work.gather:run_sample", "job", "sample", "Make the sample project"),
    "train": Kind("curate.jobs.work.training:run", TRAIN, "training", "Train", resumes=True),
    "quick": Kind("curate.jobs.work.quick_look:run", TRAIN, "quick look", "Quick look"),
    "refit": Kind("curate.jobs.work.quick_look:run", "job", "quick look", "Refit the quick look"),
    "find_rate": Kind("curate.jobs.work.learning_rate:run", TRAIN, "search", "Find a learning rate"),
    "quality": Kind("curate.jobs.work.quality:run", "job", "quality", "Look at picture quality", resumes=True),
    "map": Kind("curate.jobs.work.picture_map:run", "job", "map", "Make the map"),
    "plan_write_back": Kind(
        "curate.jobs.work.write_back:run_plan", "job", "preview", "Preview writing back", resumes=True
    ),
    "write_back": Kind("curate.jobs.work.write_back:run", "job", "write-back", "Write back", resumes=True),
    "undo_write_back": Kind(
        "curate.jobs.work.write_back:run_undo", "job", "roll-back", "Roll a write-back back", resumes=True
    ),
    "bulk": Kind("curate.jobs.work.bulk:run", "job", "bulk", "Decide on many", resumes=True),
    "bulk_undo": Kind("curate.jobs.work.bulk:run_undo", "job", "undo", "Undo", resumes=True),
    "columns": Kind("curate.jobs.work.bulk:run_columns", "job", "filters", "Get filters ready", resumes=True),
    # Stands for any of the others where the tests want a job that costs nothing; tests/jobs must be on PYTHONPATH.
    "rehearsal": Kind("rehearsal:run", "job", "rehearsal", "Rehearse"),
    "rehearsal-train": Kind("rehearsal:run", TRAIN, "rehearsal", "Rehearse a training", resumes=True),
}


def find_kind(name: str) -> Kind:
    """The kind of that name. Raises NotFound."""
    if name not in KINDS:
        raise NotFound(f"There is no kind of job named {name!r:.50}.")
    return KINDS[name]


def work_of(name: str) -> Work:
    """The function that does jobs of this kind, its module imported now. Raises NotFound."""
    module, _, function = find_kind(name).path.partition(":")
    return getattr(importlib.import_module(module), function)
