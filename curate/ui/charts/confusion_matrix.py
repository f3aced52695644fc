"""The confusion matrix as a clickable figure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from curate.evaluation import most_confused_labels, per_cent
from curate.ui.charts.base import figure
from curate.ui.charts.matrix_cells import TOTAL, WHOLE_UP_TO, Cells, Style
from curate.ui.rendering import colours

SHOWN_OF_MORE = 30  # the most confused labels stand for the rest, beside the table of the most confused pairs
ANNOTATED_UP_TO = 20
LEVEL_NAMES_UP_TO = 6  # above the columns; more are slanted
FRAMED_UP_TO = 40  # beyond, a dot that the browser draws marks the chosen cell: a frame would send it a new figure
SIDE_PX = 620  # give the page's column about 700 px: the names need some, and cells should be square


PLAIN = Style()


def confusion_figure(
    matrix: np.ndarray, names: Sequence[str], style: Style = PLAIN, selected: tuple[int, int] | None = None
) -> go.Figure:
    """Draws the matrix with prominent errors; `read_cell` reads a click on a cell.

    matrix: (C, C) counts from `evaluation.confusion`. selected: (actual, predicted) positions of the framed cell.
    With more than `style.most` labels the 30 most confused are drawn, and the axis says so; clicks still give positions
    among all labels. The diagonal is grey with a scale of its own: a good model does not outshine its errors.
    """
    shown = np.arange(len(names)) if len(names) <= style.most else most_confused_labels(matrix, SHOWN_OF_MORE)
    cells = Cells(matrix, names, shown, style)
    ends = [-0.5, len(shown) + (0.5 if style.has_totals else -0.5)]
    drawn = figure(_height(len(shown)), hoverdistance=_hover_distance(cells))
    title = _columns_title(style.columns_title, len(shown), len(names))
    drawn.update_layout(
        yaxis={**_axis(cells, "label"), "range": ends[::-1]},
        xaxis={**_axis(cells, title), "range": ends, "side": "top"},
    )
    if len(shown) > LEVEL_NAMES_UP_TO:
        drawn.update_xaxes(tickangle=-40, ticklabeloverflow="allow").update_layout(margin={"r": 48})
    if style.can_zoom:
        drawn.update_layout(dragmode="zoom").update_xaxes(fixedrange=False).update_yaxes(fixedrange=False)
    drawn.add_traces([_tiles(cells, is_right=False), _tiles(cells, is_right=True)])
    if len(shown) <= ANNOTATED_UP_TO:
        drawn.add_traces([_numbers(cells, is_loud=False), _numbers(cells, is_loud=True)])
        if style.has_totals:
            drawn.add_trace(_total_numbers(cells))
    drawn.add_trace(_click_targets(cells))
    if selected is not None and len(shown) <= FRAMED_UP_TO and set(selected) <= {*shown.tolist(), TOTAL}:
        drawn.add_shape(_frame(*(_place(shown, position) for position in selected)))
    return drawn


def _place(shown: np.ndarray, position: int) -> int:
    """Returns the row or column at which a position among all labels is drawn."""
    return len(shown) if position == TOTAL else int(np.searchsorted(shown, position))


def read_cell(event: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """Returns the (actual, predicted) positions of the clicked cell from `st.plotly_chart`'s result, or None.

    A second click on the same cell removes the selection, as does a redrawn figure.
    """
    points = (event or {}).get("selection", {}).get("points", [])
    data = points[0].get("customdata") if points else None
    if not data:
        return None
    return int(data["0"]), int(data["1"])  # Streamlit hands lists on as mappings with string keys


def _tiles(cells: Cells, is_right: bool) -> go.Heatmap:
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


def _numbers(cells: Cells, is_loud: bool) -> go.Scatter:
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


def _total_numbers(cells: Cells) -> go.Scatter:
    n = len(cells.shown)
    corner = per_cent(cells.n_right / cells.n) if cells.n and not cells.style.errors_only else f"{cells.n:,}"
    return go.Scatter(
        x=np.array([*[n] * n, *range(n), n]),
        y=np.array([*range(n), *[n] * n, n]),
        text=[*(f"{total:,}" for total in np.concatenate(cells.totals).tolist()), f"<b>{corner}</b>"],
        mode="text",
        textfont={"size": 13 if n <= 12 else 10},
        hoverinfo="skip",
    )


def _click_targets(cells: Cells) -> go.Scatter:
    """Returns an invisible point in every cell: Streamlit reports no clicks on a heatmap (issues 8760, 8933).

    With `hoverdistance` -1 the nearest point takes the click from any distance: that of the cell under the pointer.
    Points must be smaller than a cell: of overlapping ones Plotly takes any. In a large matrix, where points cost the
    browser time, empty cells have none.
    """
    counts, n = cells.counts, len(cells.shown)
    has_point = np.ones(counts.shape, bool) if n <= WHOLE_UP_TO else (counts > 0) | cells.is_right
    rows, columns = (places.tolist() for places in np.nonzero(has_point))
    hovers = [cells.hover(row, column) for row, column in zip(rows, columns, strict=True)]
    data = np.stack([cells.shown[rows], cells.shown[columns]], axis=1)
    if cells.style.has_totals:
        totals = [*((row, TOTAL) for row in range(n)), *((TOTAL, column) for column in range(n)), (TOTAL, TOTAL)]
        hovers += [cells.total_hover(row, column) for row, column in totals]
        rows += [n if row == TOTAL else row for row, _ in totals]
        columns += [n if column == TOTAL else column for _, column in totals]
        positions = [*cells.shown.tolist(), TOTAL]
        data = np.concatenate([data, [[positions[row], positions[column]] for row, column in totals]])
    return go.Scatter(
        x=np.array(columns),
        y=np.array(rows),
        mode="markers",
        marker={"symbol": "square", "size": 6 if n <= WHOLE_UP_TO else 3, "opacity": 0},
        selected={"marker": {"opacity": int(n > FRAMED_UP_TO), "color": colours.ACCENT}},
        unselected={"marker": {"opacity": 0}},
        customdata=data,
        hovertext=hovers,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover_distance(cells: Cells) -> int:
    """Returns from how far a point takes a click, px: where empty cells have none, from within its own cell."""
    n = len(cells.shown)
    return -1 if n <= WHOLE_UP_TO else max(2, round(SIDE_PX / n / 2))


def _height(n_shown: int) -> int:
    return min(SIDE_PX, 140 + 80 * n_shown)


def _axis(cells: Cells, title: str) -> dict[str, Any]:
    n = len(cells.names)
    total = ["all"] if cells.style.has_totals else []
    return {
        "tickvals": list(range(n + len(total))),
        "ticktext": cells.short_names + total,
        "tickfont": {"size": 12 if n <= ANNOTATED_UP_TO else 9},
        "title": {"text": title, "standoff": 8},
        "showgrid": False,
    }


def _columns_title(taken: str, n_shown: int, n_labels: int) -> str:
    return taken if n_shown == n_labels else f"{taken} (the {n_shown} most confused of {n_labels:,} labels)"


def _frame(row: int, column: int) -> dict[str, Any]:
    edges = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return {"type": "rect", **edges, "line": {"color": colours.ACCENT, "width": 3}}
