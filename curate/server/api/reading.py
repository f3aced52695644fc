"""Operations that list what a project has: its labels, versions and runs."""

from curate.catalog import projects, runs, versions
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.catalog.versions import VersionRow
from curate.errors import NotFound
from curate.server.api import models, slugs
from curate.server.api.operations import Call, Operation


def operations() -> list[Operation]:
    """GET projects, one of them, and its labels, versions and runs."""
    project = "/projects/{project}"
    return [
        _get("/projects", list_projects, models.Projects, "All projects, newest first"),
        _get(project, get_project, models.Project, "A project"),
        _get(f"{project}/labels", list_labels, models.Labels, "A project's labels, in their order"),
        _get(f"{project}/versions", list_versions, models.Versions, "A project's versions, newest first"),
        _get(f"{project}/runs", list_runs, models.Runs, "A project's runs, newest first"),
        _get(f"{project}/runs/{{run:number}}", get_run, models.Run, "A run"),
    ]


def _get(path: str, answer, reply, summary: str) -> Operation:  # type: ignore[no-untyped-def]
    return Operation(method="GET", path=path, scope="read", summary=summary, answer=answer, reply=reply)


def list_projects(_call: Call) -> models.Projects:
    """All projects."""
    slug_by_id = slugs.slugs_of(projects.project_names())
    return models.Projects(items=[_project(row, slug_by_id[row.id]) for row in projects.list_projects()])


def get_project(call: Call) -> models.Project:
    """The project of the path."""
    row = call.project()
    return _project(row, slugs.slugs_of(projects.project_names())[row.id])


def list_labels(call: Call) -> models.Labels:
    """The labels of the project."""
    rows = projects.labels(call.project_id())
    return models.Labels(
        items=[
            models.Label(id=row.id, name=row.name, position=row.position, n_train=row.n_train, n_valid=row.n_valid)
            for row in rows
        ]
    )


def list_versions(call: Call) -> models.Versions:
    """The versions of the project."""
    return models.Versions(items=[describe_version(row) for row in versions.list_versions(call.project_id())])


def list_runs(call: Call) -> models.Runs:
    """The runs of the project, unfinished ones, too."""
    project_id = call.project_id()
    names = projects.label_names(project_id)
    return models.Runs(items=[_run(row, names) for row in runs.list_runs(project_id)])


def get_run(call: Call) -> models.Run:
    """The run of that number."""
    project_id, number = call.project_id(), call.path["run"]
    row = next((row for row in runs.list_runs(project_id) if row.number == number), None)
    if row is None:
        raise NotFound(f"The project has no run {number}.")
    return _run(row, projects.label_names(project_id))


def _project(row: ProjectSummary, slug: str) -> models.Project:
    return models.Project(
        id=row.id, slug=slug, name=row.name, created_at=row.created_at, version=row.version_number,
        n_images=row.n_images, n_train=row.n_train, n_valid=row.n_valid, n_labels=row.n_labels,
        n_unlabelled=row.n_unlabelled,
    )  # fmt: skip


def describe_version(row: VersionRow) -> models.Version:
    """A version as the API tells of it."""
    return models.Version(
        number=row.number, kind=row.kind, message=row.message, author=row.author, created_at=row.created_at,
        is_current=row.is_head, n_images=sum(sum(counts.values()) for counts in row.counts.values()),
        n_unlabelled=row.n_unlabelled, summary=row.summary,
    )  # fmt: skip


def _run(row: RunRow, names: dict[int, str]) -> models.Run:
    return models.Run(
        number=row.number, status=row.status, version=row.version_number, accuracy=row.accuracy, n_train=row.n_train,
        n_valid=row.n_valid, labels=[names[label_id] for label_id in row.label_ids], settings=row.config,
        device=row.device, seconds=row.seconds, job=row.job_id, created_at=row.created_at, finished_at=row.finished_at,
    )  # fmt: skip
