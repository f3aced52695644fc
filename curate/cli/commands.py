"""The commands of the command line: each takes its parsed arguments, prints, and raises CurateError.

What people typed (labels, file names) is printed with its control characters replaced: a terminal obeys them.
"""

import argparse
import dataclasses
import json
import uuid
from pathlib import Path
from typing import Any

from curate import jobs, settings, store
from curate.catalog import attribution, experiments, images, projects, quality, runs, versions
from curate.catalog import jobs as job_rows
from curate.catalog.exports import export_tree, label_folders
from curate.catalog.projects import ProjectSummary
from curate.cli import import_plan
from curate.cli.foreground import run_here
from curate.cli.terminal import print_table, printable
from curate.errors import BadInput, JobFailed, NotFound
from curate.evaluation import accuracy_in_words, per_cent
from curate.jobs import follow_ups
from curate.jobs.submit import quick_look, training
from curate.prediction import client
from curate.quality.issues import ISSUES
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions
from curate.review.listing import pages
from curate.review.reports import comparison_files
from curate.review.reports.run_comparison import compare_runs
from curate.training.settings import as_text, fastai_code, presets
from curate.training.settings.config import SAMPLE, TrainConfig

TOP = ("image", "file", "label", "predicted", "split", "loss", "p_actual")


def make_sample(args: argparse.Namespace) -> None:
    """Make the sample project."""
    row = run_here(jobs.enqueue("sample", None, {}, submitted_by=args.author))
    project = projects.find_project(int((row.result or {})["project_id"]))
    _say(f"{project.name}: {project.n_images:,} images, {project.n_labels} labels.")


def import_images(args: argparse.Namespace) -> None:
    """Take in a folder or a zip; the project is made when there is none of that name."""
    source = Path(args.folder).expanduser().resolve()
    if not source.exists():
        raise BadInput(f"There is no folder {source}.")
    choices = import_plan.choices_of(args)
    import_plan.confirm(source, args.project, choices, args.yes)
    try:
        project_id = projects.find_by_key(args.project).id
    except NotFound:
        folder = str(source) if source.is_dir() else None
        project_id = projects.create_project(args.project, args.valid_pct, args.seed, folder)
    job = {"folder" if source.is_dir() else "archive": str(source), **choices.to_json()}
    result = run_here(jobs.enqueue("import", project_id, job, f"Import {source.name}", args.author)).result or {}
    _say_imported(args.project, result)


def list_projects(_args: argparse.Namespace) -> None:
    """List the projects."""
    rows = (
        (project.id, project.name, project.n_labels, project.n_train, project.n_valid, project.version_number)
        for project in projects.list_projects()
    )
    print_table(("number", "project", "labels", "train", "valid", "version"), rows)


def write_attribution(args: argparse.Namespace) -> None:
    """Write the attribution list of the current version."""
    file = Path(args.file).expanduser().resolve()
    project_id = projects.find_by_key(args.project).id
    n = attribution.write(project_id, file)
    unknown = attribution.count_licences(project_id).get("", 0)
    _say(f"{n:,} pictures listed in {file}, {unknown:,} of them without a known licence.")


def look_at_quality(args: argparse.Namespace) -> None:
    """Look at what is new, and say what was found in all."""
    project_id = projects.find_by_key(args.project).id
    job_id = follow_ups.ensure_quality(project_id, args.author)
    if job_id is not None:
        run_here(job_id)
    counts = quality.state(project_id).counts
    print_table(("issue", "images"), ((issue.title, counts.get(name, 0)) for name, issue in ISSUES.items()))


def export(args: argparse.Namespace) -> None:
    """Write an ImageFolder tree with labels.csv."""
    folder = Path(args.folder).expanduser().resolve()
    n = export_tree(projects.find_by_key(args.project).id, folder)
    _say(f"{n:,} images and labels.csv written to {folder}.")


def train(args: argparse.Namespace) -> None:
    """Train a model as a job of its own, with a progress bar."""
    project = projects.find_by_key(args.project)
    _say_run(run_here(training.submit(project.id, _config(args, _usual_config(args, project)), args.author)))


def quick(args: argparse.Namespace) -> None:
    """Take a quick look as a job of its own: the first suspicious pictures in seconds."""
    project = projects.find_by_key(args.project)
    named = {"architecture": args.arch, "size_px": args.size, "resize": args.resize}
    chosen = {name: value for name, value in named.items() if value is not None}
    config = dataclasses.replace(quick_look.default(project.id), **chosen)
    _say_run(run_here(training.submit(project.id, config, args.author)))


