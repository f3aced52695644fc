"""Whole numbers in texts that people, addresses and requests bring."""

_MOST_DIGITS = 17  # more do not fit into a database's integer


def parse(text: str) -> int | None:
    """Returns the whole number that `text` is, 0 or more and small enough for a database; None for anything else.

    >>> parse("12"), parse("-1"), parse("9" * 18)
    (12, None, None)
    """
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None
