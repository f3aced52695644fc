"""The command line: `curate COMMAND`. Arguments are declared in `*_arguments`, the work is in `*_commands`.

Errors a person can mend are one line on stderr and exit code 1; a command that cannot be understood exits with 2.
The modules that declare arguments import nothing of the program before a command runs: `curate --help` must not wait.
"""

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from curate.cli import (
    access_arguments,
    data_arguments,
    gather_arguments,
    moving_arguments,
    review_arguments,
    run_arguments,
    upkeep_arguments,
)
from curate.cli.terminal import printable

INTERRUPTED = 130  # as a shell says it of a program that Ctrl-C ended


@click.group(context_settings={"max_content_width": 120})
def curate() -> None:
    """Train first, then clean."""


def _checked(run: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `run` with a check of the environment's settings before it."""

    @functools.wraps(run)
    def check_and_run(*args: Any, **options: Any) -> Any:
        from curate import settings

        settings.check()
        return run(*args, **options)

    return check_and_run


_MODULES = (
    *(data_arguments, gather_arguments, run_arguments, review_arguments),
    *(moving_arguments, access_arguments, upkeep_arguments),
)
for _module in _MODULES:
    for _command in _module.COMMANDS:
        assert _command.callback and _command.help and _command.name not in curate.commands
        _command.callback = _checked(_command.callback)
        _command.short_help = _command.help.partition("\n\n")[0]  # else cut to what fits a line
        curate.add_command(_command)


def main(argv: list[str] | None = None) -> int:
    """Run the command in `argv` (None = of this process); returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names may hold bytes that are no letters
    try:
        return int(curate.main(argv, prog_name="curate", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from error
    except click.Abort:
        return INTERRUPTED
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        from curate.cli.error_text import as_sentence

        sentence = as_sentence(error)
        if sentence is None:
            raise
        print(printable(f"curate: {sentence}"), file=sys.stderr)
        return 1
