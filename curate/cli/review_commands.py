"""Commands that decide on images and make versions: each takes its arguments, prints, and raises CurateError."""

import uuid

from curate.catalog import images, projects, versions
from curate.cli.foreground import run_here
from curate.cli.run_commands import print_run
from curate.cli.terminal import print_line
from curate.errors import BadInput
from curate.jobs.submit import quick_look
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions


def decide(project: str, image: str, action: str, label: str | None, author: str) -> None:
    """Store one decision."""
    project_id = projects.find_by_key(project).id
    if (action == "relabel") != (label is not None):
        raise BadInput("A relabel names the new label; other decisions name none.")
    row = images.find_image(project_id, image)
    label_id = projects.find_label(project_id, label) if label is not None else None
    op = decisions.Op(1, (row.id,), action, label_id)
    decisions.decide(project_id, author, [op], client=f"cli-{uuid.uuid4().hex}")
    print_line(f"{row.file_name}: {action}{f' to {label}' if label else ''}.")


def apply(project: str, message: str, author: str) -> None:
    """Make a version from the decisions that wait, and refit the newest quick look."""
    project_id = projects.find_by_key(project).id
    applying.apply(project_id, author, message)
    _print_version(project_id)
    job_id = quick_look.refit(project_id, author)
    if job_id is not None:
        print_run(run_here(job_id))


def restore(project: str, number: int, author: str) -> None:
    """Bring back an earlier version."""
    project_id = projects.find_by_key(project).id
    applying.restore(project_id, number, author)
    _print_version(project_id)


def _print_version(project_id: int) -> None:
    head = versions.list_versions(project_id)[0]
    print_line(f"Version {head.number}: {head.message}")
