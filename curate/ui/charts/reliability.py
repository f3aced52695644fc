"""The reliability plot: how often a run is right, by how sure it is."""

import plotly.graph_objects as go

from curate.evaluation import per_cent
from curate.review.reports.reliability import Reliability
from curate.ui.charts.base import ZERO_LINE, figure, note, titled
from curate.ui.rendering.colours import ACCENT

HEIGHT_PX = 340


def reliability_figure(reliability: Reliability) -> go.Figure:
    """A point a bin, larger the more pictures it has, with the 95 % interval of the share right.

    On the dotted line probabilities mean what they say.
    """
    shares = {"range": [0, 1.02], "tickformat": ".0%", "dtick": 0.25}
    drawn = figure(
        HEIGHT_PX, xaxis=titled("probability of the predicted label", **shares), yaxis=titled("share right", **shares)
    )
    drawn.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": ZERO_LINE, "dash": "dot"})
    drawn.add_annotation(note("as it says", 0.14, 0.1, xanchor="left", yanchor="middle"))
    bins = reliability.bins
    drawn.add_trace(
        go.Scatter(
            x=[each.mean_probability for each in bins],
            y=[each.right.value for each in bins],
            error_y={
                "array": [each.right.high - each.right.value for each in bins],
                "arrayminus": [each.right.value - each.right.low for each in bins],
                "thickness": 1,
            },
            mode="markers",
            marker={"color": ACCENT, "size": [6 + 14 * (each.n / reliability.n) ** 0.5 for each in bins]},
            hovertext=[
                f"{per_cent(each.mean_probability)} sure, {per_cent(each.right.value)} right<br>{each.n:,} pictures"
                for each in bins
            ],
            hoverinfo="text",
        )
    )
    return drawn
