"""The curation grid: pictures as cards that are kept, deleted and relabelled by key, mouse or touch.

Decisions do not pass through here: the script posts them to `curate.server.decisions`. Python receives page turns,
searches for an image, and the notice that its data is out of date.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from curate.review.listing.cards import CardJson
from curate.ui.components.grid.labels import GridLabelJson, as_labels
from curate.ui.components.style_sheets import PICTURE_CARD, style_sheets
from curate.ui.rendering.colours import DECISION_COLOURS, LABEL_COLOURS
from curate.ui.rendering.image_urls import base_path, images_url
from curate.ui.shell.urls import script_loader

__all__ = ["Found", "Listing", "Reviewing", "Sheet", "Shown", "as_labels", "show"]

_FOLDER = Path(__file__).parent


def _style() -> str:
    """Returns all style sheets, with the decisions' colours as variables."""
    colours = "".join(f"--{name}: {colour};\n" for name, colour in DECISION_COLOURS.items())
    sheets = style_sheets(PICTURE_CARD, *(_FOLDER / name for name in ("grid.css", "cards.css", "overlays.css")))
    return f".curateGrid {{\n{colours}}}\n{sheets}"


_GRID = st.components.v2.component(
    "curate_grid",
    html=(_FOLDER / "grid.html").read_text(encoding="utf-8"),
    css=_style(),
    js=script_loader(_FOLDER / "script" / "main.js"),
)


@dataclass(frozen=True)
class Listing:
    """The list of which a sheet is a page, so that the script can fetch the following pages from `server.pages`.

    view: as from `View.to_json`.  size: pictures per page.  walk: changes when pages seen before are no longer valid.
    """

    view: Mapping[str, Any]
    size: int
    walk: str = ""


@dataclass(frozen=True)
class Sheet:
    """One page of items, and its place in the queue.

    items: as from `review.listing.cards.as_items`.
    page, n_pages: from 1.  n_decided of n_total: the progress of the whole queue, checked images included.
    view_key: changes with the filters; the cursor then starts at the top.
    max_loss: fills a card's bar; None = the page's highest.
    listing: where the script finds the next page, which starts at `after` (None = this is the last); without it every
    page comes from Python.
    """

    items: Sequence[CardJson]
    page: int
    n_pages: int
    n_decided: int
    n_total: int
    view_key: str = ""
    max_loss: float | None = None
    listing: Listing | None = None
    after: str | None = None


@dataclass(frozen=True)
class Shown:
    """A page that the script turned to by itself: its images, and where the next page starts."""

    image_ids: list[int]
    after: str | None


@dataclass(frozen=True)
class Reviewing:
    """The reviewer of the decisions, and where they are stored.

    token: `tokens.sign(reviewer)`.  revision: of the project, read *before* the items, so that no decision of others is
    missed.  run_id: stored with every decision.  version_id: of the head version, also read before the items; a newer
    one makes the script ask for them again.  is_blind: the items' labels are hidden, as is all that a model says.
    """

    project_id: int
    run_id: int | None
    reviewer: str
    token: str
    revision: int
    version_id: int = 0
    session_id: int | None = None  # of the review session, if any
    is_blind: bool = False


@dataclass(frozen=True)
class Found:
    """The page of an image that was searched, or `words` that it is missing."""

    page: int | None
    image_id: int | None
    words: str = ""


def show(
    key: str,
    sheet: Sheet,
    labels: Sequence[GridLabelJson],
    reviewing: Reviewing,
    *,
    autofocus: bool = True,
    on_turn: Callable[[int, Shown | None], None] | None = None,
    on_outdated: Callable[[], None] | None = None,
    on_find: Callable[[str], Found] | None = None,
) -> None:
    """Show a sheet of pictures to decide on; without any it is a bar with undo, redo and the last steps.

    labels: as from `as_labels`: dicts of id, name, colour, key (one character or None), in the project's order.
    on_turn: called before that run with the page asked for (1 to n_pages), and what is shown of it already.
    on_outdated: called before that run when labels or decisions changed by other means than the sheet's cards.
    on_find: says where an image is, by part of its file name or # and its number; `on_turn` then gets its page.
    """
    turned_key, found_key = f"{key}.turned", f"{key}.found"

    def turn(request: Mapping[str, Any]) -> None:
        st.session_state[turned_key] = request["nonce"]
        if on_turn is not None and "page" in request:
            on_turn(_page_within(request["page"], sheet.n_pages), _shown(request))

    def turned() -> None:
        turn(st.session_state[key].turn)

    def outdated() -> None:
        if on_outdated is not None:
            on_outdated()

    def find() -> None:
        request = st.session_state[key].find
        turn(request)
        place = on_find(str(request["text"])[:300]) if on_find else Found(None, None, "Nothing can be looked for here.")
        st.session_state[found_key] = {"nonce": request["nonce"], "image_id": place.image_id, "words": place.words}
        if place.page is not None and on_turn is not None:
            on_turn(place.page, None)

    data = {
        **vars(sheet),
        "listing": vars(sheet.listing) if sheet.listing else None,
        **vars(reviewing),
        "images_url": images_url(),
        "labels": list(labels),
        "label_colours": LABEL_COLOURS,  # of labels that are made while typing
        "post_url": _post_url(reviewing),
        "autofocus": autofocus,
        "turned": st.session_state.get(turned_key),  # the request that this page answers
        "found": st.session_state.get(found_key),
    }
    _GRID(key=key, data=data, on_turn_change=turned, on_outdated_change=outdated, on_find_change=find)


def _post_url(reviewing: Reviewing) -> str:
    inside = "" if reviewing.session_id is None else f"/sessions/{reviewing.session_id}"
    return f"{base_path()}/api/projects/{reviewing.project_id}{inside}/decisions"


def _shown(request: Mapping[str, Any]) -> Shown | None:
    shown = request.get("shown")
    return Shown([int(image_id) for image_id in shown["image_ids"]], shown["after"]) if shown else None


def _page_within(page: Any, n_pages: int) -> int:
    return max(1, min(int(page), n_pages))
