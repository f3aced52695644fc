"""Commands on projects and their pictures: each takes its arguments, prints, and raises CurateError."""

from pathlib import Path
from typing import Any

from curate import jobs, settings
from curate.catalog import attribution, projects, quality
from curate.catalog import jobs as job_rows
from curate.catalog.exports import export_tree
from curate.cli import import_plan
from curate.cli.foreground import run_here
from curate.cli.terminal import print_line, print_table
from curate.data_export.parquet import export_parquet
from curate.errors import BadInput, NotFound
from curate.gather.folders.label_choices import LabelChoices
from curate.jobs import follow_ups
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
        (project.id, project.name, project.n_labels, project.n_train, project.n_valid, project.version_number)
        for project in projects.list_projects()
    )
    print_table(("number", "project", "labels", "train", "valid", "version"), rows)


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


def export(project: str, folder: Path, is_for_spreadsheet: bool) -> None:
    """Write an ImageFolder tree with labels.csv; say when a spreadsheet would run some of its cells, or not."""
    path = folder.expanduser().resolve()
    exported = export_tree(projects.find_by_key(project).id, path, is_for_spreadsheet=is_for_spreadsheet)
    print_line(f"{exported.n_images:,} images and labels.csv written to {path}.")
    if exported.n_formulas:
        cells = counted(exported.n_formulas, "cell")
        print_line(
            f"{cells} of labels.csv would be a formula to a spreadsheet"
            + (" and got an apostrophe." if is_for_spreadsheet else ": to open it in one, export with --spreadsheet.")
        )


def export_as_parquet(project: str, folder: Path) -> None:
    """Write Parquet files with the pictures inside."""
    path = folder.expanduser().resolve()
    n_images = export_parquet(projects.find_by_key(project).id, path)
    print_line(f"{n_images:,} images written to {path}. `datasets.load_dataset({str(path)!r})` opens them.")


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
