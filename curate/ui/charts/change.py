"""Figures of the labels' sizes and of the changes between two versions or runs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from curate.evaluation import Interval, accuracy_in_words, pictures, points
from curate.ui.charts.base import MOST_ROWS, SMALL, ZERO_LINE, figure, note, rows_axis, rows_height, safe_text, titled
from curate.ui.rendering.colours import ACCENT, OTHER_COLOUR, change_colour, label_colour


def label_balance(names: Sequence[str], train: np.ndarray, valid: np.ndarray) -> go.Figure:
    """Draws the images per label, most on top: training solid, validation paler, the total behind the bar.

    train, valid: (C,) counts in label order. Past 40 labels the 20 largest and the 20 smallest are drawn.
    """
    order = _ends(np.argsort(-(train + valid), kind="stable"))
    rows, total = list(range(len(order))), (train + valid)[order]
    left_out = _left_out("largest and smallest", len(order), len(names))
    drawn = figure(
        rows_height(len(order)),
        barmode="stack",
        bargap=0.35,
        xaxis=titled(f"images: training, then validation (paler){left_out}", **_count_axis(int(total.max(initial=1)))),
        yaxis=rows_axis([names[i] for i in order]),
    )
    own = [label_colour(int(i)) for i in order]
    for counts, word, opacity in ((train, "training", 1.0), (valid, "validation", 0.45)):
        hover = [f"{safe_text(names[i], 40)}: {int(counts[i]):,} for {word}" for i in order]
        drawn.add_trace(
            go.Bar(
                x=counts[order],
                y=rows,
                orientation="h",
                marker={"color": own, "opacity": opacity},
                hovertext=hover,
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    return _numbers_behind(drawn, total, [f"\u00a0{int(n):,}" for n in total])


def label_balance_change(names: Sequence[str], before: np.ndarray, after: np.ndarray) -> go.Figure:
    """Draws images per label before (grey ring) and after (dot), with the change; most images on top.

    before, after: (C,) counts in label order. Past 40 labels the 40 that changed most are drawn.
    """
    chosen = np.argsort(-np.abs(after - before), kind="stable")[:MOST_ROWS]
    order = chosen[np.argsort(-after[chosen], kind="stable")]
    old, new, rows = before[order], after[order], list(range(len(order)))
    drawn = figure(
        rows_height(len(order)),
        xaxis=titled(
            "images: before ○, after ●" + _left_out("most changed", len(order), len(names)),
            **_count_axis(int(max(old.max(initial=1), new.max(initial=1)))),
        ),
        yaxis=rows_axis([names[i] for i in order]),
    )
    hover = [f"{safe_text(names[i], 40)}: {int(before[i]):,} before, {int(after[i]):,} after" for i in order]
    _add_links(drawn, old, new, OTHER_COLOUR)
    _add_dots(drawn, old, rows, hover, OTHER_COLOUR, "circle-open")
    _add_dots(drawn, new, rows, hover, ACCENT, "circle")
    changes = [f"\u00a0\u00a0\u00a0{'+' if n > 0 else '−'}{abs(n):,}" if n else "" for n in (new - old).tolist()]
    return _numbers_behind(drawn, np.maximum(old, new), changes)


def recall_change(labels: pd.DataFrame) -> go.Figure:
    """Draws the change of recall per label in points, best on top: blue = better, orange = worse.

    labels: `Comparison.labels`. Labels without validation images are left out; past 40 the most changed are drawn.
    """
    defined = labels.dropna(subset=["recall_change"])
    known = defined.loc[defined["recall_change"].abs().sort_values(ascending=False, kind="stable").index[:MOST_ROWS]]
    known = known.sort_values("recall_change", ascending=False, kind="stable")
    change = 100 * known["recall_change"].to_numpy(dtype=float)
    drawn = figure(
        rows_height(len(known)),
        bargap=0.45,
        xaxis=titled(
            "change of recall, in points" + _left_out("most changed", len(known), len(defined)),
            range=_reach(change),
        ),
        yaxis=rows_axis(known["label"].tolist()),
    )
    drawn.add_vline(x=0, line={"color": ZERO_LINE, "width": 1})
    return drawn.add_trace(
        go.Bar(
            x=change,
            y=list(range(len(known))),
            orientation="h",
            marker_color=[change_colour(value) for value in change],
            text=[points(value / 100) for value in change],
            textposition="outside",
            textfont={"size": SMALL},
            constraintext="none",
            cliponaxis=False,
            hovertext=[_recall_in_words(row) for row in known.itertuples()],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )


def accuracy_change(before: Interval, after: Interval, words: tuple[str, str] = ("before", "after")) -> go.Figure:
    """Draws two accuracies with their 95 % intervals, one above the other. words: names of the two."""
    pair, shades = (before, after), (OTHER_COLOUR, ACCENT)
    ends = [end for side in pair for end in (side.low, side.high)]
    room = max(0.02, 0.12 * (max(ends) - min(ends)))
    low, high = max(0.0, min(ends) - room), min(1.0, max(ends) + room)
    axis = titled("validation accuracy, with 95 % interval", range=[low, high], tickformat=".0%", nticks=6)
    drawn = figure(150, xaxis=axis, yaxis={**rows_axis(words), "range": [1.5, -0.7]}, margin={"r": 16})
    for row, (side, colour) in enumerate(zip(pair, shades, strict=True)):
        drawn.add_trace(_interval(side, row, colour))
        drawn.add_annotation(_interval_in_words(side, row, low, high))
    return drawn


def _interval(side: Interval, row: int, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[side.low, side.high, None, side.value],
        y=[row] * 4,
        mode="lines+markers",
        line={"color": colour, "width": 3},
        marker={"size": [0, 0, 0, 12], "color": colour, "opacity": 1},
        cliponaxis=False,
        hovertemplate=f"{accuracy_in_words(side)}<extra></extra>",
    )


def _interval_in_words(side: Interval, row: int, low: float, high: float) -> dict[str, Any]:
    """Returns a label over an interval; near the ends of the axis it is aligned inwards, not to be cut off."""
    if np.isnan(side.value):
        return note("no images", (low + high) / 2, row, yshift=16)
    place = (side.value - low) / (high - low)
    anchor = "left" if place < 0.25 else "right" if place > 0.75 else "center"
    return note(accuracy_in_words(side), side.value, row, yshift=16, xanchor=anchor)


def _ends(order: np.ndarray) -> np.ndarray:
    """Returns the first and last rows when there are too many to draw."""
    half = MOST_ROWS // 2
    return order if len(order) <= MOST_ROWS else np.concatenate([order[:half], order[-half:]])


def _left_out(which: str, n_shown: int, n_labels: int) -> str:
    return "" if n_shown == n_labels else f" ({n_shown} {which} of {n_labels:,} labels)"


def _reach(change: np.ndarray) -> list[float]:
    """Returns the ends of an axis around zero, on both sides of it, with space for numbers behind the bars."""
    largest = max(1.0, float(np.abs(change).max(initial=0)))
    drop, gain = float(-change.min(initial=0)), float(change.max(initial=0))
    return [-(drop + 0.25 * largest), gain + 0.25 * largest]


def _count_axis(largest: int) -> dict[str, Any]:
    return {"range": [0, 1.18 * max(largest, 1)], "tickformat": ",d", "nticks": 5}  # room for the numbers


def _add_links(drawn: go.Figure, old: np.ndarray, new: np.ndarray, colour: str) -> None:
    gaps = np.stack([old, new, np.full(len(old), np.nan)], axis=1).astype(float).ravel()
    rows = np.repeat(np.arange(len(old)), 3)
    drawn.add_trace(go.Scatter(x=gaps, y=rows, mode="lines", line={"color": colour, "width": 2}, hoverinfo="skip"))


def _add_dots(
    drawn: go.Figure, values: np.ndarray, rows: list[int], hover: list[str], colour: str, symbol: str
) -> None:
    marker = {"size": 10, "color": colour, "symbol": symbol, "line": {"width": 2, "color": colour}}
    template = "%{hovertext}<extra></extra>"
    drawn.add_trace(
        go.Scatter(x=values, y=rows, mode="markers", marker=marker, hovertext=hover, hovertemplate=template)
    )


def _numbers_behind(drawn: go.Figure, ends: np.ndarray, texts: list[str]) -> go.Figure:
    return drawn.add_trace(
        go.Scatter(
            x=ends,
            y=list(range(len(texts))),
            text=texts,
            mode="text",
            textposition="middle right",
            textfont={"size": SMALL},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )


def _recall_in_words(row: Any) -> str:
    before, after = 100 * row.recall_before, 100 * row.recall_after
    shares = f"{before:.1f} % before, {after:.1f} % after, of {pictures(int(row.support))}"
    return f"{safe_text(row.label, 40)}: found {shares}"
