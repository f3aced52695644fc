"""The command line: `python -m curate COMMAND`. Parsing and errors are here, the commands in curate.cli.commands.

Errors a person can mend are one line on stderr and exit code 1; a command that cannot be understood exits with 2.
"""

import argparse
import getpass
import os
import sys

from curate import settings
from curate.cli.gather_arguments import add_arguments, add_label_arguments
from curate.cli.terminal import printable
from curate.errors import CurateError


def main(argv: list[str] | None = None) -> int:
    """Exit code of the command in `argv` (None = those of this process)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names may hold bytes that are no letters
    args = parser().parse_args(argv)
    try:
        settings.check()
        return _run(args)
    except CurateError as error:
        print(printable(f"curate: {error} {error.hint}".strip()), file=sys.stderr)
        return 1
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(args: argparse.Namespace) -> int:
    if args.command in ("gather", "register_openverse"):
        from curate.cli import gather

        getattr(gather, args.command)(args)
        return 0
    if args.command in ("write_back", "copy_to"):
        from curate.cli import moving

        getattr(moving, args.command)(args)
        return 0
    if args.command == "run_job":  # before pandas is imported: a job should begin at once
        from curate.jobs.runtime.job_process import run_job

        return run_job(args.job)
    from curate.cli import commands

    getattr(commands, args.command)(args)
    return 0


def author() -> str:
    """Who sits at this terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "command line"


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser("python -m curate", description="Train first, then clean.")
    group = top.add_subparsers(required=True, metavar="COMMAND")
    _add_data_commands(group)
    _add_run_commands(group)
    _add_review_commands(group)
    _add_moving_commands(group)
    _add(group, "job", "run_job", "run a waiting job in this process").add_argument("job", type=int)
    _add(group, "status", "status", "where the data lies, and which jobs there are")
    return top


def _add_data_commands(group: argparse._SubParsersAction) -> None:
    sample = _add(group, "sample", "make_sample", "make the sample project")
    take_in = _add(group, "import", "import_images", "take in a folder (or zip) with one sub-folder per label")
    take_in.add_argument("project", help="name; made when there is none of it")
    take_in.add_argument("folder")
    add_label_arguments(take_in)
    take_in.add_argument("--valid-pct", type=float, default=20.0, help="per cent held out (20), for a new project")
    take_in.add_argument("--seed", type=int, default=42, help="of the split (42), for a new project")
    gather = _add(
        group, "gather", "gather", "search for pictures, or take in a list of addresses, a folder, a data set"
    )
    add_arguments(gather)
    for command in (sample, take_in, gather):
        _add_author(command)
    register = _add(group, "openverse", "register_openverse", "register with Openverse: more requests, larger pages")
    for name in ("name", "description", "email"):
        register.add_argument(name)
    _add(group, "projects", "list_projects", "list the projects")
    attribution = _add(group, "attribution", "write_attribution", "list whose pictures these are, under which licence")
    attribution.add_argument("project")
    attribution.add_argument("file", help="ends in .md or .csv")
    look = _add(group, "quality", "look_at_quality", "look at the quality of the pictures, and for duplicates")
    look.add_argument("project")
    _add_author(look)
    export = _add(group, "export", "export", "write the pictures as train/<label>/… and valid/<label>/…")
    export.add_argument("project")
    export.add_argument("folder", help="a new or empty folder")


def _add_run_commands(group: argparse._SubParsersAction) -> None:
    _add_training(_add(group, "train", "train", "train a model and score every image"))
    experiment = _add(group, "experiment", "experiment", "train once for every value of one or two settings")
    _add_training(experiment)
    experiment.add_argument("--vary", action="append", required=True, metavar="NAME=V1,V2", help="once or twice")
    code = _add(group, "code", "code", "a run's settings as fastai code")
    code.add_argument("project")
    code.add_argument("--run", type=int, help="number of a finished run (the newest)")
    quick = _add(group, "quick", "quick", "a quick look: the first suspicious pictures in seconds")
    quick.add_argument("project")
    quick.add_argument("--arch", help="the frozen network, or `pixels`: none at all (what suits the pictures)")
    quick.add_argument("--size", type=int, help="side of the pictures in pixels")
    quick.add_argument("--resize", help="crop, pad or squish")
    _add_author(quick)
    _add(group, "runs", "list_runs", "list the project's runs").add_argument("project")
    top = _add(group, "top", "top", "the images a run found hardest, worst first")
    top.add_argument("project")
    top.add_argument("--run", type=int, help="number of a finished run (the newest)")
    top.add_argument("--sort", default="loss")
    top.add_argument("--label", help="only images that had this label when the run was trained")
    top.add_argument("--split", choices=("train", "valid"))
    top.add_argument("--limit", type=int, default=20)
    compare = _add(group, "compare", "compare", "two runs on the same validation images with today's labels")
    compare.add_argument("project")
    compare.add_argument("before", type=int, metavar="RUN")
    compare.add_argument("after", type=int, metavar="RUN")
    predict = _add(group, "predict", "predict", "what a run takes pictures for")
    predict.add_argument("project")
    predict.add_argument("files", nargs="+", metavar="FILE")
    predict.add_argument("--run", type=int, help="number of a finished run (the newest)")
    for command in (top, compare, predict):
        command.add_argument("--json", action="store_true")


