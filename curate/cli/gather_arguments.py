"""What `python -m curate gather` takes. Apart from what it does, so that other commands need not import that."""

import argparse
import dataclasses
from pathlib import Path

from curate.gather.limits import Limits

SEARCHED = ("openverse", "duckduckgo")
FILTERS = {
    "license_type": "commercial, modification",
    "license": "cc0, pdm, by, by-sa, …",
    "size": "small, medium, large",
    "aspect_ratio": "tall, wide, square",
    "extension": "jpg, png, …",
    "source": "flickr, wikimedia, met, …",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command takes."""
    command.add_argument("project", help="name; made when there is none of it")
    command.add_argument(
        "wishes", nargs="*", metavar="LABEL[=QUERY]", help="what to gather: chihuahua='chihuahua dog' 'pop art'"
    )
    command.add_argument("--n", type=int, default=100, help="pictures of each label (100)")
    command.add_argument("--source", choices=SEARCHED, default="openverse")
    command.add_argument(
        "--list", type=Path, metavar="FILE", help="addresses: lines, CSV or Parquet with url and label"
    )
    command.add_argument("--label", help="for addresses that have no label of their own")
    command.add_argument("--folder", type=Path, help="a folder of this machine with one sub-folder per label")
    command.add_argument("--link", action="store_true", help="leave the folder's pictures where they are")
    add_label_arguments(command)
    command.add_argument("--dataset", metavar="NAME", help="one of fastai's: PETS, IMAGENETTE_160, …")
    command.add_argument("--preview", action="store_true", help="only show the first results; nothing is stored")
    command.add_argument("--resume", action="store_true", help="go on with the project's last gathering")
    command.add_argument("--refused", type=Path, metavar="FILE", help="write what was refused, and why, as CSV")
    command.add_argument("--json", action="store_true", help="the result as JSON")
    _add_filters(command.add_argument_group("filters of Openverse, by commas"))
    _add_limits(command.add_argument_group("limits"))
    command.add_argument("--valid-pct", type=float, default=20.0, help="per cent held out (20), for a new project")
    command.add_argument("--seed", type=int, default=42, help="of the split (42), for a new project")


def add_label_arguments(command: argparse.ArgumentParser) -> None:
    """How the labels of a folder or zip are changed before it comes in."""
    command.add_argument(
        "--layout",
        default="auto",
        help="what the folders are, from the top: label, split/label, label/split, */label",
    )
    command.add_argument(
        "--rename", action="append", default=[], metavar="OLD=NEW", help="call a folder's label so; repeatable, merges"
    )
    command.add_argument("--skip", action="append", default=[], metavar="LABEL", help="leave a label out; repeatable")
    command.add_argument("--yes", action="store_true", help="do not ask before importing")


def _add_filters(group: argparse._ArgumentGroup) -> None:
    for name, values in FILTERS.items():
        flag = "collections" if name == "source" else name.replace("_", "-")
        group.add_argument(f"--{flag}", dest=f"filter_{name}", metavar="WORDS", help=values)


def _add_limits(group: argparse._ArgumentGroup) -> None:
    for field in dataclasses.fields(Limits):
        flag, usual = f"--{field.name.replace('_', '-')}", getattr(Limits(), field.name)
        if field.name == "drop_near":
            group.add_argument("--keep-near", dest="drop_near", action="store_false", help="keep near-duplicates")
        else:
            group.add_argument(flag, type=type(usual), default=usual, help=f"{usual:g}")
