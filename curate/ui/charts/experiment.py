"""An experiment's figure: accuracy with its interval by one setting, a curve for each value of the other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from curate.evaluation import Interval, per_cent
from curate.ui.charts.base import figure, note, safe_text, titled
from curate.ui.rendering.colours import label_colour

HEIGHT_PX = 340
_LOG_FROM = 6.0  # largest over smallest value: from there the small ones would crowd on a linear axis


@dataclass(frozen=True)
class Point:
    """A finished run: its place on the axis (a number or a name), its curve, its accuracy, its description."""

    x: float | str
    series: str
    accuracy: Interval
    words: str
    run_id: int


def accuracy_by_setting(points: Sequence[Point], x_title: str, series_title: str = "") -> go.Figure:
    """Draws validation accuracy in [0, 1] with 95 % intervals; a click on a point selects its run."""
    xs = sorted({point.x for point in points if not isinstance(point.x, str)})
    names = list(dict.fromkeys(point.x for point in points if isinstance(point.x, str)))
    low = min(point.accuracy.low for point in points)
    high = max(point.accuracy.high for point in points)
    room = 0.06 * max(high - low, 0.05)
    drawn = figure(
        HEIGHT_PX,
        xaxis=_number_axis(xs, x_title) if not names else _name_axis(names, x_title),
        yaxis=titled("validation accuracy", tickformat=".0%", range=[max(0.0, low - room), min(1.02, high + room)]),
        hoverdistance=30,
    )
    many = list(dict.fromkeys(point.series for point in points))
    for place, series in enumerate(many):
        mine = [point for point in points if point.series == series]
        _add_series(drawn, mine, names, label_colour(place), series if len(many) > 1 else "")
    if len(many) > 1:
        drawn.update_layout(
            showlegend=True,
            legend={
                "orientation": "h",
                "x": 0,
                "y": 1,
                "yanchor": "bottom",
                "title": {"text": safe_text(series_title)},
            },
        )
    return drawn


def read_run(event: Any) -> int | None:
    """Returns the id of the clicked run; None without a selection."""
    points = (event or {}).get("selection", {}).get("points", [])
    data = points[0].get("customdata") if points else None
    if isinstance(data, dict):  # Streamlit hands lists on with string keys
        data = list(data.values())
    return int(data[0]) if data else None


def _add_series(drawn: go.Figure, points: list[Point], names: list[str], colour: str, series: str) -> None:
    places = [names.index(point.x) if isinstance(point.x, str) else point.x for point in points]
    ordered = sorted(zip(places, points, strict=True), key=lambda pair: pair[0])
    values = [point.accuracy for _, point in ordered]
    hover = [
        f"{safe_text(point.words, 120)}<br>{per_cent(point.accuracy.value)}, between "
        f"{per_cent(point.accuracy.low)} and {per_cent(point.accuracy.high)}"
        for _, point in ordered
    ]
    drawn.add_trace(
        go.Scatter(
            x=[place for place, _ in ordered],
            y=[value.value for value in values],
            name=safe_text(series) if series else "",
            mode="markers" if names else "lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 11, "color": colour, "opacity": 1},
            error_y={
                "type": "data", "symmetric": False, "color": colour, "thickness": 1.5, "width": 5,
                "array": [value.high - value.value for value in values],
                "arrayminus": [value.value - value.low for value in values],
            },
            customdata=[[point.run_id] for _, point in ordered],
            hovertext=hover,
            hovertemplate="%{hovertext}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )  # fmt: skip
    if not series:
        for place, point in ordered:
            x = math.log10(place) if drawn.layout.xaxis.type == "log" else place
            drawn.add_annotation(
                note(per_cent(point.accuracy.value), x, point.accuracy.value, xshift=8, yshift=-12, xanchor="left")
            )


def _number_axis(xs: Sequence[float], title: str) -> dict[str, Any]:
    ticks = {"tickvals": list(xs), "ticktext": [f"{x:,.10g}" for x in xs]}
    if xs[0] > 0 and xs[-1] / xs[0] >= _LOG_FROM:
        ends = [math.log10(xs[0]) - 0.08, math.log10(xs[-1]) + 0.16]
        return titled(f"{title.lower()} (logarithmic)", type="log", range=ends, showgrid=False, **ticks)
    room = 0.08 * (xs[-1] - xs[0]) or 1.0
    return titled(title.lower(), range=[xs[0] - room, xs[-1] + 2 * room], showgrid=False, **ticks)


def _name_axis(names: Sequence[str], title: str) -> dict[str, Any]:
    texts = [safe_text(name) for name in names]
    ends = [-0.5, len(names) - 0.5]
    return titled(title.lower(), tickvals=list(range(len(names))), ticktext=texts, range=ends, showgrid=False)