def rate(text: str) -> float | str:
    """A learning rate from the command line: a number, or the word that asks for one to be found."""
    return text if text == "auto" else float(text)


class _ListSettings(argparse.Action):
    """Prints what `--set` takes; imports it only then, as other commands should begin at once."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print every setting with its range or choices, and exit."""
        from curate.training.settings import as_text

        print(as_text.summaries())
        parser.exit()


def _add_training(train: argparse.ArgumentParser) -> None:
    train.add_argument("project")
    train.add_argument("--arch", help="architecture")
    train.add_argument("--size", type=int, help="side of the pictures in pixels")
    train.add_argument("--resize", help="crop, pad or squish")
    train.add_argument("--epochs", type=int)
    train.add_argument("--frozen-epochs", type=int)
    train.add_argument("--batch-size", type=int)
    train.add_argument("--lr", type=rate, help="learning rate, or `auto` to find one (0.002)")
    train.add_argument("--seed", type=int)
    train.add_argument("--augment", help="none, light or standard")
    train.add_argument("--scratch", action="store_true", help="without pretrained weights")
    train.add_argument("--preset", help="begin with quick look, standard or thorough")
    train.add_argument("--like", type=int, metavar="RUN", help="begin with the settings of that run")
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any setting; repeatable")
    train.add_argument("--settings", action=_ListSettings, nargs=0, help="list the settings and their ranges, and exit")
    _add_author(train)


def _add_review_commands(group: argparse._SubParsersAction) -> None:
    decide = _add(group, "decide", "decide", "keep, delete or relabel one image")
    decide.add_argument("project")
    decide.add_argument("image", help="number, file name, or the beginning of the picture's SHA-256")
    decide.add_argument("action", choices=("keep", "delete", "relabel", "clear"))
    decide.add_argument("label", nargs="?", help="the new label")
    apply = _add(group, "apply", "apply", "make a new version from the decisions that wait")
    apply.add_argument("project")
    apply.add_argument("--message", default="")
    restore = _add(group, "restore", "restore", "bring back an earlier version, as a new one")
    restore.add_argument("project")
    restore.add_argument("number", type=int)
    for command in (decide, apply, restore):
        _add_author(command)


def _add_moving_commands(group: argparse._SubParsersAction) -> None:
    back = _add(
        group, "write-back", "write_back", "preview what a folder's files would do to follow the labels, or do it"
    )
    back.add_argument("project")
    back.add_argument("--folder", help="where the folder is (where the project was imported from)")
    way = back.add_mutually_exclusive_group()
    way.add_argument("--now", action="store_true", help="move the files; go on with what stands half-way")
    way.add_argument("--undo", action="store_true", help="bring every file of the last write-back back")
    back.add_argument("--csv", help="write the list of all files to this file")
    _add_author(back)
    copy = _add(group, "copy-to", "copy_to", "copy projects into another database, and check every row")
    copy.add_argument("url", help="as CURATE_DATABASE_URL takes it: postgresql+psycopg://user:password@host/database")
    copy.add_argument("--project", action="append", default=[], help="only this one; repeatable")


def _add(group: argparse._SubParsersAction, name: str, command: str, words: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = group.add_parser(name, help=words, description=words.capitalize() + ".")
    added.set_defaults(command=command)
    return added


def _add_author(command: argparse.ArgumentParser) -> None:
    command.add_argument("--author", default=author(), help="who did it, for the history")
