"""Options that several commands take."""

import getpass
from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def current_user() -> str:
    """Returns the name of the terminal's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "command line"


author: Decorator = click.option("--author", default=current_user, help="Who did it, for the history.")
as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
run_number: Decorator = click.option("--run", type=int, help="Number of a finished run (else the best for it).")


unlabelled: Decorator = click.option(
    "--unlabelled", is_flag=True, help="Take pictures that lie in no label's folder, or found ones, without a label."
)


def label_choices(function: Callable[..., Any]) -> Callable[..., Any]:
    """How the labels of a folder or zip are changed before it comes in.

    The options are `layout`, `renames`, `skipped`, `unlabelled` and `is_sure`.
    """
    for option in (
        click.option("--yes", "is_sure", is_flag=True, help="Do not ask before importing."),
        click.option("--skip", "skipped", multiple=True, metavar="LABEL", help="Leave a label out; repeatable."),
        click.option(
            "--rename", "renames", multiple=True, metavar="OLD=NEW",
            help="Call a folder's label so; repeatable, merges.",
        ),
        click.option(
            "--layout", default="auto",
            help="What the folders are, from the top: label, split/label, label/split, */label; none = no labels.",
        ),
        unlabelled,
    ):  # fmt: skip
        function = option(function)
    return function


def new_project(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--valid-pct` and `--seed`, which count where a command makes the project."""
    seed = click.option("--seed", type=int, default=42, help="Of the split (42), for a new project.")
    share = click.option("--valid-pct", type=float, default=20.0, help="Per cent held out (20), for a new project.")
    return share(seed(function))
