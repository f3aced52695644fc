"""Figures of one run: its epochs, its probabilities for a picture, its losses."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from curate.evaluation import per_cent
from curate.training import epoch_table
from curate.training.epoch_table import Column
from curate.ui.charts.base import figure, note, rows_axis, rows_height, safe_text, titled
from curate.ui.rendering.colours import ACCENT, OTHER_COLOUR, label_colour

CURVE_PX = 280
SHOWN_LABELS = 8
SMALLEST_LOSS = 1e-3  # a probability of 99.9 %; what is less is drawn here, as the axis is logarithmic


def epoch_charts(epochs: pd.DataFrame, n_epochs: int = 0) -> dict[str, go.Figure]:
    """Returns the charts of the epoch table by the title of their axis; curves are named at their ends.

    epochs: one row per finished epoch with `epoch` (from 1) and columns of the epoch table (NaN = not measured).
    n_epochs: how many there will be, so that the axis stays where it is while training; 0 = those there are.
    """
    return {chart: _epoch_chart(epochs, chart, max(n_epochs, len(epochs))) for chart in epoch_table.CHARTS}


def _epoch_chart(epochs: pd.DataFrame, chart: str, n_epochs: int) -> go.Figure:
    columns = [one for one in epoch_table.COLUMNS.values() if one.chart == chart and one.name in epochs]
    is_share = any(column.number_format == "percent" for column in columns)
    scale: dict[str, Any] = {"tickformat": ".0%", "range": [0, 1.04]} if is_share else {"rangemode": "tozero"}
    drawn = figure(CURVE_PX, yaxis=titled(chart, **scale), xaxis=_epoch_axis(n_epochs))
    for column in columns:
        is_last = column is columns[-1]
        _add_curve(drawn, epochs, column, ACCENT if is_last else OTHER_COLOUR, "solid" if is_last else "dot")
    return _named_at_the_ends(drawn)


def probability_bars(
    names: Sequence[str], probabilities: np.ndarray, positions: Sequence[int] | None = None, most: int = SHOWN_LABELS
) -> go.Figure:
    """Draws the probability of each label, the likeliest on top; past `most` labels the rest is one bar.

    probabilities: (C,) in [0, 1], in the order of `names`. positions: of the labels, for their colours, default 0 …
    C-1.
    """
    places = list(range(len(names))) if positions is None else list(positions)
    order = np.argsort(-probabilities, kind="stable")
    shown, rest = order[:most], order[most:]
    texts, values = [names[i] for i in shown], [float(probabilities[i]) for i in shown]
    bar_colours = [label_colour(places[i]) for i in shown]
    if len(rest):
        texts.append(f"{len(rest):,} other label{'s' if len(rest) > 1 else ''}")
        values.append(float(probabilities[rest].sum()))
        bar_colours.append(OTHER_COLOUR)
    axis = {"range": [0, 1.18], "visible": False}  # room for the number behind a bar of 100 %
    drawn = figure(rows_height(len(texts), above_px=16), xaxis=axis, yaxis=rows_axis(texts), bargap=0.35)
    hover = [f"{safe_text(text, 40)}: {per_cent(value)}" for text, value in zip(texts, values, strict=True)]
    return drawn.add_trace(
        go.Bar(
            x=values,
            y=list(range(len(values))),
            orientation="h",
            marker_color=bar_colours,
            text=[per_cent(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertext=hover,
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )


def loss_histogram(before: np.ndarray, after: np.ndarray, words: tuple[str, str] = ("before", "after")) -> go.Figure:
    """Draws the number of images by loss, before and after, on a logarithmic axis: fewer on the right is better.

    before, after: (N,) losses, not necessarily of equally many images; NaN is left out. words: names of the two.
    """
    pair = [np.maximum(losses[~np.isnan(losses)], SMALLEST_LOSS) for losses in (before, after)]
    highest = max([2 * SMALLEST_LOSS, *(float(losses.max()) for losses in pair if len(losses))])
    edges = np.geomspace(SMALLEST_LOSS, highest * 1.001, 25)
    counts = [np.histogram(losses, edges)[0] for losses in pair]
    ends = np.log10(edges[[0, -1]]).tolist()
    most = max(5, int(np.max(counts)))  # at least 5, else a few images get an axis with tenths of images
    drawn = figure(
        CURVE_PX,
        xaxis=titled("loss (lower is better)", type="log", dtick=1, showgrid=False, range=ends),
        yaxis=titled("images", range=[0, 1.05 * most], tickformat=",d", nticks=6),
    )
    for heights, word, colour, dash in zip(counts, words, (OTHER_COLOUR, ACCENT), ("dot", "solid"), strict=True):
        drawn.add_trace(_steps(heights, edges, word, colour, dash))
    return drawn.update_layout(
        showlegend=True, legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "xanchor": "left"}
    )


def _steps(counts: np.ndarray, edges: np.ndarray, word: str, colour: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=edges,
        y=np.append(counts, counts[-1:]),
        name=safe_text(word),
        mode="lines",
        line={"shape": "hv", "color": colour, "width": 2, "dash": dash},
        fill="tozeroy",
        fillcolor=f"rgba({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:7], 16)}, 0.12)",
        hovertemplate=f"{safe_text(word)}: %{{y:,}} images with a loss from %{{x:.2g}}<extra></extra>",
    )


def _epoch_axis(n_epochs: int) -> dict[str, Any]:
    step = max(1, -(-n_epochs // 8))
    return titled("epoch", tick0=1, dtick=step, showgrid=False, range=[0.7, max(n_epochs, 2) + 0.3])


def _add_curve(drawn: go.Figure, epochs: pd.DataFrame, column: Column, colour: str, dash: str) -> None:
    values = epochs[column.name].astype(float)
    last = values.dropna().tail(1).tolist()
    is_share = column.number_format == "percent"
    hover = f"epoch %{{x}}, {column.heading.lower()}: %{{y:{'.1%' if is_share else '.3f'}}}<extra></extra>"
    drawn.add_trace(
        go.Scatter(
            x=epochs["epoch"],
            y=values,
            name=column.curve or "".join(per_cent(value) if is_share else f"{value:.3g}" for value in last),
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 6},
            hovertemplate=hover,
        )
    )


def _named_at_the_ends(drawn: go.Figure) -> go.Figure:
    """Writes each curve's name behind its last point, moved apart where two would overlap."""
    ends = []
    for curve in drawn.data:
        known = np.flatnonzero(~np.isnan(np.asarray(curve.y, dtype=float)))
        if len(known):
            ends.append((float(curve.y[known[-1]]), float(curve.x[known[-1]]), curve.name))
    highest = max([1e-9, *(float(np.nanmax(curve.y)) for curve in drawn.data if len(curve.y))])
    ends.sort()
    is_close = len(ends) == 2 and (ends[1][0] - ends[0][0]) / highest < 0.09
    for place, (y, x, name) in enumerate(ends):
        shift = (8 if place else -8) if is_close else 0
        drawn.add_annotation(note(name, x, y, xanchor="left", xshift=8, yshift=shift))
    return drawn.update_layout(margin={"r": 76})
