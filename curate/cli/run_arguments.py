"""Commands on runs, from training to prediction: what they take. What they do is in `run_commands`."""

from collections.abc import Callable
from typing import Any

import click

from curate.cli import options


class LearningRate(click.ParamType):
    """A number, or the word that asks for a learning rate to be found."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        """`value` as a number, or "auto"."""
        if value == "auto":
            return str(value)
        try:
            return float(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor `auto`.", param, ctx)


def _list_settings(ctx: click.Context, _param: click.Parameter, is_asked: bool) -> None:
    """Print every setting with its range or choices, and exit."""
    if is_asked:
        from curate.training.settings import as_text

        click.echo(as_text.summaries())
        ctx.exit()


# Shorthands of the command line for fields of TrainConfig; `--set` names any other.
TRAINING_OPTIONS = (
    click.option("--arch", "architecture", help="Architecture."),
    click.option("--size", "size_px", type=int, help="Side of the pictures in pixels."),
    click.option("--resize", help="crop, pad or squish"),
    click.option("--epochs", type=int),
    click.option("--frozen-epochs", type=int),
    click.option("--batch-size", type=int),
    click.option("--lr", "learning_rate", type=LearningRate(), help="Learning rate, or `auto` to find one (0.002)."),
    click.option("--seed", type=int),
    click.option("--augment", help="none, light or standard"),
    click.option("--scratch", "pretrained", flag_value=False, default=None, help="Without pretrained weights."),
    click.option("--preset", help="Begin with quick look, standard or thorough."),
    click.option("--like", type=int, metavar="RUN", help="Begin with the settings of that run."),
    click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Any other setting; repeatable."),
    click.option(
        "--settings",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_list_settings,
        help="List the settings and their ranges, and exit.",
    ),
    options.author,
)


def _training(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(TRAINING_OPTIONS):
        function = option(function)
    return click.argument("project")(function)


@click.command()
@_training
def train(project: str, preset: str | None, like: int | None, assignments: tuple[str, ...], **settings: Any) -> None:
    """Train a model and score every image."""
    from curate.cli import run_commands

    author = settings.pop("author")
    run_commands.train(project, run_commands.Settings(preset, like, assignments, settings), author)


@click.command()
@_training
@click.option("--vary", multiple=True, required=True, metavar="NAME=V1,V2", help="Once or twice.")
def experiment(
    project: str, preset: str | None, like: int | None, assignments: tuple[str, ...], vary: tuple[str, ...],
    **settings: Any,
) -> None:  # fmt: skip
    """Train once for every value of one or two settings."""
    from curate.cli import run_commands

    author = settings.pop("author")
    run_commands.experiment(project, run_commands.Settings(preset, like, assignments, settings), vary, author)


@click.command()
@click.argument("project")
@options.run_number
def code(project: str, run: int | None) -> None:
    """A run's settings as fastai code."""
    from curate.cli import run_commands

    run_commands.code(project, run)


@click.command()
@click.argument("project")
@click.option("--arch", "architecture", help="The frozen network, or `pixels`: none (what suits the pictures).")
@click.option("--size", "size_px", type=int, help="Side of the pictures in pixels.")
@click.option("--resize", help="crop, pad or squish")
@options.author
def quick(project: str, author: str, **settings: Any) -> None:
    """A quick look: the first suspicious pictures in seconds."""
    from curate.cli import run_commands

    run_commands.quick(project, settings, author)


@click.command()
@click.argument("project")
def runs(project: str) -> None:
    """List the project's runs."""
    from curate.cli import run_commands

    run_commands.list_runs(project)


@click.command()
@click.argument("project")
@options.run_number
@click.option("--sort", default="loss")
@click.option("--label", help="Only images that had this label when the run was trained.")
@click.option("--split", type=click.Choice(("train", "valid")))
@click.option("--limit", type=int, default=20)
@options.as_json
def top(
    project: str, run: int | None, sort: str, label: str | None, split: str | None, limit: int, as_json: bool
) -> None:
    """The images a run found hardest, worst first."""
    from curate.cli import run_commands

    run_commands.top(project, run, sort, label, split, limit, as_json)


@click.command()
@click.argument("project")
@click.argument("before", type=int, metavar="RUN")
@click.argument("after", type=int, metavar="RUN")
@click.option("--seeds", "is_repeated", is_flag=True, help="Train both versions with three more seeds first.")
@click.option("--html", type=click.Path(dir_okay=False), help="Also write the report with its pictures there.")
@options.as_json
@options.author
def compare(
    project: str, before: int, after: int, is_repeated: bool, html: str | None, as_json: bool, author: str
) -> None:
    """Two runs on the same validation images with today's labels."""
    from curate.cli import compare_commands

    compare_commands.compare(project, before, after, is_repeated, html, as_json, author)


@click.command()
@click.argument("project")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.run_number
@options.as_json
def predict(project: str, files: tuple[str, ...], run: int | None, as_json: bool) -> None:
    """What a run takes pictures for."""
    from curate.cli import prediction_commands

    prediction_commands.predict(project, files, run, as_json)


@click.command("import-predictions")
@click.argument("project")
@click.argument("file", type=click.Path(), metavar="FILE")
@click.option("--model", help="A name for the run (else the file's).")
@click.option(
    "--held-out",
    type=click.Choice(("all", "valid", "none")),
    required=True,
    help="Which pictures the model had not seen: all, the validation ones only, or none.",
)
@click.option("--logits", is_flag=True, help="The numbers are logits.")
@click.option("--preprocessing", type=click.Path(), metavar="JSON", help="How an ONNX file's input is made.")
@options.author
def import_predictions(
    project: str, file: str, model: str | None, held_out: str, logits: bool, preprocessing: str | None, author: str
) -> None:
    """Make a run of another model's predictions (CSV, Parquet, npz, or ONNX).

    A row has a file name, the end of a path or a SHA-256, and a probability per label, or a label and its score.
    """
    from curate.cli import prediction_commands

    prediction_commands.import_predictions(project, file, model, held_out, logits, preprocessing, author)


@click.command("export-model")
@click.argument("project")
@click.argument("path", type=click.Path(), metavar="ZIP")
@click.option(
    "--format",
    "kind",
    type=click.Choice(("model", "space")),
    default="model",
    help="space: a folder (or ZIP) for a Hugging Face Space, Gradio on onnxruntime.",
)
@options.run_number
@options.author
def export_model(project: str, path: str, kind: str, run: int | None, author: str) -> None:
    """A run's model as a zip that answers by itself, or as a Hugging Face Space."""
    from curate.cli import prediction_commands

    prediction_commands.export_model(project, path, kind, run, author)


COMMANDS = (train, experiment, code, quick, runs, top, compare, predict, export_model, import_predictions)
