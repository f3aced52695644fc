"""`curate gather` and `curate openverse`: what they take. What they do is in `gather_commands`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from curate.cli import options
from curate.gather.limits import Limits
from curate.gather.search_sources import BY_WORDS

FILTERS = {
    "license_type": "commercial, modification",
    "license": "cc0, pdm, by, by-sa, …",
    "size": "small, medium, large",
    "aspect_ratio": "tall, wide, square",
    "extension": "jpg, png, …",
    "source": "flickr, wikimedia, met, …",
}
USUAL_LIMITS = Limits().to_json()
FILE = click.Path(path_type=Path)


def _filters_and_limits(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, usual in reversed(USUAL_LIMITS.items()):
        if name == "drop_near":
            added = click.option(
                "--keep-near", "drop_near", flag_value=False, default=True, help="Keep near-duplicates."
            )
        else:
            flag = f"--{name.replace('_', '-')}"
            added = click.option(flag, name, type=type(usual), default=usual, help=f"A limit ({usual:g}).")
        function = added(function)
    for name, values in reversed(FILTERS.items()):
        flag = "--collections" if name == "source" else f"--{name.replace('_', '-')}"
        text = f"A filter of Openverse, by commas: {values}"
        function = click.option(flag, f"filter_{name}", metavar="WORDS", help=text)(function)
    return function


@click.command()
@click.argument("project")
@click.argument("rows", nargs=-1, metavar="[LABEL[=QUERY]]...")
@click.option("--n", type=int, default=100, help="Pictures of each label (100).")
@click.option("--source", type=click.Choice(BY_WORDS), default="openverse")
@click.option("--list", type=FILE, metavar="FILE", help="Addresses: lines, CSV or Parquet with url and label.")
@click.option("--label", help="For addresses that have no label of their own.")
@click.option("--folder", type=FILE, help="A folder of this machine with one sub-folder per label.")
@click.option("--link", is_flag=True, help="Leave the folder's pictures where they are.")
@options.label_choices
@click.option("--dataset", metavar="NAME", help="One of fastai's: PETS, IMAGENETTE_160, …")
@click.option("--preview", is_flag=True, help="Only show the first results; nothing is stored.")
@click.option("--resume", is_flag=True, help="Go on with the project's last gathering.")
@click.option("--refused", type=FILE, metavar="FILE", help="Write what was refused, and why, as CSV.")
@options.as_json
@_filters_and_limits
@options.new_project
@options.author
def gather(**values: Any) -> None:
    """Search for pictures, or take in a list of addresses, a folder, a data set.

    PROJECT is a name; it is made when there is none. Each LABEL has a query of its own, else the label is the query:
    chihuahua='chihuahua dog' 'pop art'
    """
    from curate.cli import gather_commands, import_plan

    filters = {name: words for name in FILTERS if (words := values.pop(f"filter_{name}"))}
    limits = Limits(**{name: values.pop(name) for name in USUAL_LIMITS})
    choices = import_plan.choices_of(
        values.pop("layout"), values.pop("renames"), values.pop("skipped"), values["unlabelled"]
    )
    arguments = gather_commands.GatherArguments(**values, choices=choices, filters=filters, limits=limits)
    gather_commands.gather(arguments)


@click.command()
@click.argument("name")
@click.argument("description")
@click.argument("email")
def openverse(name: str, description: str, email: str) -> None:
    """Register with Openverse: more requests, larger pages."""
    from curate.cli import gather_commands

    gather_commands.register_openverse(name, description, email)


COMMANDS = (gather, openverse)
