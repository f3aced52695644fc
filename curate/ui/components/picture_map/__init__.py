"""The map of a project's pictures: points to pan, zoom, colour, and select by lasso or box.

The points come from `curate.server.maps` as bytes, never through Streamlit; Python receives only the id of the
selection (`review.listing.selections`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from curate.ui.components.style_sheets import PICTURE_CARD, style_sheets
from curate.ui.rendering.colours import DECISION_COLOURS, LABEL_COLOURS, OTHER_COLOUR
from curate.ui.rendering.image_urls import base_path, images_url
from curate.ui.shell.urls import script_loader

__all__ = ["show"]

_FOLDER = Path(__file__).parent
_MAP = st.components.v2.component(
    "curate_picture_map",
    html=(_FOLDER / "map.html").read_text(encoding="utf-8"),
    css=style_sheets(PICTURE_CARD, _FOLDER / "map.css"),
    js=script_loader(_FOLDER / "script" / "main.js"),
)


def show(
    key: str, project_id: int, number: int, run_id: int | None, labels: Sequence[Mapping[str, Any]], token: str
) -> int | None:
    """Draw the map of that number; the number of what was chosen to be reviewed since the last run, or None.

    run_id: whose doubts colour the points. labels: as from `grid.as_labels`. token: `tokens.sign(reviewer)`.
    """
    data = {
        "maps_url": f"{base_path()}/api/projects/{project_id}/maps",
        "images_url": images_url(),
        "number": number,
        "run_id": run_id,
        "labels": list(labels),
        "token": token,
        "decision_colours": DECISION_COLOURS,
        "other_colour": OTHER_COLOUR,
        "n_colours": len(LABEL_COLOURS),
    }
    result = _MAP(key=key, data=data, on_picked_change=lambda: None)
    return None if result.picked is None else int(result.picked)
