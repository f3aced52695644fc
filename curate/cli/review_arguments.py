"""Commands that decide on images and make versions: what they take. What they do is in `review_commands`."""

import click

from curate.cli import options


@click.command()
@click.argument("project")
@click.argument("image")
@click.argument("action", type=click.Choice(("keep", "delete", "relabel", "clear")))
@click.argument("label", required=False)
@options.author
def decide(project: str, image: str, action: str, label: str | None, author: str) -> None:
    """Keep, delete or relabel one image.

    IMAGE is its number, its file name, or the beginning of the picture's SHA-256. LABEL is the new label.
    """
    from curate.cli import review_commands

    review_commands.decide(project, image, action, label, author)


@click.command()
@click.argument("project")
@click.option("--message", default="")
@options.author
def apply(project: str, message: str, author: str) -> None:
    """Make a new version from the decisions that wait."""
    from curate.cli import review_commands

    review_commands.apply(project, message, author)


@click.command()
@click.argument("project")
@click.argument("number", type=int)
@options.author
def restore(project: str, number: int, author: str) -> None:
    """Bring back an earlier version, as a new one."""
    from curate.cli import review_commands

    review_commands.restore(project, number, author)


COMMANDS = (decide, apply, restore)
