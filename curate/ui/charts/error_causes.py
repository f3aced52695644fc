"""The causes of a run's errors as clickable bars."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from curate.ui.charts.base import figure, rows_axis, rows_height
from curate.ui.rendering.colours import ACCENT, ERROR_RGB, OTHER_COLOUR
from curate.wording import counted

_ERROR = f"rgb{ERROR_RGB}"


def causes_figure(titles: Sequence[str], counts: Sequence[int], keys: Sequence[str], chosen: str = "") -> go.Figure:
    """Draws a bar per cause with its number of errors; `read_cause` reads a click.

    titles, keys: of each; the last key is that of errors without a cause, whose bar is grey.  chosen: the key of the
    framed bar.
    """
    largest = max(counts, default=0) or 1
    axis = {"range": [0, 1.15 * largest], "visible": False}
    drawn = figure(rows_height(len(titles), above_px=16), xaxis=axis, yaxis=rows_axis(titles, 30), bargap=0.3)
    places = list(range(len(titles)))
    return drawn.add_trace(
        go.Bar(
            x=list(counts),
            y=places,
            orientation="h",
            marker={
                "color": [OTHER_COLOUR if place == places[-1] else _ERROR for place in places],
                "line": {"color": ACCENT, "width": [3 if key == chosen else 0 for key in keys]},
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            text=[f"{count:,}" for count in counts],
            textposition="outside",
            cliponaxis=False,
            customdata=[[key] for key in keys],
            hovertext=[f"{title}: {counted(n, 'error')}" for title, n in zip(titles, counts, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )


def read_cause(event: Mapping[str, Any] | None) -> str:
    """Returns the key of the clicked bar, "" for none."""
    points = (event or {}).get("selection", {}).get("points", [])
    data = points[0].get("customdata") if points else None
    if not data:
        return ""
    return str(data["0"] if isinstance(data, Mapping) else data[0])
