"""Commands on runs, from training to prediction: each takes its arguments, prints, and raises CurateError."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from curate.catalog import experiments, projects, runs
from curate.catalog.best_run import Purpose, numbered_or_best
from curate.catalog.jobs import JobRow
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.cli.foreground import run_here
from curate.cli.terminal import print_json, print_line, print_note, print_table
from curate.data_export.folders import label_folders
from curate.errors import BadInput, JobFailed
from curate.evaluation import per_cent
from curate.jobs.submit import presets, quick_look, training
from curate.review.listing import pages
from curate.training.settings import as_text, fastai_code
from curate.training.settings.config import SAMPLE, TrainConfig

TOP = ("image", "file", "label", "predicted", "split", "loss", "p_actual")


@dataclasses.dataclass(frozen=True)
class Settings:
    """A training's settings as they were typed.

    preset, like: what to begin with, a preset's name or a run's number.  assignments: "name=value" texts.
    named: field of TrainConfig → value, None = not given; a learning rate of "auto" is one to be found.
    """

    preset: str | None
    like: int | None
    assignments: Sequence[str]
    named: dict[str, Any]

    def for_project(self, project: ProjectSummary) -> TrainConfig:
        """The settings to begin with, with what was typed in their place. Raises BadInput."""
        chosen = {name: value for name, value in self.named.items() if value is not None}
        if chosen.get("learning_rate") == "auto":
            chosen["learning_rate"] = None
        for text in self.assignments:
            name, _, value = text.partition("=")
            chosen[name] = as_text.read(name, value)
        return dataclasses.replace(self._start(project), **chosen)

    def _start(self, project: ProjectSummary) -> TrainConfig:
        if self.like is not None:
            return TrainConfig.from_json(runs.numbered_run(project.id, self.like).config)
        if self.preset is not None:
            known = {preset.name: preset.config for preset in presets.of_project(project)}
            if self.preset not in known:
                raise BadInput(f"There is no preset {self.preset}.", f"There are: {', '.join(known)}.")
            return known[self.preset]
        return SAMPLE if project.is_sample else TrainConfig()


def train(project_key: str, settings: Settings, author: str) -> None:
    """Train a model as a job of its own, with a progress bar."""
    project = projects.find_by_key(project_key)
    print_run(run_here(training.submit(project.id, settings.for_project(project), author)))


def quick(project_key: str, named: dict[str, Any], author: str) -> None:
    """Take a quick look as a job of its own: the first suspicious pictures in seconds."""
    project = projects.find_by_key(project_key)
    chosen = {name: value for name, value in named.items() if value is not None}
    config = dataclasses.replace(quick_look.default(project.id), **chosen)
    print_run(run_here(training.submit(project.id, config, author)))


def experiment(project_key: str, settings: Settings, varied: Sequence[str], author: str) -> None:
    """Train once for every combination of values, one after the other."""
    project = projects.find_by_key(project_key)
    grid = dict(_setting_and_values(text) for text in varied)
    config = settings.for_project(project)
    experiment_id = training.submit_experiment(project.id, config, grid, " and ".join(grid), author)
    row = experiments.find_experiment(experiment_id)
    for trial in experiments.trials(row):
        try:
            run_here(trial.job.id)
        except JobFailed as error:  # the others may well succeed
            print_line(f"{trial.job.title}: {error}")
    rows = (
        (*map(str, trial.values), trial.run.name, _accuracy(trial.run.accuracy))
        for trial in experiments.trials(row)
        if trial.run
    )
    print_table((*grid, "run", "accuracy"), rows)


def code(project_key: str, run_number: int | None) -> None:
    """Print a run's settings as fastai code."""
    project = projects.find_by_key(project_key)
    config = TrainConfig.from_json(choose_run(project.id, run_number, "answer").config)
    print(fastai_code.as_code(config, label_folders(project.id)))


def list_runs(project_key: str) -> None:
    """List a project's runs."""
    rows = (
        (run.number, run.status, run.version_number, run.config.get("architecture", ""), _accuracy(run.accuracy),
         run.n_train, run.n_valid, "" if run.seconds is None else f"{run.seconds:.0f} s")
        for run in runs.list_runs(projects.find_by_key(project_key).id)
    )  # fmt: skip
    print_table(("run", "status", "version", "architecture", "accuracy", "train", "valid", "time"), rows)


def top(
    project_key: str, run_number: int | None, sort: str, label: str | None, split: str | None, limit: int, as_json: bool
) -> None:
    """Print the images a run found hardest."""
    project_id = projects.find_by_key(project_key).id
    run = choose_run(project_id, run_number, "review")
    label_id = projects.find_label(project_id, label) if label is not None else None
    names = {row.id: row.name for row in projects.labels(project_id)}
    items = pages.find_page(pages.View(run.id, sort, split, label_id), size=max(1, limit)).items
    rows = [
        {"image": item.image_id, "file": item.file_name, "label": names[item.label_id],
         "predicted": names[item.predicted_id], "split": item.split, "loss": item.loss,
         "p_actual": item.p_actual}
        for item in items
    ]  # fmt: skip
    if as_json:
        print_json(rows)
    else:
        print_table(TOP, (row.values() for row in rows))


def print_run(row: JobRow) -> None:
    """Print what a training's job made."""
    run = runs.find_run(int((row.result or {})["run_id"]))
    print_line(f"{run.name}: validation accuracy {_accuracy(run.accuracy)} on {run.n_valid:,} images.")


def choose_run(project_id: int, number: int | None, purpose: Purpose) -> RunRow:
    """Return the run of that number, or the best one for the purpose; then its reason goes to standard error."""
    best = numbered_or_best(project_id, number, purpose)
    if best.reason:
        print_note(best.reason)
    return best.run


def _setting_and_values(text: str) -> tuple[str, list[Any]]:
    """A setting and its values, from "size_px=96,128"."""
    name, _, values = text.partition("=")
    return name, [as_text.read(name, value) for value in values.split(",")]


def _accuracy(share: float | None) -> str:
    return "–" if share is None else per_cent(share)
