"""Operations on jobs: what runs and how far it is, cancelling, and starting a training."""

from typing import Annotated, Literal

from pydantic import Field

from curate.catalog import jobs as job_rows
from curate.catalog import projects, runs
from curate.catalog.jobs import JobRow
from curate.errors import BadInput
from curate.jobs import client, kinds
from curate.jobs.submit import presets, training
from curate.server.api import models, slugs
from curate.server.api.fields import Fields, Number
from curate.server.api.operations import Call, Operation
from curate.training.settings.config import SAMPLE, TrainConfig
from curate.training.settings.presets import PRESETS
from curate.training.settings.table import SETTINGS

_PRESET_NAMES = tuple(preset.name for preset in PRESETS)
_Value = bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | float | Annotated[str, Field(max_length=300)] | None


class JobsQuery(Fields):
    """Which jobs."""

    project: str | None = Field(None, min_length=1, max_length=400, description="slug or number of a project")
    status: Literal["queued", "running", "done", "failed", "cancelled"] | None = None
    limit: int = Field(50, ge=1, le=500)
    after: str | None = Field(None, pattern=r"^[0-9]{1,17}$", description="`next` of the part before")


class CancelBody(Fields):
    """How a job ends."""

    how: Literal["discard", "keep", "epoch"] = Field(
        "discard",
        description="`discard`: at once; `keep`: soon, with what it has; `epoch`: a training after the present epoch",
    )


class TrainingBody(Fields):
    """What to train: a preset or the settings of a run, with some of them changed."""

    preset: Literal[_PRESET_NAMES] | None = None  # type: ignore[valid-type]
    like: Number | None = Field(None, description="number of a finished run to take the settings of")
    settings: dict[str, _Value] = Field({}, max_length=100, description="of `curate train --settings`")


def operations() -> list[Operation]:
    """GET jobs and one of them, POST cancel and trainings."""
    job = "/jobs/{job:number}"
    return [
        Operation(method="POST", path="/projects/{project}/trainings", scope="manage", answer=train, reply=models.Job,
                  body=TrainingBody, summary="Start a training or a quick look", status=202,
                  description="Without a preset and a run, with the usual settings."),
        Operation(method="GET", path="/jobs", scope="read", answer=list_jobs, reply=models.Jobs, query=JobsQuery,
                  summary="Jobs, newest first"),
        Operation(method="GET", path=job, scope="read", answer=get_job, reply=models.Job,
                  summary="A job and its progress"),
        Operation(method="POST", path=f"{job}/cancel", scope="manage", answer=cancel_job, reply=models.Job,
                  body=CancelBody, status=202, summary="Ask a job to end; one that has ended is left alone"),
    ]  # fmt: skip


def list_jobs(call: Call) -> models.Jobs:
    """A part of the jobs."""
    query = call.query
    project_id = None if query.project is None else slugs.find_project(query.project).id
    before = None if query.after is None else int(query.after)
    statuses = () if query.status is None else (query.status,)
    rows = job_rows.list_jobs(project_id, statuses, query.limit + 1, before)
    slug_by_id = slugs.slugs_of(projects.project_names())
    items = [describe(row, slug_by_id) for row in rows[: query.limit]]
    return models.Jobs(items=items, next=str(items[-1].id) if len(rows) > query.limit else None)


def get_job(call: Call) -> models.Job:
    """The job of that number."""
    return find(call.path["job"])


def cancel_job(call: Call) -> models.Job:
    """The job, asked to end."""
    client.cancel(call.path["job"], call.body.how)
    return find(call.path["job"])


def train(call: Call) -> models.Job:
    """The job of a new training."""
    project, body = call.project(), call.body
    if body.preset is not None and body.like is not None:
        raise BadInput("A training begins with a preset or with the settings of a run, not with both.")
    if body.preset is not None:
        preset = presets.find(project, body.preset)
        assert preset is not None
        config = preset.config
    elif body.like is not None:
        config = TrainConfig.from_json(runs.numbered_run(project.id, body.like).config)
    else:
        config = SAMPLE if project.is_sample else TrainConfig()
    for name, value in body.settings.items():
        _check_kind(name, value)
    config = TrainConfig.from_json(config.to_json() | body.settings)
    return find(training.submit(project.id, config, call.caller.name))


def _check_kind(name: str, value: object) -> None:
    """Raises BadInput for a text or a truth value in a place for the other; `validated` checks the rest."""
    entry = SETTINGS.get(name)
    is_none = value is None and entry is not None and entry.may_be_none
    if entry and entry.kind in (bool, str) and not (is_none or isinstance(value, entry.kind)):
        raise BadInput(
            f"{entry.label} must be {'true or false' if entry.kind is bool else 'a name'}, not {value!r:.50}."
        )


def find(job_id: int) -> models.Job:
    """The job of that number as the API tells of it. Raises NotFound."""
    return describe(job_rows.find_job(job_id), slugs.slugs_of(projects.project_names()))


def describe(row: JobRow, slug_by_id: dict[int, str]) -> models.Job:
    """A job as the API tells of it."""
    kind = kinds.describe(row)
    run = runs.run_of_job(row.id) if kind.makes_run or row.kind == "refit" else None
    progress = row.progress or {}
    return models.Job(
        id=row.id, project=None if row.project_id is None else slug_by_id.get(row.project_id), kind=row.kind,
        title=row.title, status=row.status, submitted_by=row.submitted_by,
        progress=models.Progress(
            done=int(progress.get("done") or 0), total=progress.get("total"), message=str(progress.get("message") or "")
        ),
        outcome=kind.outcome(row) if row.status == "done" else None,
        message=row.message if row.status == "failed" else None, run=run.number if run else None,
        created_at=row.created_at, started_at=row.started_at, finished_at=row.finished_at,
    )  # fmt: skip