def experiment(args: argparse.Namespace) -> None:
    """Train once for every combination of values, one after the other."""
    project = projects.find_by_key(args.project)
    grid = dict(_varied(text) for text in args.vary)
    config = _config(args, _usual_config(args, project))
    made = training.submit_experiment(project.id, config, grid, " and ".join(grid), args.author)
    found = experiments.find_experiment(made)
    for trial in experiments.trials(found):
        try:
            run_here(trial.job.id)
        except JobFailed as error:  # the others may well succeed
            _say(f"{trial.job.title}: {error}")
    rows = (
        (*map(str, trial.values), trial.run.name, _accuracy(trial.run.accuracy))
        for trial in experiments.trials(found)
        if trial.run
    )
    print_table((*grid, "run", "accuracy"), rows)


def code(args: argparse.Namespace) -> None:
    """A run's settings as fastai code."""
    project = projects.find_by_key(args.project)
    config = TrainConfig.from_json(runs.numbered_run(project.id, args.run).config)
    print(fastai_code.as_code(config, label_folders(project.id)))


def list_runs(args: argparse.Namespace) -> None:
    """List a project's runs."""
    rows = (
        (run.number, run.status, run.version_number, run.config.get("architecture", ""), _accuracy(run.accuracy),
         run.n_train, run.n_valid, "" if run.seconds is None else f"{run.seconds:.0f} s")
        for run in runs.list_runs(projects.find_by_key(args.project).id)
    )  # fmt: skip
    print_table(("run", "status", "version", "architecture", "accuracy", "train", "valid", "time"), rows)


def top(args: argparse.Namespace) -> None:
    """The images a run found hardest."""
    project_id = projects.find_by_key(args.project).id
    run = runs.numbered_run(project_id, args.run)
    label_id = projects.find_label(project_id, args.label) if args.label is not None else None
    view = pages.View(run.id, args.sort, args.split, label_id)
    names = {label.id: label.name for label in projects.labels(project_id)}
    items = pages.find_page(view, size=max(1, args.limit)).items
    rows = [
        {"image": item.image_id, "file": item.file_name, "label": names[item.label_id],
         "predicted": names[item.predicted_id], "split": item.split, "loss": item.loss,
         "p_actual": item.p_actual}
        for item in items
    ]  # fmt: skip
    if args.json:
        _print_json(rows)
    else:
        print_table(
            ("image", "file", "label", "predicted", "split", "loss", "p_actual"), (row.values() for row in rows)
        )


def decide(args: argparse.Namespace) -> None:
    """Store one decision."""
    project = projects.find_by_key(args.project)
    if (args.action == "relabel") != (args.label is not None):
        raise BadInput("A relabel names the new label; other decisions name none.")
    image = images.find_image(project.id, args.image)
    label_id = projects.find_label(project.id, args.label) if args.label is not None else None
    op = decisions.Op(1, (image.id,), args.action, label_id)
    decisions.decide(project.id, args.author, [op], client=f"cli-{uuid.uuid4().hex}")
    _say(f"{image.file_name}: {args.action}{f' to {args.label}' if args.label else ''}.")


def apply(args: argparse.Namespace) -> None:
    """Make a version from the decisions that wait."""
    project_id = projects.find_by_key(args.project).id
    applying.apply(project_id, args.author, args.message)
    _say_version(project_id)
    job_id = quick_look.refit(project_id, args.author)
    if job_id is not None:
        _say_run(run_here(job_id))


def restore(args: argparse.Namespace) -> None:
    """Bring back an earlier version."""
    project_id = projects.find_by_key(args.project).id
    applying.restore(project_id, args.number, args.author)
    _say_version(project_id)


def compare(args: argparse.Namespace) -> None:
    """Two runs on the same validation images."""
    project_id = projects.find_by_key(args.project).id
    before, after = (runs.numbered_run(project_id, number) for number in (args.before, args.after))
    report = compare_runs(before, after)
    if args.json:
        print(comparison_files.as_json(report))
        return
    comparison = report.comparison
    _say(comparison.verdict)
    _say(f"{before.name}: {accuracy_in_words(comparison.before.accuracy)}")
    _say(f"{after.name}: {accuracy_in_words(comparison.after.accuracy)}")
    _say(f"{comparison.n:,} images compared: {comparison.n_fixed:,} fixed, {comparison.n_broken:,} broken.")


