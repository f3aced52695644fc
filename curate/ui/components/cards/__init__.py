"""Pictures as read-only cards of a run or a comparison. A click or Enter enlarges one.

The script writes every text as text, so that nothing in a label or file name is markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import streamlit as st

from curate.catalog.projects import LabelRow
from curate.evaluation import per_cent
from curate.ui.components.style_sheets import PICTURE_CARD, style_sheets
from curate.ui.rendering import formatting
from curate.ui.rendering.colours import DECISION_COLOURS, DECISION_SIGNS, OTHER_COLOUR, label_colour
from curate.ui.rendering.image_urls import thumbnail_url, view_url
from curate.ui.shell.urls import script_loader

__all__ = ["Card", "Tag", "show", "tag"]

_FOLDER = Path(__file__).parent
_CARDS = st.components.v2.component(
    "curate_cards",
    html='<div class="cards"></div>',
    css=style_sheets(PICTURE_CARD, _FOLDER / "cards.css"),
    js=script_loader(_FOLDER / "cards.js"),
)


class LabelJson(TypedDict):
    """A label as the script shows it."""

    name: str
    colour: str


class ShareJson(TypedDict):
    """A probability in [0, 1], and the same in per cent."""

    share: float
    text: str


class CardJson(TypedDict):
    """A card as the script reads it; `sign` is "" without a decision."""

    thumb: str
    view: str
    caption: str
    labels: list[LabelJson]
    shares: list[ShareJson]
    sign: str
    sign_colour: str
    decision_text: str
    lines: list[str]


class CardsJson(TypedDict):
    """All cards of a place; `size_px`: the least width of one; `reports_clicks`: instead of enlarging a picture."""

    cards: list[CardJson]
    size_px: int
    is_large: bool
    reports_clicks: bool


@dataclass(frozen=True)
class Tag:
    """A label on a card: its text and the colour of its dot."""

    text: str
    colour: str = OTHER_COLOUR


@dataclass(frozen=True)
class Card:
    """One picture, named by its blob.

    tags: none, one label, or two with an arrow between them (label → prediction, or prediction before → after).
    shares: one or two probabilities in [0, 1] of one label, two being before and after.
    decision: keep, delete, relabel or None, with `decided`, the same in words.
    caption: all of it in one sentence, for the enlarged picture and for screen readers.
    lines: further facts in small, each cut where there is no room.
    address: what stands before /thumb and /view of a picture that is no blob.
    """

    sha: str
    caption: str
    tags: tuple[()] | tuple[Tag] | tuple[Tag, Tag] = ()
    shares: tuple[float, ...] = ()
    decision: str | None = None
    decided: str = ""
    lines: tuple[str, ...] = ()
    address: str = ""


def tag(label: LabelRow | None) -> Tag:
    """Returns a label with its colour; a removed label is a question mark."""
    return Tag(formatting.shorten(label.name, 120), label_colour(label.position)) if label else Tag("?")


def show(cards: Sequence[Card], key: str, size_px: int = 132, is_large: bool = False) -> None:
    """Put the cards on the page in rows that wrap, each at least `size_px` wide; is_large: as wide as there is room."""
    _CARDS(key=key, data=_data(cards, size_px, is_large))


def show_clickable(cards: Sequence[Card], key: str, size_px: int = 132) -> int | None:
    """Put them on the page; returns the position of the card that was clicked since the last run, if any."""
    data = {**_data(cards, size_px), "reports_clicks": True}
    clicked = _CARDS(key=key, data=data, on_clicked_change=lambda: None).clicked
    return None if clicked is None else int(clicked)


def _data(cards: Sequence[Card], size_px: int, is_large: bool = False) -> CardsJson:
    shown = [_as_json(card) for card in cards]
    return {"cards": shown, "size_px": size_px, "is_large": is_large, "reports_clicks": False}


def _as_json(card: Card) -> CardJson:
    return {
        "thumb": f"{card.address}/thumb" if card.address else thumbnail_url(card.sha),
        "view": f"{card.address}/view" if card.address else view_url(card.sha),
        "caption": card.caption,
        "labels": [{"name": tag.text, "colour": tag.colour} for tag in card.tags],
        "shares": [{"share": share, "text": per_cent(share)} for share in card.shares],
        "sign": DECISION_SIGNS.get(card.decision or "", ""),
        "sign_colour": DECISION_COLOURS.get(card.decision or "", ""),
        "decision_text": card.decided,
        "lines": [formatting.shorten(line, 80) for line in card.lines],
    }
