"""Commands on predictions: what they do. What they take is in `run_arguments`."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curate import store
from curate.catalog import projects, runs
from curate.cli.foreground import run_here
from curate.cli.run_commands import choose_run, print_run
from curate.cli.terminal import print_json, print_line
from curate.data_export.target import check_empty
from curate.errors import BadInput
from curate.evaluation import per_cent
from curate.jobs import outcomes
from curate.jobs.submit import export_model as submit_export_model
from curate.jobs.submit import imported_predictions as submit_predictions
from curate.prediction import client


def predict(project_key: str, files: Sequence[str], run_number: int | None, as_json: bool) -> None:
    """Print the label a run predicts for each file, and which are unfamiliar to it; bad files say why."""
    project_id = projects.find_by_key(project_key).id
    run = choose_run(project_id, run_number, "answer")
    names = projects.label_names(project_id, with_unlabelled=True)
    rows = _predictions(store.run_folder(run.id), [names[label_id] for label_id in run.label_ids], files)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        predicted = row["predicted"]
        answer = row["error"] or f"{predicted} ({per_cent(row['probabilities'][predicted])})"
        print_line(f"{row['file']}: {answer}{', unfamiliar' if row['unfamiliar'] else ''}")


def export_model(project_key: str, path: str, kind: str, run_number: int | None, author: str) -> None:
    """Write a run's model, with all that it needs to answer, into a zip; a Space also into a new or empty folder."""
    project_id = projects.find_by_key(project_key).id
    run = runs.numbered_run(project_id, run_number)
    target, is_folder = Path(path), kind == submit_export_model.SPACE and not path.lower().endswith(".zip")
    if is_folder:
        check_empty(target)
    elif target.is_dir() or not target.parent.is_dir():
        raise BadInput(f"{path} is no name for a file in a folder that is there.", "Name a zip file to be written.")
    run_here(submit_export_model.ensure(run, author, kind))
    made = submit_export_model.zip_of(run.id, kind)
    if is_folder:
        with zipfile.ZipFile(made) as archive:
            archive.extractall(target)
    else:
        shutil.copyfile(made, target)
    print_line(f"{run.name} is in {path}. `python predict.py --check` in it compares its answers.")


def import_predictions(
    project_key: str,
    file: str,
    model: str | None,
    held_out: str,
    is_logits: bool,
    preprocessing: str | None,
    author: str,
) -> None:
    """Make a run of another model's predictions, and say which rows fitted no image."""
    project_id, path = projects.find_by_key(project_key).id, Path(file)
    how = _read_text(preprocessing) if preprocessing else ""
    job_id = submit_predictions.submit(
        project_id, path, model or path.stem, held_out, is_logits, author, preprocessing=how
    )
    row = run_here(job_id)
    print_line(outcomes.predictions_matched(row))
    for why, keys in ((row.result or {}).get("examples") or {}).items():
        print_line(f"{why}: {', '.join(keys[:5])}")
    run = runs.find_run(int((row.result or {})["run_id"]))
    for note in run.facts["notes"]:
        print_line(note)
    print_run(row)


def _read_text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _predictions(run_folder: Path, names: list[str], files: Sequence[str]) -> list[dict[str, Any]]:
    """An answer per file, in order: predicted label, {label: probability}, or the error that came instead.

    Raises BadInput when no file at all can be read.
    """
    contents: dict[str, bytes] = {}
    unreadable: dict[str, str] = {}
    for file in files:
        try:
            contents[file] = Path(file).read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            unreadable[file] = f"{file} cannot be read: {getattr(error, 'strerror', None) or error}."
    if not contents:
        raise BadInput(next(iter(unreadable.values())))
    answers = iter(client.predict(run_folder, [(file, contents[file]) for file in files if file in contents]))
    rows = []
    for file in files:
        row: dict[str, Any] = {"file": file, "predicted": None, "probabilities": None, "unfamiliar": None}
        row["error"] = unreadable.get(file)
        if file in contents:
            answer = next(answers)
            row["error"] = answer.error
            if answer.probabilities is not None:
                row["predicted"] = names[int(answer.probabilities.argmax())]
                row["probabilities"] = dict(zip(names, answer.probabilities.tolist(), strict=True))
                row["unfamiliar"] = answer.familiarity and answer.familiarity.is_unfamiliar
        rows.append(row)
    return rows
