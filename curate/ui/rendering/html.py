"""Pieces of HTML that Streamlit has no element for: pictures of our own routes, label chips, and times with a tooltip.

Every text is escaped here and nowhere else.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from html import escape
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from curate.ui.rendering import formatting
from curate.ui.rendering.colours import DECISION_COLOURS, DECISION_SIGNS, label_colour
from curate.ui.rendering.image_urls import thumbnail_url

_GROUND = "rgba(128,128,128,.12)"  # neutral on white and on the dark ground
_ROW = "display:flex;flex-wrap:wrap;gap:6px;align-items:center"


@dataclass(frozen=True)
class Shown:
    """A picture to show: the blob's name ("" when it was erased) and its description."""

    sha: str
    words: str


def picture(shown: Shown, size_px: int) -> str:
    """A square of that size with the whole picture in it; its place is kept while it loads, and when it is erased.

    For pictures in lines of text. As a component (`components.cards`) each line would be a mount of its own.
    """
    address = thumbnail_url(shown.sha) if shown.sha.isalnum() else ""
    return picture_at(address, shown.words, size_px)


def picture_at(address: str, words: str, size_px: int) -> str:
    """The same of a picture at any address, which does not learn where it is shown; an empty square without one."""
    alt = escape(formatting.shorten(words, 200), quote=True)
    frame = f"flex:none;width:{size_px}px;height:{size_px}px;background:{_GROUND};border-radius:6px"
    if not address:
        return f'<div title="{alt}" style="{frame}"></div>'
    return (
        f'<img src="{escape(address, quote=True)}" alt="{alt}" title="{alt}" width="{size_px}" height="{size_px}" '
        f'loading="lazy" referrerpolicy="no-referrer" style="{frame};object-fit:contain">'
    )


def embedded(webp: bytes, words: str, size_px: tuple[int, int]) -> str:
    """Returns a picture that no route serves, whole in a frame of that width and height.

    The frame is narrower where there is no room. A smaller picture is enlarged to it; a strip of pixels is a line.
    """
    alt, (width, height) = escape(formatting.shorten(words, 200), quote=True), size_px
    data = base64.b64encode(webp).decode("ascii")
    frame = f"width:100%;max-width:{width}px;height:{height}px;background:{_GROUND};border-radius:6px"
    return f'<img src="data:image/webp;base64,{data}" alt="{alt}" title="{alt}" style="{frame};object-fit:contain">'


def strip(pictures: Sequence[Shown], size_px: int = 64) -> str:
    """Returns pictures in a row that wraps."""
    return f'<div style="{_ROW}">{"".join(picture(shown, size_px) for shown in pictures)}</div>'


def line(pictures: Sequence[Shown], size_px: int) -> str:
    """Returns pictures in one row; those that do not fit are cut off."""
    style = f"display:flex;flex-wrap:wrap;gap:6px;height:{size_px}px;overflow:hidden;min-width:0"
    return f'<div style="{style}">{"".join(picture(shown, size_px) for shown in pictures)}</div>'


def labelled(name: str, content: str) -> str:
    """Returns a line with its name before it, as wide as the others'; above it on a narrow page."""
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center">'
        f'<div style="flex:0 1 104px;min-width:80px">{name}</div>'
        f'<div style="flex:1 1 240px;min-width:0">{content}</div></div>'
    )


def stack(lines: Sequence[str]) -> str:
    """Returns lines below each other."""
    return f'<div style="display:flex;flex-direction:column;gap:8px">{"".join(lines)}</div>'


def columns(pieces: Sequence[str], width_px: int) -> str:
    """Returns pieces in as many columns of at least that width as fit."""
    style = f"display:grid;grid-template-columns:repeat(auto-fill,minmax({width_px}px,1fr));gap:10px 16px"
    return f'<div style="{style}">{"".join(pieces)}</div>'


def beside(left: str, right: str) -> str:
    """Returns two pieces side by side, the right one as wide as possible."""
    return (
        '<div style="display:flex;gap:12px;align-items:flex-start">'
        f'<div style="flex:none">{left}</div><div style="flex:1;min-width:0">{right}</div></div>'
    )


def event(badge: str, title: str, below: str, more: str = "") -> str:
    """Returns an event: its short name, its text, its facts in small type, and further content."""
    head = (
        f'<span style="flex:none;min-width:52px;padding:2px 8px;border-radius:6px;background:{_GROUND};'
        f'font-weight:600;font-size:.875rem;text-align:center">{badge}</span>'
    )
    return (
        '<div style="display:flex;gap:12px;align-items:flex-start">'
        f'{head}<div style="flex:1;min-width:0;display:flex;flex-direction:column;gap:4px;overflow-wrap:anywhere">'
        f"<div>{title}</div>{quiet(below)}{more}</div></div>"
    )


def quiet(html: str) -> str:
    """Returns text small and grey, like captions."""
    return f'<div style="font-size:.875rem;opacity:.7">{html}</div>'


def chip(name: str, position: int, length: int = 48) -> str:
    """Returns a label's name, shortened to `length`, behind a dot in its colour."""
    dot = f"width:10px;height:10px;border-radius:50%;background:{label_colour(position)};flex:none"
    shown = text(name, length)
    whole = escape(formatting.shorten(name, 300), quote=True)
    return (
        f'<span title="{whole}" style="display:inline-flex;gap:6px;align-items:center;max-width:100%">'
        f'<span style="{dot}"></span><span style="overflow-wrap:anywhere">{shown}</span></span>'
    )


def sign(decision: str) -> str:
    """Returns a decision's sign in its colour, on a background that suits both themes."""
    colour = DECISION_COLOURS.get(decision, "#6b7280")
    return (
        f'<span style="display:inline-flex;width:20px;height:20px;border-radius:50%;background:{colour};color:#fff;'
        'align-items:center;justify-content:center;font-size:12px;font-weight:700;flex:none">'
        f"{DECISION_SIGNS.get(decision, '·')}</span>"
    )


def text(value: str, length: int = 300) -> str:
    """Returns somebody's text as HTML that shows it letter by letter, isolated where it is written right to left."""
    short = formatting.shorten(value, length)
    escaped = escape(short, quote=True)
    return f"<bdi>{escaped}</bdi>" if formatting.is_right_to_left(short) else escaped


def attribute(value: str, length: int = 300) -> str:
    """Returns somebody's text as the value of an HTML attribute."""
    return escape(formatting.shorten(value, length), quote=True)


def moment(when: datetime) -> str:
    """Returns how long ago a time was, with the exact time as a tooltip."""
    return (
        f'<time datetime="{when.isoformat()}" title="{escape(formatting.exact(when, _visitor_zone()))}" '
        f'style="white-space:nowrap">{formatting.ago(when)}</time>'
    )


def row(*pieces: str) -> str:
    """Returns pieces side by side, wrapping on a narrow page."""
    return f'<div style="{_ROW}">{"".join(pieces)}</div>'


def show(html: str) -> None:
    """Show pieces made here on the page."""
    st.html(html)


def _visitor_zone() -> tzinfo:
    """Returns the visitor's time zone from the browser, else UTC."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
