"""Pictures as read-only cards: what a page shows of a run or a comparison. A click or Enter enlarges one.

The script writes every text as text, so nothing in a label or file name is ever markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from curate.catalog.projects import LabelRow
from curate.evaluation import per_cent
from curate.ui.components.grid.items import thumbnail_url
from curate.ui.rendering import formatting
from curate.ui.rendering.colours import DECISION_COLOURS, DECISION_SIGNS, OTHER_COLOUR, label_colour
from curate.ui.shell.urls import base_path, script_loader

__all__ = ["Card", "Tag", "show", "tag"]

_FOLDER = Path(__file__).parent
_CARDS = st.components.v2.component(
    "curate_cards",
    html='<div class="cards"></div>',
    css=(_FOLDER / "cards.css").read_text(encoding="utf-8"),
    js=script_loader(_FOLDER / "cards.js"),
)


@dataclass(frozen=True)
class Tag:
    """A label as a card names it: its text and the colour of its dot."""

    text: str
    colour: str = OTHER_COLOUR


@dataclass(frozen=True)
class Card:
    """One picture, named by its blob.

    tags: labels under it, joined by arrows (filed under → taken for, or taken for before → after). shares: one or two
    probabilities in [0, 1] of the label `about`, two being before and after. decision: keep, delete, relabel or None,
    with `decided`, the same in words. caption: all of it in one sentence, for the enlarged picture and for who
    cannot see it. lines: more to know of it, in small, each cut where there is no room.
    """

    sha: str
    caption: str
    tags: tuple[Tag, ...] = ()
    about: str = ""
    shares: tuple[float, ...] = ()
    decision: str | None = None
    decided: str = ""
    lines: tuple[str, ...] = ()


def tag(label: LabelRow | None) -> Tag:
    """The label with its colour; a label that is gone is a question mark."""
    return Tag(formatting.shorten(label.name, 120), label_colour(label.position)) if label else Tag("?")


def show(cards: Sequence[Card], key: str, size_px: int = 132, is_large: bool = False) -> None:
    """Put the cards on the page in rows that wrap, each at least `size_px` wide; is_large: as wide as there is room."""
    data = {"cards": [_as_data(card) for card in cards], "size_px": size_px, "is_large": is_large}
    _CARDS(key=key, data=data)


def _as_data(card: Card) -> dict[str, Any]:
    return {
        "thumb": thumbnail_url(card.sha),
        "view": f"{base_path()}/images/{card.sha}/view",
        "caption": card.caption,
        "tags": [{"text": tag.text, "colour": tag.colour} for tag in card.tags],
        "about": card.about,
        "shares": [{"share": share, "text": per_cent(share)} for share in card.shares],
        "sign": DECISION_SIGNS.get(card.decision or "", ""),
        "sign_colour": DECISION_COLOURS.get(card.decision or "", ""),
        "decided": card.decided,
        "lines": [formatting.shorten(line, 80) for line in card.lines],
    }
