"""Commands that move somebody's files, or the catalog: what they take. What they do is in `moving_commands`."""

from pathlib import Path

import click

from curate.cli import options


@click.command("write-back")
@click.argument("project")
@click.option("--folder", help="Where the folder is (where the project was imported from).")
@click.option("--now", is_flag=True, help="Move the files; go on with what stands half-way.")
@click.option("--undo", is_flag=True, help="Bring every file of the last write-back back.")
@click.option("--csv", type=click.Path(path_type=Path), help="Write the list of all files to this file.")
@options.author
def write_back(project: str, folder: str | None, now: bool, undo: bool, csv: Path | None, author: str) -> None:
    """Preview what a folder's files would do to follow the labels, or do it."""
    from curate.cli import moving_commands

    if now and undo:
        raise click.UsageError("--undo is not allowed with --now")
    moving_commands.write_back(project, folder, now, undo, csv, author)


@click.command("copy-to")
@click.argument("url")
@click.option("--project", "projects", multiple=True, help="Only this one; repeatable.")
def copy_to(url: str, projects: tuple[str, ...]) -> None:
    """Copy projects into another database, and check every row.

    URL is as CURATE_DATABASE_URL takes it: postgresql+psycopg://user:password@host/database
    """
    from curate.cli import moving_commands

    moving_commands.copy_to(url, projects)


@click.command("copy-store")
@click.argument("source")
@click.argument("target")
@click.option("--check", is_flag=True, help="Also read back and hash what lies at the target.")
def copy_store(source: str, target: str, check: bool) -> int:
    """Copy all pictures from one store to another, checked by hash.

    SOURCE and TARGET are addresses as CURATE_STORE takes them (s3://bucket/folder), or a folder that is or was
    CURATE_HOME. The same command again copies what is missing.
    """
    from curate.cli import store_commands

    return store_commands.copy_store(source, target, check)


COMMANDS = (write_back, copy_to, copy_store)
