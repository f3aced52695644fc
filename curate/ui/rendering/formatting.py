"""Formats numbers, times and users' texts for the screen."""

import re
import unicodedata
from datetime import UTC, datetime, tzinfo

import pandas as pd

from curate.spreadsheet import safe_cell
from curate.wording import counted as counted
from curate.wording import duration as duration

WORD_JOINER = "\u2060"  # has no width; breaks up what Streamlit would read as a link, arrow or icon
# What Streamlit's Markdown turns into something else although every sign in it is escaped (tried on 1.67): links and
# addresses written out, arrows between blanks, and its own logo.
_REWRITTEN = re.compile(
    r"(?<=:)(?=//|[\w+-]+:|material/)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=(?<!\S)[-<>~])(?=[-=>])", re.IGNORECASE
)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"  # Unicode's first strong isolate, and what ends it
_KEPT_INVISIBLE = "\u200d\u200e\u200f"  # joins emoji; marks of direction, which cannot turn what stands around them
_RIGHT_TO_LEFT = {"R", "AL"}  # Unicode's classes of letters and marks that are written from right to left


def shorten(text: str, length: int = 60) -> str:
    """Returns `text` on one line, at most `length` long; what is too long loses its middle.

    Invisible letters are left out, also those that override the direction of what follows.

    For places that take text as it is (options, table cells, browser titles).

    >>> shorten("abcdefghijklmnopqrstuvwxyz", 10), shorten("two\\nlines")
    ('abcdef…xyz', 'two lines')
    """
    visible = "".join(letter if letter.isprintable() or letter in _KEPT_INVISIBLE else " " for letter in text)
    line = " ".join(visible.split())
    if len(line) <= length:
        return line
    n_end = length // 3
    return f"{line[: length - 1 - n_end]}…{line[-n_end:]}"


def table_csv(table: pd.DataFrame) -> str:
    """Returns the table as CSV without its index; no cell and no heading is a formula to a spreadsheet."""
    texts = table.copy()
    for name in table.select_dtypes(exclude="number"):
        texts[name] = table[name].map(safe_cell)
    return texts.rename(columns=safe_cell).to_csv(index=False)


def plain(text: str, length: int = 300) -> str:
    """Returns `text` as Markdown that shows it letter by letter: no markup, link, icon, formula or arrow comes of it.

    For every text from people in Streamlit's Markdown and labels. What is written from right to left is isolated.

    >>> print(plain("<b> *x* [y](z)"))
    \\<b\\> \\*x\\* \\[y\\]\\(z\\)
    """
    short = shorten(text, length)
    markdown = _PUNCTUATION.sub(r"\\\1", _REWRITTEN.sub(WORD_JOINER, short))
    return isolated(markdown)


def isolated(text: str) -> str:
    """Returns the text so that its letters from right to left do not reorder what stands beside it.

    >>> isolated("cat"), isolated("חתול")
    ('cat', '\u2068חתול\u2069')
    """
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if is_right_to_left(text) else text


def in_sentence(text: str, length: int = 60) -> str:
    """Returns `text` as `shorten` does, isolated, for sentences that take text as it is (alternatives, options)."""
    return isolated(shorten(text, length))


def is_right_to_left(text: str) -> bool:
    """Whether any of it is written from right to left, which would reorder the sentence that it stands in.

    >>> is_right_to_left("cat"), is_right_to_left("חתול"), is_right_to_left("cat\u200f")
    (False, True, True)
    """
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def count(n: int) -> str:
    """Returns a number with thousands separators.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{n:,}"


def size(n_bytes: int) -> str:
    """Returns a number of bytes in a suitable unit (1 kB = 1,000 bytes).

    >>> size(512), size(20_480), size(3_400_000), size(12_000_000_000)
    ('512 bytes', '20 kB', '3.4 MB', '12.0 GB')
    """
    if n_bytes < 1_000:
        return counted(n_bytes, "byte")
    if n_bytes < 1_000_000:
        return f"{n_bytes / 1e3:.0f} kB"
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes < 1_000_000_000 else f"{n_bytes / 1e9:,.1f} GB"


def ago(when: datetime, now: datetime | None = None) -> str:
    """Returns how long ago a time was, or a date when it is over a month ago. Times have time zones."""
    seconds = ((now or datetime.now(UTC)) - when).total_seconds()
    if seconds < 45:
        return "just now"
    for limit_s, size_s, noun in ((3_600, 60, "minute"), (86_400, 3_600, "hour"), (30 * 86_400, 86_400, "day")):
        n = max(1, round(seconds / size_s))
        if n * size_s < limit_s:
            return "yesterday" if (noun, n) == ("day", 1) else f"{counted(n, noun)} ago"
    return f"{when.day} {when:%B %Y}"


def exact(when: datetime, zone: tzinfo = UTC) -> str:
    """Returns a point in time in the visitor's time zone.

    >>> exact(datetime(2026, 7, 31, 14, 5, 9, tzinfo=UTC))
    '31 July 2026, 14:05:09 UTC'
    """
    there = when.astimezone(zone)
    return f"{there.day} {there:%B %Y, %H:%M:%S %Z}".strip()
