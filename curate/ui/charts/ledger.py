"""Figures of the ledger: accuracy against decisions, and what each part of the decisions brought."""

from collections.abc import Sequence

import plotly.graph_objects as go

from curate.evaluation import per_cent, points
from curate.evaluation.ledger import Part, Point
from curate.ui.charts.base import SMALL, ZERO_LINE, figure, note, rows_axis, rows_height, titled
from curate.ui.rendering.colours import ACCENT, OTHER_COLOUR, change_colour
from curate.ui.rendering.formatting import counted

CURVE_PX = 300
_BAND = "rgba(128, 128, 128, 0.22)"


def ledger_curve(curve: Sequence[Point], enough: Point | None) -> go.Figure:
    """Draws accuracy against decisions in their order, and below it as many random relabels (grey, five draws).

    enough: the point with 80 % of the gain, marked; None = none is marked.
    """
    n = [point.n for point in curve]
    low, mean, high = ([point.placebo[place] for point in curve] for place in range(3))
    drawn = figure(
        CURVE_PX,
        xaxis=titled("decisions, in the order made", rangemode="tozero", showgrid=False),
        yaxis=titled("accuracy, frozen features", tickformat=".1%"),
        hovermode="x",
    )
    drawn.add_scatter(x=n, y=high, mode="lines", line={"width": 0}, hoverinfo="skip")
    drawn.add_scatter(x=n, y=low, mode="lines", line={"width": 0}, fill="tonexty", fillcolor=_BAND, hoverinfo="skip")
    drawn.add_scatter(
        x=n, y=mean, mode="lines", line={"color": OTHER_COLOUR, "width": 1.5, "dash": "dot"},
        hovertemplate="as many random relabels: %{y:.1%}<extra></extra>",
    )  # fmt: skip
    hover = [f"{counted(point.n, 'decision')}, {point.minutes:,.0f} min: {per_cent(point.accuracy)}" for point in curve]
    drawn.add_scatter(
        x=n, y=[point.accuracy for point in curve], mode="lines", line={"color": ACCENT, "width": 2.5},
        hovertext=hover, hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    if enough:
        drawn.add_scatter(
            x=[enough.n], y=[enough.accuracy], mode="markers", marker={"color": ACCENT, "size": 10}, hoverinfo="skip"
        )
        text = f"80 % after {enough.n:,}"
        drawn.add_annotation(note(text, enough.n, enough.accuracy, xanchor="left", xshift=10, yshift=-12))
    return drawn.update_xaxes(range=[0, max(n[-1], 1)])


def ledger_parts(parts: Sequence[Part], names: Sequence[str]) -> go.Figure:
    """Draws what each part of the decisions brought, in points with 95 % intervals; names: of the rows."""
    rows = list(range(len(parts)))
    values = [100 * part.effect.value for part in parts]
    drawn = figure(
        rows_height(len(parts), 84),
        xaxis=titled("points of accuracy, with it less without it", zeroline=True, zerolinecolor=ZERO_LINE),
        yaxis=rows_axis(names, 30),
    )
    drawn.add_scatter(
        x=values, y=rows, mode="markers",
        marker={"size": 9, "color": [change_colour(p.effect.value if p.effect.excludes_zero else 0) for p in parts]},
        error_x={
            "type": "data", "symmetric": False, "color": OTHER_COLOUR, "thickness": 1.5, "width": 4,
            "array": [100 * part.effect.high - value for part, value in zip(parts, values, strict=True)],
            "arrayminus": [value - 100 * part.effect.low for part, value in zip(parts, values, strict=True)],
        },
        hovertext=[
            f"{counted(part.n, 'decision')}: {points(part.effect.value)} points, between {points(part.effect.low)} and "
            f"{points(part.effect.high)}"
            for part in parts
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    for row, (part, value) in enumerate(zip(parts, values, strict=True)):
        drawn.add_annotation(note(points(part.effect.value), value, row, yshift=11, font={"size": SMALL - 1}))
    return drawn
