"""CSV that a spreadsheet opens as text: cells that it would run as formulas start with an apostrophe (OWASP)."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"  # the wide ones are Excel's on Japanese and Chinese machines
_BREAKS = ("\t", "\r", "\n")


def is_formula(value: Any) -> bool:
    """Whether a spreadsheet might run this cell: a text that begins with = + - @ or a line break.

    Blanks and invisible letters before it do not count, since some programs drop them.
    """
    if not isinstance(value, str):
        return False
    first = next((letter for letter in value if letter.isprintable() and not letter.isspace()), "")
    return value.startswith(_BREAKS) or (first != "" and first in _FORMULA)


def safe_cell(value: Any) -> Any:
    """Returns the value, with an apostrophe before a text that a spreadsheet would run; numbers stay as they are.

    >>> safe_cell("=1+1"), safe_cell("1+1"), safe_cell(-1)
    ("'=1+1", '1+1', -1)
    """
    return f"'{value}" if is_formula(value) else value


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Returns the rows as lines of CSV without formulas."""
    text = StringIO()
    csv.writer(text).writerows([safe_cell(value) for value in row] for row in rows)
    return text.getvalue()
