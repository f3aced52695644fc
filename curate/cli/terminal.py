"""Output to a terminal: safe text, tables, and a progress bar."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

WIDTH = 24  # of the bar, in letters


def printable(text: str) -> str:
    """Returns `text` without control sequences of terminals."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def print_line(text: str) -> None:
    """Print one line; names from users cannot control the terminal."""
    print(printable(text))


def print_note(text: str) -> None:
    """Print one line to standard error, apart from the output that programs read."""
    print(printable(text), file=sys.stderr)


def print_json(value: Any) -> None:
    """Print a value as JSON in ASCII."""
    print(json.dumps(value, indent=1, ensure_ascii=True, allow_nan=False))


def print_table(heads: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print rows under their heads."""
    cells = [list(heads)] + [[printable(_cell(value)) for value in row] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    for line in cells:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


class Bar:
    """A job's progress: one line that is overwritten on a terminal, a line per message elsewhere."""

    def __init__(self, screen: TextIO) -> None:
        self._screen = screen
        self._is_terminal = screen.isatty()
        self._shown = ""

    def show(self, progress: dict[str, Any]) -> None:
        """Update the line."""
        if not progress:
            return
        line = in_a_line(progress) if self._is_terminal else printable(str(progress.get("message", "")))
        if line != self._shown:
            self._screen.write(f"\r\x1b[2K{line}" if self._is_terminal else f"{line}\n")
            self._screen.flush()
            self._shown = line

    def close(self) -> None:
        """End the line."""
        if self._is_terminal and self._shown:
            self._screen.write("\n")


def in_a_line(progress: dict[str, Any]) -> str:
    """Returns progress as one line of text.

    >>> in_a_line({"done": 6, "total": 12, "message": "Epoch 1 of 2", "rate": 2.0, "seconds_left": 75.4})
    'Epoch 1 of 2 ############............  50 %  1:15 left'
    """
    message = printable(str(progress.get("message", "")))
    total, done = progress.get("total"), progress.get("done", 0)
    if not total:
        return message
    share = min(1.0, done / total)
    line = f"{message} {('#' * round(WIDTH * share)).ljust(WIDTH, '.')} {share:4.0%}".replace("%", " %")
    seconds = progress.get("seconds_left")
    return line if seconds is None else f"{line}  {int(seconds) // 60}:{int(seconds) % 60:02} left"
