"""The kinds of job: one entry says all that the rest of Curate knows of a kind.

To add one, write its function in a module of `curate/jobs/work` and add its entry to `KINDS`.
"""

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from curate.catalog.jobs import JobRow
from curate.errors import NotFound
from curate.jobs import outcomes
from curate.jobs.context import JobContext

Work = Callable[[JobContext], dict[str, Any] | None]
TRAIN = "train"  # the resource of which there is one, or as many as there are GPUs
JOB = "job"  # the resource of all other work; `runtime.dask_cluster.SLOTS` says how many there are
MORE_KINDS = "CURATE_JOB_KINDS"  # environment variable: a module whose KINDS are added (tests have some of their own)

_STOP_TRAINING = {
    "epoch": "Stop after this epoch and keep what it learnt",
    "keep": "Stop now and keep what it learnt",
    "discard": "Stop and throw it away",
}
_STOP_GATHERING = {"keep": "Stop and keep what is here", "discard": "Stop for now, to resume later"}


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """All that is known of a kind of job.

    path: module:function that does the work, imported in the job's own process only.
    resource: what a running job occupies one slot of.
    noun: fills "The … process ended without a word".
    title: the name of a job that was given none.
    pages: the pages (keys of `ui.shell.navigation.PLACES`) that show the result; the last one is linked to.
    offer: the text of that link.
    outcome: the sentence on what a finished job brought.
    has_result: whether a finished job has anything to link to.
    panels: the pages that show a running job large; the sidebar shows every one.
    resumes: a job whose process died is started once more by itself, and goes on where it was.
    ways_to_cancel: {way of `client.cancel`: text of the choice}; empty = a running job is cancelled without a choice.
    retry, cancelled: the text of the button that starts it again, and what became of a cancelled job's work.
    brings_pictures: the quality of the pictures is looked at afterwards.
    makes_run: a run comes of it that the training page shows.
    holds_torch: it loads torch although it does not take TRAIN's slot, so no training process is pre-warmed beside it.
    """

    path: str
    resource: str
    noun: str
    title: str
    pages: tuple[str, ...]
    offer: str
    outcome: Callable[[JobRow], str]
    has_result: Callable[[JobRow], bool] = lambda job: True
    panels: tuple[str, ...] = ()
    resumes: bool = False
    ways_to_cancel: Mapping[str, str] = field(default_factory=dict)
    retry: str = "Try again"
    cancelled: str = "nothing of it was kept"
    brings_pictures: bool = False
    makes_run: bool = False
    holds_torch: bool = False

    @property
    def is_training(self) -> bool:
        """Whether it takes the slot of which there is one per GPU."""
        return self.resource == TRAIN


