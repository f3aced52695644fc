"""The learning-rate finder's figure: loss against learning rate, with fastai's suggestions; a click takes a rate."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from curate.ui.charts.base import figure, note, safe_text, titled
from curate.ui.rendering.colours import ACCENT, OTHER_COLOUR, WORSE

FINDER_PX = 320
_SYMBOLS = {"valley": "diamond", "steep": "triangle-up", "minimum": "square", "slide": "circle"}


def finder_curve(
    rates: Sequence[float], losses: Sequence[float], suggestions: Mapping[str, float], taken: float | None
) -> go.Figure:
    """Draws the loss at each rate. rates: ascending; suggestions: {name: rate}; taken: the form's rate, if any.

    Losses explode at the end: the axis stops at one and a half times the first loss.
    """
    x, y = np.asarray(rates, float), np.asarray(losses, float)
    low, high = _span(y)
    drawn = figure(
        FINDER_PX,
        xaxis=titled("learning rate (logarithmic)", type="log", exponentformat="power", dtick=1),
        yaxis=titled("loss, smoothed", range=[low, high]),
        hoverdistance=30,
    )
    drawn.add_trace(_curve(x, y))
    if taken:
        drawn.add_vline(x=taken, line={"color": WORSE, "width": 2, "dash": "dot"})
        drawn.add_annotation(note(f"chosen {taken:.1e}", float(np.log10(taken)), high, yanchor="top", xanchor="left"))
    for place, (name, rate) in enumerate(sorted(suggestions.items(), key=lambda pair: pair[1])):
        drawn.add_trace(_suggestion(name, rate, float(np.interp(rate, x, y)), place))
    return drawn


def read_rate(event: Any) -> float | None:
    """Returns the clicked learning rate, to two digits; None without a selection."""
    points = (event or {}).get("selection", {}).get("points", [])
    return float(f"{points[0]['x']:.2g}") if points else None


def _span(losses: np.ndarray) -> tuple[float, float]:
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return 0.0, 1.0
    lowest, highest = float(finite.min()), min(float(finite.max()), 1.5 * float(finite[0]))
    room = 0.08 * max(highest - lowest, 1e-6)
    return lowest - room, highest + 2 * room


def _curve(rates: np.ndarray, losses: np.ndarray) -> go.Scatter:
    return go.Scatter(
        x=rates,
        y=losses,
        mode="lines+markers",
        line={"color": ACCENT, "width": 2},
        marker={"size": 9, "opacity": 0.25, "color": ACCENT},
        hovertemplate="take %{x:.2~e} (loss %{y:.3f})<extra></extra>",
        selected={"marker": {"opacity": 0.25}},
        unselected={"marker": {"opacity": 0.25}},
    )


def _suggestion(name: str, rate: float, loss: float, place: int) -> go.Scatter:
    above = place % 2 == 0
    return go.Scatter(
        x=[rate],
        y=[loss],
        name=safe_text(name),
        mode="markers+text",
        text=[safe_text(name)],
        textposition="top center" if above else "bottom center",
        cliponaxis=False,
        marker={
            "size": 13, "symbol": _SYMBOLS.get(name, "circle"), "color": OTHER_COLOUR, "opacity": 1,
            "line": {"width": 2, "color": "white"},
        },
        hovertemplate=f"{safe_text(name)}: take {rate:.1e}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )  # fmt: skip
