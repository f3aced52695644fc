"""Figures of a review's progress."""

import numpy as np
import plotly.graph_objects as go

from curate.ui.charts.base import figure, titled
from curate.ui.rendering.colours import ACCENT, OTHER_COLOUR

CURVE_PX = 240


def error_curve(points: np.ndarray) -> go.Figure:
    """Draws errors against pictures seen; the dotted line shows all pictures wrong.

    points: (P, 2), from (0, 0).
    """
    drawn = figure(
        CURVE_PX,
        xaxis=titled("pictures seen", rangemode="tozero"),
        yaxis=titled("wrong ones found", rangemode="tozero"),
    )
    n_seen, n_found = points[-1].tolist()
    drawn.add_scatter(
        x=[0, n_found], y=[0, n_found], mode="lines", hoverinfo="skip",
        line={"color": OTHER_COLOUR, "dash": "dot", "width": 1},
    )  # fmt: skip
    return drawn.add_scatter(
        x=points[:, 0], y=points[:, 1], mode="lines", line={"color": ACCENT, "width": 2.5},
        hovertemplate="%{y} wrong ones among %{x} pictures<extra></extra>",
    ).update_xaxes(range=[0, max(n_seen, 1)])  # fmt: skip
