"""The curation grid: pictures as cards that are kept, deleted and relabelled by key, mouse or touch.

Decisions do not pass through here: the script posts them to `curate.server.decisions`. Python hears of page turns and,
when asked for, that decisions have come to rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from curate.ui.colours import DECISION_COLOURS
from curate.ui.grid.bundle import bundle
from curate.ui.grid.items import as_items, as_labels, base_path, thumbnail_url

__all__ = ["GridEvent", "Reviewing", "Sheet", "as_items", "as_labels", "show", "thumbnail_url"]

_FOLDER = Path(__file__).parent


def _style() -> str:
    """All style sheets, with the decisions' colours as variables."""
    colours = "".join(f"--{name}: {colour};\n" for name, colour in DECISION_COLOURS.items())
    sheets = [(_FOLDER / name).read_text(encoding="utf-8") for name in ("grid.css", "cards.css", "overlays.css")]
    return "\n".join([f".curateGrid {{\n{colours}}}", *sheets])


_GRID = st.components.v2.component(
    "curate_grid",
    html=(_FOLDER / "grid.html").read_text(encoding="utf-8"),
    css=_style(),
    js=bundle(_FOLDER / "script", "main"),
)


@dataclass(frozen=True)
class Sheet:
    """One page of items, and where it stands in its queue.

    items: as from `as_items`: dicts of image_id, file_name, thumb, view, label, and when known predicted (label ids),
        loss, p_actual, p_predicted, top ([(label id, probability), …], best first), split, decision (None, keep,
        delete, relabel), decision_label, decided_by, and the flags same_picture_elsewhere (True or label ids),
        changed (True or the label id it had in the run), conflict, checked (confirmed in an earlier version),
        asks_again; in runs with doubts also doubt in [0, 1], why (a sentence, names between asterisks), why_short and
        suggestion (None, or a dict of action, label and p).
    page, n_pages: from 1.  n_decided of n_total: the whole queue's progress, checked images counting as decided.
    view_key: anything that changes with the filters; the cursor then starts at the top.
    prefetch: addresses of the next page's thumbnails.  max_loss: what fills a card's bar; None = the page's highest.
    """

    items: Sequence[Mapping[str, Any]]
    page: int
    n_pages: int
    n_decided: int
    n_total: int
    view_key: str = ""
    prefetch: Sequence[str] = ()
    max_loss: float | None = None


@dataclass(frozen=True)
class Reviewing:
    """Whose decisions these are and where they go.

    token: `tokens.sign(reviewer)`.  revision: `review.decisions.revision(project_id)`, read *before* the items, so that
    nothing that others decide meanwhile falls between.  run_id: noted with every decision.
    """

    project_id: int
    run_id: int | None
    reviewer: str
    token: str
    revision: int


@dataclass(frozen=True)
class GridEvent:
    """What the person did that a page may care about: `page` was asked for, or all is saved up to `revision`."""

    page: int | None = None
    revision: int | None = None


def show(
    key: str,
    sheet: Sheet,
    labels: Sequence[Mapping[str, Any]],
    reviewing: Reviewing,
    *,
    tells_saved: bool = False,
    autofocus: bool = True,
    on_turn: Callable[[int], None] | None = None,
    on_saved: Callable[[int], None] | None = None,
) -> GridEvent | None:
    """Show a sheet of pictures to decide on; what happened since the last run that concerns Python, or None.

    labels: as from `as_labels`: dicts of id, name, colour, in the project's order; the first nine have keys 1 to 9.
    tells_saved: run the page (or fragment) again when decisions have come to rest, to count what waits.
    on_turn, on_saved: called before that run with the page asked for (1 to n_pages), the revision saved.
    """
    turned_key = f"{key}.turned"

    def turned() -> None:
        asked = st.session_state[key].turn
        st.session_state[turned_key] = asked["nonce"]
        if on_turn is not None:
            on_turn(_page_within(asked["page"], sheet.n_pages))

    def saved() -> None:
        if on_saved is not None:
            on_saved(int(st.session_state[key].saved["revision"]))

    data = {
        **vars(sheet),
        **vars(reviewing),
        "labels": list(labels),
        "post_url": f"{base_path()}/api/projects/{reviewing.project_id}/decisions",
        "tells_saved": tells_saved,
        "autofocus": autofocus,
        "turned": st.session_state.get(turned_key),  # tells the script that this is the page it asked for
    }
    result = _GRID(key=key, data=data, on_turn_change=turned, on_saved_change=saved)
    return _event(result, sheet.n_pages)


def _event(result: Any, n_pages: int) -> GridEvent | None:
    if result.turn is not None:
        return GridEvent(page=_page_within(result.turn["page"], n_pages))
    return GridEvent(revision=int(result.saved["revision"])) if result.saved is not None else None


def _page_within(page: Any, n_pages: int) -> int:
    return max(1, min(int(page), n_pages))
