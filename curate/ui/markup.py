"""The few pieces of HTML that Streamlit has no element for: pictures from our own routes, label chips, and times that
tell the exact moment when pointed at. Every text is escaped here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import streamlit as st

from curate.ui import identity, words
from curate.ui.colours import DECISION_COLOURS, DECISION_SIGNS, label_colour

_GROUND = "rgba(128,128,128,.12)"  # neutral on white and on the dark ground
_ROW = "display:flex;flex-wrap:wrap;gap:6px;align-items:center"


@dataclass(frozen=True)
class Shown:
    """A picture to show: the blob's name and what it is, in words."""

    sha: str
    words: str


def picture(shown: Shown, size_px: int) -> str:
    """A square of that size with the whole picture in it; its place is kept while it loads."""
    alt = escape(words.shorten(shown.words, 200), quote=True)
    # An empty source would ask for the page itself; a blob's name is 64 hexadecimal digits or it is not used.
    source = f"/images/{shown.sha}/thumb" if shown.sha.isalnum() else "data:,"
    return (
        f'<img src="{source}" alt="{alt}" title="{alt}" width="{size_px}" height="{size_px}" loading="lazy" '
        f'style="width:{size_px}px;height:{size_px}px;object-fit:contain;background:{_GROUND};'
        'border-radius:6px;image-rendering:auto">'
    )


def strip(pictures: Sequence[Shown], size_px: int = 64) -> str:
    """Pictures in a row that wraps."""
    return f'<div style="{_ROW}">{"".join(picture(shown, size_px) for shown in pictures)}</div>'


def chip(name: str, position: int) -> str:
    """A label's name behind a dot in its colour."""
    dot = f"width:10px;height:10px;border-radius:50%;background:{label_colour(position)};flex:none"
    text = escape(words.shorten(name, 48))
    whole = escape(words.shorten(name, 300), quote=True)
    return (
        f'<span title="{whole}" style="display:inline-flex;gap:6px;align-items:center;max-width:100%">'
        f'<span style="{dot}"></span><span style="overflow-wrap:anywhere">{text}</span></span>'
    )


def sign(decision: str) -> str:
    """A decision's fixed sign in its fixed colour, on a ground that suits both themes."""
    colour = DECISION_COLOURS.get(decision, "#6b7280")
    return (
        f'<span style="display:inline-flex;width:20px;height:20px;border-radius:50%;background:{colour};color:#fff;'
        'align-items:center;justify-content:center;font-size:12px;font-weight:700;flex:none">'
        f"{DECISION_SIGNS.get(decision, '·')}</span>"
    )


def text(value: str, length: int = 300) -> str:
    """Somebody's text as HTML that shows it letter by letter."""
    return escape(words.shorten(value, length), quote=True)


def moment(when: datetime) -> str:
    """How long ago, with the exact time of the visitor's clock when pointed at."""
    return (
        f'<time datetime="{when.isoformat()}" title="{escape(words.exact(when, identity.zone()))}" '
        f'style="opacity:.7;white-space:nowrap">{words.ago(when)}</time>'
    )


def row(*pieces: str) -> str:
    """Pieces side by side, wrapping where the page is narrow."""
    return f'<div style="{_ROW}">{"".join(pieces)}</div>'


def show(html: str) -> None:
    """Put pieces made here on the page."""
    st.html(html)
