"""Charts of many predictions: how many pictures of each label, and how sure the run was."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from curate.ui.charts.base import figure, rows_axis, rows_height, safe_text, titled
from curate.ui.rendering.colours import OTHER_COLOUR, label_colour
from curate.wording import counted

_MOST_LABELS = 12
_N_BINS = 20


def predicted_counts(names: Sequence[str], predicted: np.ndarray, positions: Sequence[int]) -> go.Figure:
    """Draws the number of pictures of each predicted label, most first; past twelve labels the rest is one bar.

    predicted: (N,) places in `names`; positions: of the labels, for their colours.
    """
    counts = np.bincount(predicted, minlength=len(names))
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    shown, rest = order[:_MOST_LABELS], order[_MOST_LABELS:]
    texts, values = [names[i] for i in shown], [int(counts[i]) for i in shown]
    colours = [label_colour(positions[i]) for i in shown]
    if rest:
        texts.append(f"{len(rest):,} other labels")
        values.append(int(counts[rest].sum()))
        colours.append(OTHER_COLOUR)
    axis = {"range": [0, 1.2 * max(values)], "visible": False}  # room for the number behind the longest bar
    drawn = figure(rows_height(len(texts), above_px=16), xaxis=axis, yaxis=rows_axis(texts), bargap=0.35)
    hover = [f"{safe_text(text, 40)}: {counted(n, 'picture')}" for text, n in zip(texts, values, strict=True)]
    return drawn.add_trace(
        go.Bar(
            x=values,
            y=list(range(len(values))),
            orientation="h",
            marker_color=colours,
            text=[f"{n:,}" for n in values],
            textposition="outside",
            cliponaxis=False,
            hovertext=hover,
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    )


def confidence_histogram(confidence: np.ndarray) -> go.Figure:
    """Draws the number of pictures by the probability of the predicted label: (N,) in [0, 1]."""
    counts, edges = np.histogram(confidence, bins=_N_BINS, range=(0, 1))
    hover = [
        f"{low:.0%} to {high:.0%}: {counted(int(n), 'picture')}"
        for n, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
    ]
    axis = titled("Probability of the predicted label", range=[0, 1.02], tickformat=".0%", dtick=0.25)
    drawn = figure(220, xaxis=axis, yaxis=titled("Pictures"), bargap=0.05)
    return drawn.add_trace(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=0.95 / _N_BINS,
            hovertext=hover,
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    )
