"""The confusion matrix as a clickable figure."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from curate.evaluation import most_confused_labels, per_cent, pictures, row_shares
from curate.ui.charts.base import figure, safe_text
from curate.ui.rendering import colours

Mode = Literal["counts", "share"]

WHOLE_UP_TO = 40  # labels; more names than this cannot be read beside a matrix 620 px high
SHOWN_OF_MORE = 30  # the most confused labels stand for the rest, beside the table of the most confused pairs
ANNOTATED_UP_TO = 20
LEVEL_NAMES_UP_TO = 6  # above the columns; more are slanted
SIDE_PX = 620  # give the page's column about 700 px: the names need some, and cells should be square


def confusion_figure(
    matrix: np.ndarray,
    names: Sequence[str],
    mode: Mode = "counts",
    selected: tuple[int, int] | None = None,
    joined_by: str = "predicted as",
    columns_title: str = "predicted label",
) -> go.Figure:
    """Draws the matrix with prominent errors; `read_cell` reads a click on a cell.

    matrix: (C, C) counts from `evaluation.confusion`. joined_by: the words between the two labels of a cell.
    columns_title: the axis of the second label. mode "share": colours and texts are shares of the actual label.
    selected: (actual, predicted) positions of the framed cell. With more than 40 labels the 30 most confused are
    drawn, and the axis says so; clicks still give positions among all labels. The diagonal is grey with a scale of
    its own: a good model does not outshine its errors.
    """
    shown = np.arange(len(names)) if len(names) <= WHOLE_UP_TO else most_confused_labels(matrix, SHOWN_OF_MORE)
    cells = _Cells(matrix, names, shown, mode, joined_by)
    ends = [-0.5, len(shown) - 0.5]
    drawn = figure(_height(len(shown)), hoverdistance=-1)
    drawn.update_layout(
        yaxis={**_axis(cells, "label"), "range": ends[::-1]},
        xaxis={**_axis(cells, _columns_title(columns_title, len(shown), len(names))), "range": ends, "side": "top"},
    )
    if len(shown) > LEVEL_NAMES_UP_TO:
        drawn.update_xaxes(tickangle=-40, ticklabeloverflow="allow").update_layout(margin={"r": 48})
    drawn.add_traces([_tiles(cells, is_right=False), _tiles(cells, is_right=True)])
    if len(shown) <= ANNOTATED_UP_TO:
        drawn.add_traces([_numbers(cells, is_loud=False), _numbers(cells, is_loud=True)])
    drawn.add_trace(_click_targets(cells))
    if selected is not None and set(selected) <= set(shown.tolist()):
        drawn.add_shape(_frame(*(int(np.searchsorted(shown, position)) for position in selected)))
    return drawn


def read_cell(event: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """Returns the (actual, predicted) positions of the clicked cell from `st.plotly_chart`'s result, or None.

    A second click on the same cell removes the selection, as does a redrawn figure.
    """
    points = (event or {}).get("selection", {}).get("points", [])
    data = points[0].get("customdata") if points else None
    if not data:
        return None
    return int(data["0"]), int(data["1"])  # Streamlit hands lists on as mappings with string keys


class _Cells:
    """The drawn part of the matrix: (S, S) counts, shares and strengths in [0, 1], S drawn labels."""

    def __init__(self, matrix: np.ndarray, names: Sequence[str], shown: np.ndarray, mode: Mode, joined_by: str) -> None:
        part, self.joined_by = np.ix_(shown, shown), joined_by
        self.counts, self.shares = matrix[part], np.nan_to_num(row_shares(matrix)[part])
        self.names, self.shown, self.mode = [safe_text(names[position], 40) for position in shown], shown, mode
        self.short_names = [safe_text(names[position], 14) for position in shown]
        self.values = self.shares if mode == "share" else self.counts
        self.is_right = np.eye(len(shown), dtype=bool)
        self.strength = np.where(self.is_right, _strength(self.values, self.is_right), 0.0)
        self.strength += np.where(self.is_right, 0.0, _strength(self.values, ~self.is_right))

    def text(self, row: int, column: int) -> str:
        """Returns the text on a cell, empty without pictures."""
        count = int(self.counts[row, column])
        if not count:
            return ""
        return per_cent(float(self.shares[row, column])) if self.mode == "share" else f"{count:,}"

    def hover(self, row: int, column: int) -> str:
        """Returns the text of a cell under the pointer."""
        actual, predicted = self.names[row], self.names[column]
        second = f"{self.joined_by} the same" if row == column else f"{self.joined_by} <b>{predicted}</b>"
        count = int(self.counts[row, column])
        if not count:
            return f"label <b>{actual}</b>, {second}: no pictures"
        share = per_cent(float(self.shares[row, column]))
        return f"label <b>{actual}</b>, {second}: {pictures(count)} ({share} of {actual})"


def _strength(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Returns each marked cell's share of the largest value, with a curve that keeps few pictures visible."""
    largest = values[among].max(initial=0)
    return np.clip(values / largest, 0, 1) ** 0.6 if largest else np.zeros(values.shape)