KINDS: dict[str, JobKind] = {
    "import": JobKind(
        path="curate.jobs.work.gather:run_import",
        resource=JOB,
        noun="import",
        title="Import images",
        pages=("gather",),
        offer="See what came in",
        outcome=outcomes.imported,
        panels=("gather", "overview"),
        brings_pictures=True,
    ),
    "gather": JobKind(
        path="curate.jobs.work.gather:run_gather",
        resource=JOB,
        noun="gathering",
        title="Gather pictures",
        pages=("gather",),
        offer="See what came in",
        outcome=outcomes.gathered,
        panels=("gather",),
        ways_to_cancel=_STOP_GATHERING,
        retry="Resume",
        cancelled="what was fetched is kept for when it goes on",
        brings_pictures=True,
    ),
    "preview": JobKind(
        path="curate.jobs.work.gather:run_preview",
        resource=JOB,
        noun="preview",
        title="Look for pictures",
        pages=("gather",),
        offer="Look at it",
        outcome=outcomes.previewed,
        panels=("gather",),
    ),
    "sample": JobKind(
        path="curate.jobs.work.gather:run_sample",
        resource=JOB,
        noun="sample",
        title="Make the sample project",
        pages=("overview",),
        offer="Open it",
        outcome=outcomes.sample_made,
        panels=("overview", "gather"),
        brings_pictures=True,
    ),
    "train": JobKind(
        path="curate.jobs.work.training:run",
        resource=TRAIN,
        noun="training",
        title="Train",
        pages=("train", "evaluate"),
        offer="Look at it",
        outcome=outcomes.trained,
        resumes=True,
        ways_to_cancel=_STOP_TRAINING,  # what a training has learnt is worth something
        makes_run=True,
    ),
    "quick": JobKind(
        path="curate.jobs.work.quick_look:run",
        resource=TRAIN,
        noun="quick look",
        title="Quick look",
        pages=("train", "evaluate"),
        offer="Look at it",
        outcome=outcomes.trained,
        makes_run=True,
    ),
    "refit": JobKind(
        path="curate.jobs.work.quick_look:run",
        resource=JOB,
        noun="quick look",
        title="Refit the quick look",
        pages=("train", "evaluate", "curate"),
        offer="Go on reviewing",
        outcome=outcomes.trained,
        holds_torch=True,
    ),
    "repeats": JobKind(
        path="curate.jobs.work.repeats:run",
        resource=JOB,
        noun="repeats",
        title="Repeat with other seeds",
        pages=("compare",),
        offer="See the comparison",
        outcome=outcomes.repeated,
        panels=("compare",),
        resumes=True,
        holds_torch=True,
    ),
    "ledger": JobKind(
        path="curate.jobs.work.ledger:run",
        resource=JOB,
        noun="ledger",
        title="Make the ledger",
        pages=("compare",),
        offer="See the ledger",
        outcome=outcomes.ledger_made,
        panels=("compare",),
        resumes=True,
        holds_torch=True,
    ),
    "combinations": JobKind(
        path="curate.jobs.work.slice_combinations:run",
        resource=JOB,
        noun="search",
        title="Look for combinations of slices",
        pages=("evaluate",),
        offer="See them",
        outcome=outcomes.combinations_found,
        panels=("evaluate",),
        resumes=True,
    ),
    "find_rate": JobKind(
        path="curate.jobs.work.learning_rate:run",
        resource=TRAIN,
        noun="search",
        title="Find a learning rate",
        pages=("train",),
        offer="See the curve",
        outcome=outcomes.rate_found,
    ),
    "quality": JobKind(
        path="curate.jobs.work.quality:run",
        resource=JOB,
        noun="quality",
        title="Look at picture quality",
        pages=("duplicates",),
        offer="See the duplicates",
        outcome=outcomes.quality_looked_at,
        has_result=outcomes.has_duplicates,
        panels=("duplicates",),
        resumes=True,
    ),
    "map": JobKind(
        path="curate.jobs.work.picture_map:run",
        resource=JOB,
        noun="map",
        title="Make the map",
        pages=("map",),
        offer="See the map",
        outcome=outcomes.map_made,
        panels=("map",),
    ),
    "suggest": JobKind(
        path="curate.jobs.work.suggestions:run",
        resource=JOB,
        noun="look at unlabelled pictures",
        title="Suggest labels",
        pages=("label",),
        offer="Label them",
        outcome=outcomes.labels_suggested,
        panels=("label",),
        resumes=True,
        holds_torch=True,
    ),
    "predict_unlabelled": JobKind(
        path="curate.jobs.work.run_predictions:run",
        resource=JOB,
        noun="prediction",
        title="Predict pictures without a label",
        pages=("label",),
        offer="Label them",
        outcome=outcomes.unlabelled_predicted,
        resumes=True,
        holds_torch=True,
    ),
    "graph": JobKind(
        path="curate.jobs.work.graph:run",
        resource=JOB,
        noun="preparation",
        title="Prepare the model for predictions",
        pages=("predict",),
        offer="Predict with it",
        outcome=outcomes.time_taken,
        resumes=True,
        holds_torch=True,
    ),
    "export": JobKind(
        path="curate.jobs.work.export:run",
        resource=JOB,
        noun="export",
        title="Export",
        pages=("export",),
        offer="Take it",
        outcome=outcomes.exported,
        panels=("export",),
        resumes=True,
        retry="Go on",
        cancelled="the files of a new export were removed; a folder that was being updated is left half-way",
    ),
    "export_model": JobKind(
        path="curate.jobs.work.export_model:run",
        resource=JOB,
        noun="export",
        title="Export the model",
        pages=("export",),
        offer="Download it",
        outcome=outcomes.model_exported,
        panels=("export",),
        resumes=True,
        holds_torch=True,
    ),
    "import_predictions": JobKind(
        path="curate.jobs.work.imported_predictions:run",
        resource=JOB,
        noun="import",
        title="Take in predictions",
        pages=("train", "curate", "evaluate"),
        offer="See the matrix",
        outcome=outcomes.predictions_matched,
    ),
    "plan_write_back": JobKind(
        path="curate.jobs.work.write_back:run_plan",
        resource=JOB,
        noun="preview",
        title="Preview writing back",
        pages=("write_back",),
        offer="See the preview",
        outcome=outcomes.time_taken,
        panels=("write_back",),
        resumes=True,
    ),
    "write_back": JobKind(
        path="curate.jobs.work.write_back:run",
        resource=JOB,
        noun="write-back",
        title="Write back",
        pages=("write_back",),
        offer="See what moved",
        outcome=outcomes.files_moved,
        panels=("write_back",),
        resumes=True,
    ),
    "undo_write_back": JobKind(
        path="curate.jobs.work.write_back:run_undo",
        resource=JOB,
        noun="roll-back",
        title="Roll a write-back back",
        pages=("write_back",),
        offer="See what moved",
        outcome=outcomes.files_moved,
        panels=("write_back",),
        resumes=True,
    ),
    "bulk": JobKind(
        path="curate.jobs.work.bulk:run",
        resource=JOB,
        noun="bulk",
        title="Decide on many",
        pages=("curate",),
        offer="Go on reviewing",
        outcome=outcomes.decided,
        resumes=True,
    ),
    "bulk_undo": JobKind(
        path="curate.jobs.work.bulk:run_undo",
        resource=JOB,
        noun="undo",
        title="Undo",
        pages=("curate",),
        offer="Go on reviewing",
        outcome=outcomes.decided,
        resumes=True,
    ),
    "columns": JobKind(
        path="curate.jobs.work.bulk:run_columns",
        resource=JOB,
        noun="filters",
        title="Get filters ready",
        pages=("curate",),
        offer="Go on reviewing",
        outcome=outcomes.time_taken,
        resumes=True,
    ),
}


