"""Histograms of loss and confidence with right and wrong apart, and the precision-recall curve of a label."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from curate.evaluation import per_cent
from curate.evaluation.score_histogram import LAST, ScoreHistogram
from curate.ui.charts.base import figure, titled
from curate.ui.rendering.colours import ACCENT, ERROR_RGB, OTHER_COLOUR
from curate.wording import counted

_WRONG = f"rgb{ERROR_RGB}"
_MOST_POINTS = 500


def score_figure(
    histogram: ScoreHistogram, score: str, chosen: tuple[float, float] | None = None, outcome: str = ""
) -> go.Figure:
    """Draws the histogram of a score, loss or confidence; `read_range` reads a click or a dragged range.

    chosen: ends of the range that is marked.  outcome: `right` or `wrong` draws these only, "" both.
    """
    edges, n = histogram.edges, len(histogram.right)
    titles = {"loss": "Loss (0 = certain and right)", "confidence": "Probability of the predicted label"}
    width = float(edges[1] - edges[0])
    centres = edges[:-1] + width / 2
    axis = titled(titles[score], range=[float(edges[0]), float(centres[-1]) + width / 2])
    axis |= {"tickformat": ".0%"} if score == "confidence" else {}
    drawn = figure(300, xaxis=axis, yaxis=titled("Pictures"), barmode="stack", bargap=0.06, showlegend=True)
    drawn.update_layout(dragmode="select", selectdirection="h", legend={"orientation": "h", "y": 1.12, "x": 0})
    if chosen is not None:
        right_end = min(chosen[1], float(centres[-1]) + width / 2)
        drawn.add_vrect(x0=chosen[0], x1=right_end, fillcolor=ACCENT, opacity=0.15, line_width=0)
    traces = {"wrong": (histogram.wrong, _WRONG), "right": (histogram.right, OTHER_COLOUR)}
    for name, (counts, colour) in traces.items():
        if outcome not in ("", name):
            continue
        drawn.add_trace(
            go.Bar(
                name=name.capitalize(),
                x=centres,
                y=counts,
                marker_color=colour,
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                customdata=np.stack([edges[:-1], edges[1:]], axis=1).round(4),
                hovertext=[
                    f"{_ends(score, edges[i], edges[i + 1])}: {counted(int(counts[i]), 'picture')} {name}"
                    for i in range(n)
                ],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    return drawn


def read_range(event: Mapping[str, Any] | None) -> tuple[float, float] | None:
    """Returns the ends of the clicked or dragged bins, None for none."""
    points = (event or {}).get("selection", {}).get("points", [])
    data = [point["customdata"] for point in points if point.get("customdata")]
    if not data:
        return None
    lows, highs = ([float(each[key] if isinstance(each, Mapping) else each[int(key)]) for each in data] for key in "01")
    return min(lows), max(highs)


def precision_recall_figure(curve: pd.DataFrame) -> go.Figure:
    """Draws a label's precision against its recall; with many points, evenly drawn ones of them."""
    every = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), _MOST_POINTS)).round().astype(int))
    part = curve.iloc[every]
    shares = {"range": [0, 1.02], "tickformat": ".0%", "dtick": 0.25}
    drawn = figure(300, xaxis=titled("recall", **shares), yaxis=titled("precision", **shares))
    rows = zip(part["threshold"], part["precision"], part["recall"], strict=True)
    return drawn.add_trace(
        go.Scatter(
            x=part["recall"],
            y=part["precision"],
            mode="lines",
            line={"color": ACCENT, "shape": "hv"},
            hovertext=[
                f"from {per_cent(threshold)} on: precision {per_cent(precision)}, recall {per_cent(recall)}"
                for threshold, precision, recall in rows
            ],
            hoverinfo="text",
        )
    )


def _ends(score: str, low: float, high: float) -> str:
    if score == "confidence":
        return f"{low:.0%} to {min(high, 1):.0%}"
    return f"{low:g} and more" if high >= LAST else f"{low:.1f} to {high:.1f}"
