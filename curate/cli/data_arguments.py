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
    project: str, folder: Path, layout: str, renames: tuple[str, ...], skipped: tuple[str, ...], is_sure: bool,
    valid_pct: float, seed: int, author: str,
) -> None:  # fmt: skip
    """Take in a folder (or zip) with one sub-folder per label. PROJECT is a name; it is made when there is none."""
    from curate.cli import data_commands, import_plan

    choices = import_plan.choices_of(layout, renames, skipped)
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
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--spreadsheet",
    "is_for_spreadsheet",
    is_flag=True,
    help="Put an apostrophe before the cells of labels.csv that a spreadsheet would run as formulas.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(("folders", "parquet")),
    default="folders",
    help="An ImageFolder tree (folders), or Parquet with the pictures inside, for `datasets.load_dataset`.",
)
def export(project: str, folder: Path, is_for_spreadsheet: bool, kind: str) -> None:
    """Write the pictures as train/<label>/… and valid/<label>/… into a new or empty FOLDER.

    labels.csv holds every name letter by letter, for programs. For a spreadsheet add --spreadsheet.
    """
    from curate.cli import data_commands

    if kind == "parquet":
        data_commands.export_as_parquet(project, folder)
    else:
        data_commands.export(project, folder, is_for_spreadsheet)


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