_UNKNOWN = JobKind(path="", resource=JOB, noun="job", title="Job", pages=(), offer="", outcome=outcomes.time_taken)


def job_kinds() -> dict[str, JobKind]:
    """{name: kind} of all kinds, those of the module that CURATE_JOB_KINDS names included."""
    return _with_more(os.environ.get(MORE_KINDS, ""))


@lru_cache(maxsize=4)
def _with_more(module: str) -> dict[str, JobKind]:
    return KINDS | importlib.import_module(module).KINDS if module else KINDS


def find_job_kind(name: str) -> JobKind:
    """The kind of that name. Raises NotFound."""
    kind = job_kinds().get(name)
    if kind is None:
        raise NotFound(f"There is no kind of job named {name!r:.50}.")
    return kind


def describe(job: JobRow) -> JobKind:
    """The kind of a stored job; a stand-in for kinds that this version of Curate does not know."""
    return job_kinds().get(job.kind, _UNKNOWN)


def kinds_where(is_wanted: Callable[[JobKind], bool]) -> tuple[str, ...]:
    """Names of the kinds for which the condition holds."""
    return tuple(name for name, kind in job_kinds().items() if is_wanted(kind))


def work_of(name: str) -> Work:
    """The function that does jobs of this kind, its module imported now. Raises NotFound."""
    module, _, function = find_job_kind(name).path.partition(":")
    return getattr(importlib.import_module(module), function)