def predict(args: argparse.Namespace) -> None:
    """What a run takes pictures for; files that are no pictures are named, and the rest goes on."""
    project_id = projects.find_by_key(args.project).id
    run = runs.numbered_run(project_id, args.run)
    names = {label.id: label.name for label in projects.labels(project_id)}
    rows = _predictions(store.run_folder(run.id), [names[label_id] for label_id in run.label_ids], args.files)
    if args.json:
        _print_json(rows)
        return
    for row in rows:
        said = row["error"] or f"{row['predicted']} ({per_cent(row['probabilities'][row['predicted']])})"
        _say(f"{row['file']}: {said}")


def status(_args: argparse.Namespace) -> None:
    """Where the data lies and what is going on."""
    _say(f"Data: {settings.home()}")
    counts = job_rows.count_jobs()
    _say("Jobs: " + (", ".join(f"{n:,} {name}" for name, n in sorted(counts.items())) or "none"))
    rows = ((row.id, row.kind, row.title, row.status, row.progress.get("message", "")) for row in job_rows.open_jobs())
    print_table(("job", "kind", "title", "status", "now"), rows)


def _config(args: argparse.Namespace, usual: TrainConfig) -> TrainConfig:
    """The usual settings, with what was named in their place."""
    named = {
        "architecture": args.arch, "size_px": args.size, "resize": args.resize, "epochs": args.epochs,
        "frozen_epochs": args.frozen_epochs, "batch_size": args.batch_size, "learning_rate": args.lr,
        "seed": args.seed, "augment": args.augment, "pretrained": False if args.scratch else None,
    }  # fmt: skip
    chosen = {name: value for name, value in named.items() if value is not None}
    if args.lr == "auto":
        chosen["learning_rate"] = None
    for text in args.set:
        name, _, value = text.partition("=")
        chosen[name] = as_text.read(name, value)
    return dataclasses.replace(usual, **chosen)


def _usual_config(args: argparse.Namespace, project: ProjectSummary) -> TrainConfig:
    """What the settings begin with: a run's, a preset's, the sample's own, or the usual ones."""
    if args.like is not None:
        return TrainConfig.from_json(runs.numbered_run(project.id, args.like).config)
    if args.preset is not None:
        known = {one.name: presets.for_pictures(one.config, project.n_train) for one in presets.PRESETS}
        if args.preset not in known:
            raise BadInput(f"There is no preset {args.preset}.", f"There are: {', '.join(known)}.")
        return known[args.preset]
    return SAMPLE if project.is_sample else TrainConfig()


def _varied(text: str) -> tuple[str, list[Any]]:
    """A setting and its values, from "size_px=96,128"."""
    name, _, values = text.partition("=")
    return name, [as_text.read(name, value) for value in values.split(",")]


def _say_run(row: job_rows.JobRow) -> None:
    run = runs.find_run(int((row.result or {})["run_id"]))
    _say(f"{run.name}: validation accuracy {_accuracy(run.accuracy)} on {run.n_valid:,} images.")


def _predictions(run_folder: Path, names: list[str], files: list[str]) -> list[dict[str, Any]]:
    """An answer per file, in order: predicted label, {label: probability}, or the error that came instead."""
    contents: list[tuple[str, bytes | Path]] = [(file, _content(Path(file))) for file in files]
    rows = []
    for answer in client.predict(run_folder, contents):
        row: dict[str, Any] = {"file": answer.name, "predicted": None, "probabilities": None, "error": answer.error}
        if answer.probabilities is not None:
            row["predicted"] = names[int(answer.probabilities.argmax())]
            row["probabilities"] = dict(zip(names, answer.probabilities.tolist(), strict=True))
        rows.append(row)
    return rows


def _content(path: Path) -> bytes:
    """The file's bytes. Raises BadInput when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error


def _say_imported(name: str, result: dict[str, Any]) -> None:
    _say(f"{name}: {result['n_added']:,} of {result['n_found']:,} files added, {result['n_known']:,} known already.")
    for file, why in result["refused"]:
        _say(f"  left out: {file}: {why}")
    if (n_more := result.get("n_refused", 0) - len(result["refused"])) > 0:
        _say(f"  left out: {n_more:,} more files")
    for group in result["two_labels"]:
        _say(f"  the same picture under several labels: {', '.join(group)}")


def _say_version(project_id: int) -> None:
    head = versions.list_versions(project_id)[0]
    _say(f"Version {head.number}: {head.message}")


def _accuracy(share: float | None) -> str:
    return "–" if share is None else per_cent(share)


def _say(text: str) -> None:
    print(printable(text))


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=1, ensure_ascii=True, allow_nan=False))