def _tiles(cells: _Cells, is_right: bool) -> go.Heatmap:
    on = (cells.is_right == is_right) & (cells.counts > 0)
    scale = colours.QUIET if is_right else colours.SEQUENTIAL
    strength = np.where(on, cells.strength, np.nan)
    if not is_right:
        # Cells without pictures are faint tiles: a step of its own at the bottom of the scale.
        strength = np.where(cells.counts == 0, -0.01, strength)
        scale = [(0.0, colours.EMPTY_CELL), (0.009, colours.EMPTY_CELL)] + [
            ((0.01 + at) / 1.01, colour) for at, colour in scale
        ]
    gap = 2 if len(cells.names) <= ANNOTATED_UP_TO else 1
    low = 0.0 if is_right else -0.01
    return go.Heatmap(
        z=strength, zmin=low, zmax=1, colorscale=scale, showscale=False, xgap=gap, ygap=gap, hoverinfo="skip"
    )


def _numbers(cells: _Cells, is_loud: bool) -> go.Scatter:
    loud = ~cells.is_right & colours.is_loud(cells.strength)
    rows, columns = np.nonzero((loud == is_loud) & (cells.counts > 0))
    font: dict[str, Any] = {"size": 13 if len(cells.names) <= 12 else 10}
    return go.Scatter(
        x=columns,
        y=rows,
        text=[cells.text(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)],
        mode="text",
        textfont={**font, "color": "white"} if is_loud else font,
        hoverinfo="skip",
    )


def _click_targets(cells: _Cells) -> go.Scatter:
    """Returns an invisible point in every cell: Streamlit reports no clicks on a heatmap (issues 8760, 8933).

    With `hoverdistance` -1 the nearest point takes the click from any distance: that of the cell under the pointer.
    Points must be smaller than a cell: of overlapping ones Plotly takes any.
    """
    rows, columns = (grid.ravel() for grid in np.indices(cells.counts.shape))
    return go.Scatter(
        x=columns,
        y=rows,
        mode="markers",
        marker={"symbol": "square", "size": 6, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=np.stack([cells.shown[rows], cells.shown[columns]], axis=1),
        hovertext=[cells.hover(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _height(n_shown: int) -> int:
    return min(SIDE_PX, 140 + 80 * n_shown)


def _axis(cells: _Cells, title: str) -> dict[str, Any]:
    n = len(cells.names)
    return {
        "tickvals": list(range(n)),
        "ticktext": cells.short_names,
        "tickfont": {"size": 12 if n <= ANNOTATED_UP_TO else 9},
        "title": {"text": title, "standoff": 8},
        "showgrid": False,
    }


def _columns_title(taken: str, n_shown: int, n_labels: int) -> str:
    return taken if n_shown == n_labels else f"{taken} (the {n_shown} most confused of {n_labels:,} labels)"


def _frame(row: int, column: int) -> dict[str, Any]:
    edges = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return {"type": "rect", **edges, "line": {"color": colours.ACCENT, "width": 3}}
