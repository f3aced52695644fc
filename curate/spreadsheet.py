"""CSV that a spreadsheet opens as text: cells that it would run as formulas start with an apostrophe (OWASP)."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def is_formula(value: Any) -> bool:
    """Whether a spreadsheet would run this cell: a text that begins with = + - @, a tab or a line break."""
    return isinstance(value, str) and value.startswith(_FORMULA)


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
