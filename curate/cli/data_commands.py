"""Commands on projects and their pictures: each takes its arguments, prints, and raises CurateError."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from curate import jobs, settings
from curate.catalog import attribution, projects, quality, runs
from curate.catalog import jobs as job_rows
from curate.cli import import_plan
from curate.cli.foreground import run_here
from curate.cli.terminal import print_line, print_table
from curate.errors import BadInput, NotFound
from curate.gather.folders.label_choices import LabelChoices
from curate.jobs import follow_ups
from curate.jobs.submit import export as submit_export
from curate.jobs.submit.export import Extras
from curate.quality.issues import ISSUES
from curate.wording import counted


def make_sample(author: str) -> None:
    """Make the sample project."""
    row = run_here(jobs.enqueue("sample", None, {}, submitted_by=author))
    project = projects.find_project(int((row.result or {})["project_id"]))
    print_line(f"{project.name}: {project.n_images:,} images, {project.n_labels} labels.")


def import_images(
    name: str, folder: Path, choices: LabelChoices, is_sure: bool, valid_pct: float, seed: int, author: str
) -> None:
    """Take in a folder or a zip; the project is made when there is none of that name.

    A name made of digits is a name: it never means the project of that number.
    """
    source = folder.expanduser().resolve()
    if not source.exists():
        raise BadInput(f"There is no folder {source}.")
    import_plan.confirm(source, name, choices, is_sure)
    try:
        project_id = projects.find_project(name).id
    except NotFound:
        project_id = projects.create_project(name, valid_pct, seed, str(source) if source.is_dir() else None)
    job = {"folder" if source.is_dir() else "archive": str(source), **choices.to_json()}
    result = run_here(jobs.enqueue("import", project_id, job, f"Import {source.name}", author)).result or {}
    _print_imported(name, result)


def list_projects() -> None:
    """List the projects."""
    rows = (
        (
            project.id,
            project.name,
            project.n_labels,
            project.n_train,
            project.n_valid,
            project.n_unlabelled,
            project.version_number,
        )
        for project in projects.list_projects()
    )
    print_table(("number", "project", "labels", "train", "valid", "unlabelled", "version"), rows)


def write_attribution(project: str, file: Path) -> None:
    """Write the attribution list of the current version."""
    path = file.expanduser().resolve()
    project_id = projects.find_by_key(project).id
    n = attribution.write(project_id, path)
    unknown = attribution.count_licences(project_id).get("", 0)
    print_line(f"{n:,} pictures listed in {path}, {unknown:,} of them without a known licence.")


def look_at_quality(project: str, author: str) -> None:
    """Measure the pictures that are new, and print how many of all have each issue."""
    project_id = projects.find_by_key(project).id
    job_id = follow_ups.ensure_quality(project_id, author)
    if job_id is not None:
        run_here(job_id)
    counts = quality.state(project_id).counts
    print_table(("issue", "images"), ((issue.title, counts.get(name, 0)) for name, issue in ISSUES.items()))


def export(
    project_key: str, target: Path, kind: str, number: int | None, extras: Extras, run: int | None, author: str
) -> None:
    """Export a version; say what was written, what was left out, and when a spreadsheet would run some of its cells."""
    project_id = projects.find_by_key(project_key).id
    if run is not None:
        extras = replace(extras, run_id=runs.numbered_run(project_id, run).id)
    to = target.expanduser().resolve()
    _, job_id = submit_export.start(project_id, kind, number, to, extras, author)
    result = run_here(job_id).result or {}
    _print_exported(kind, result)
    if n_unlabelled := result["n_unlabelled_left_out"]:
        print_line(f"{counted(n_unlabelled, 'image')} without a label left out.")
    for file, why in result["left_out"]:
        print_line(f"  left out: {file}: {why}")
    if (n_more := result["n_left_out"] - len(result["left_out"])) > 0:
        print_line(f"  left out: {n_more:,} more files")
    if result["n_formulas"]:
        cells = counted(result["n_formulas"], "cell")
        print_line(
            f"{cells} of the table would be a formula to a spreadsheet"
            + (" and got an apostrophe." if extras.spreadsheet else ": to open it in one, export with --spreadsheet.")
        )


def _print_exported(kind: str, result: dict[str, Any]) -> None:
    changes = ""
    if result["n_kept"] or result["n_moved"] or result["n_removed"]:
        changes = f" ({result['n_added']:,} new, {result['n_moved']:,} moved, {result['n_removed']:,} removed)"
    print_line(f"{counted(result['n_images'], 'image')} written to {result['path']}{changes}.")
    if kind == "parquet":
        print_line(f"`datasets.load_dataset({result['path']!r})` opens them.")


def status() -> None:
    """Print where the data lies, and the jobs that wait or run."""
    print_line(f"Data: {settings.home()}")
    counts = job_rows.count_jobs()
    print_line("Jobs: " + (", ".join(f"{n:,} {name}" for name, n in sorted(counts.items())) or "none"))
    rows = ((row.id, row.kind, row.title, row.status, row.progress.get("message", "")) for row in job_rows.open_jobs())
    print_table(("job", "kind", "title", "status", "now"), rows)


def _print_imported(name: str, result: dict[str, Any]) -> None:
    added, files, known = result["n_added"], result["n_found"], result["n_known"]
    print_line(f"{name}: {added:,} of {files:,} files added, {known:,} known already.")
    for file, why in result["refused"]:
        print_line(f"  left out: {file}: {why}")
    if (n_more := result.get("n_refused", 0) - len(result["refused"])) > 0:
        print_line(f"  left out: {n_more:,} more files")
    for group in result["two_labels"]:
        print_line(f"  the same picture under several labels: {', '.join(group)}")
