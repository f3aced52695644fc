"""CSV that a spreadsheet opens as text: cells that it would run as formulas start with an apostrophe (OWASP)."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

# The wide ones are Excel's on Japanese and Chinese machines.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Blanks and invisible letters that a program may drop at the beginning of a cell; a tab or line break counts itself.
_SKIPPED = " \xa0\u200b\u200c\u200d\u2060\u3000\ufeff"


def is_formula(value: Any) -> bool:
    """Whether a spreadsheet might run this cell: a text that, blanks apart, begins with = + - @ or a line break."""
    return isinstance(value, str) and value.lstrip(_SKIPPED).startswith(_FORMULA)


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
