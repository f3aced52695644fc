"""Commands on projects and their pictures: what they take. What they do is in `data_commands`."""

from pathlib import Path

import click

from curate.cli import options


@click.command()
@options.author
def sample(author: str) -> None:
    """Make the sample project."""
    from curate.cli import data_commands

    data_commands.make_sample(author)


@click.command("import")
@click.argument("project")
@click.argument("folder", type=click.Path(path_type=Path))
@options.label_choices
@options.new_project
@options.author
def import_images(
    project: str, folder: Path, layout: str, renames: tuple[str, ...], skipped: tuple[str, ...], unlabelled: bool,
    is_sure: bool, valid_pct: float, seed: int, author: str,
) -> None:  # fmt: skip
    """Take in a folder (or zip) with one sub-folder per label. PROJECT is a name; it is made when there is none."""
    from curate.cli import data_commands, import_plan

    choices = import_plan.choices_of(layout, renames, skipped, unlabelled)
    data_commands.import_images(project, folder, choices, is_sure, valid_pct, seed, author)


@click.command()
def projects() -> None:
    """List the projects."""
    from curate.cli import data_commands

    data_commands.list_projects()


@click.command()
@click.argument("project")
@click.argument("file", type=click.Path(path_type=Path))
def attribution(project: str, file: Path) -> None:
    """List whose pictures these are, under which licence. FILE ends in .md or .csv."""
    from curate.cli import data_commands

    data_commands.write_attribution(project, file)


@click.command()
@click.argument("project")
@options.author
def quality(project: str, author: str) -> None:
    """Look at the quality of the pictures, and for duplicates."""
    from curate.cli import data_commands

    data_commands.look_at_quality(project, author)


@click.command()
@click.argument("project")
@click.argument("target", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option(
    "--format",
    "kind",
    default="folders",
    metavar="FORMAT",
    help="folders (ImageFolder), zip, parquet (for `datasets.load_dataset`), webdataset, fiftyone, csv, cleanlab "
    "(labels and held-out probabilities), attribution, card.",
)
@click.option("--version", "number", type=int, help="Number of a version (else the newest).")
@click.option("--no-card", is_flag=True, help="Leave the data card out of README.md.")
@click.option("--no-attribution", is_flag=True, help="Leave the list of sources and licences out.")
@click.option(
    "--spreadsheet",
    "is_for_spreadsheet",
    is_flag=True,
    help="Put an apostrophe before the cells of the table that a spreadsheet would run as formulas.",
)
@click.option("--unlabelled", is_flag=True, help="Take pictures without a label along, to unlabelled/ (folders, zip).")
@options.run_number
@options.author
def export(
    project: str, target: Path, kind: str, number: int | None, no_card: bool, no_attribution: bool,
    is_for_spreadsheet: bool, unlabelled: bool, run: int | None, author: str,
) -> None:  # fmt: skip
    """Write a version's pictures and labels into a new or empty FOLDER, for other tools.

    A folder that holds an earlier export (folders, fiftyone) is brought to the version by its changes only. For a
    format of one file, FOLDER may be that file. The table holds every name letter by letter, for programs; for a
    spreadsheet add --spreadsheet. After Ctrl-C nothing of a new export is left; after a crash the same command goes on.
    """
    from curate.cli import data_commands
    from curate.jobs.submit.export import Extras

    extras = Extras(not no_card, not no_attribution, is_for_spreadsheet, unlabelled=unlabelled)
    data_commands.export(project, target, kind, number, extras, run, author)


@click.command()
def status() -> None:
    """Where the data lies, and which jobs there are."""
    from curate.cli import data_commands

    data_commands.status()


@click.command()
@click.argument("job", type=int)
@click.pass_context
def job(context: click.Context, job: int) -> None:
    """Run a waiting job in this process."""
    from curate.jobs.runtime.job_process import run_job  # without pandas: a job should begin at once

    context.exit(run_job(job))


COMMANDS = (sample, import_images, projects, attribution, quality, export, status, job)
