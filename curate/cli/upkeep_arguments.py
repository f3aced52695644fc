"""Commands for whoever runs an installation: what they take. What they do is in `upkeep_commands`."""

import click


@click.command()
def doctor() -> int:
    """Check database, store, scheduler, disk and clock, and say what to do; exit code 1 when something is wrong."""
    from curate.cli import upkeep_commands

    return upkeep_commands.doctor()


COMMANDS = (doctor,)
