"""Commands for whoever runs an installation: what they take. What they do is in `upkeep_commands`."""

from pathlib import Path

import click


@click.command()
def doctor() -> int:
    """Check database, store, scheduler, disk and clock, and say what to do; exit code 1 when something is wrong."""
    from curate.cli import upkeep_commands

    return upkeep_commands.doctor()


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> int:
    """Back up the whole installation into FOLDER while people work; again: only what is new is copied.

    Catalog, pictures, models and logs; not caches, downloads of exports, and uploads that no job has taken in.
    """
    from curate.cli import upkeep_commands

    return upkeep_commands.backup(folder)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--snapshot", help="One of the folder's snapshots (the newest).")
def restore_backup(folder: Path, snapshot: str | None) -> None:
    """Restore a backup into an empty CURATE_HOME, database and store; every file is checked by its hash."""
    from curate.cli import upkeep_commands

    upkeep_commands.restore_backup(folder, snapshot)


COMMANDS = (doctor, backup, restore_backup)
