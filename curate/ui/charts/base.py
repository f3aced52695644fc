"""What all figures share: frame, safe text, and how one is put on a page.

Text, fonts and grid colours come from Streamlit's own Plotly theme, which the browser applies. It follows a change of
theme at once, whereas `st.context.theme.type` is wrong on a session's first run. The colours here suit both themes.
"""

import html
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.lib.streamlit_plotly_theme import GRAY_90

from curate.ui.rendering.colours import ACCENT
from curate.ui.rendering.formatting import isolated

TEXT = GRAY_90  # a stand-in that the browser replaces; the theme's own choice for ticks has only 3.7:1 on white
GRID = "rgba(128, 128, 128, 0.18)"
ZERO_LINE = "rgba(128, 128, 128, 0.75)"
ROW_PX = 26  # height of one label's row in horizontal charts
MOST_ROWS = 40  # more rows than this are a wall, not a chart
SMALL = 12  # font size of numbers written beside marks

_QUIET_AXIS: dict[str, Any] = {
    "gridcolor": GRID,
    "zeroline": False,
    "fixedrange": True,
    "automargin": True,
    "ticks": "",
    "tickfont": {"color": TEXT},
    "title": {"font": {"color": TEXT}},
}
TEMPLATE: dict[str, Any] = {
    "font": {"color": TEXT},
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "showlegend": False,
    "colorway": [ACCENT],
    "paper_bgcolor": "rgba(0, 0, 0, 0)",
    "plot_bgcolor": "rgba(0, 0, 0, 0)",
    "hovermode": "closest",
    "hoverlabel": {"align": "left"},
    "dragmode": False,
    "xaxis": _QUIET_AXIS,
    "yaxis": _QUIET_AXIS,
}
_CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


def figure(height_px: int, **layout: Any) -> go.Figure:
    """Returns an empty figure in the common frame; `layout` adds to it."""
    drawn = go.Figure(layout={**TEMPLATE, "height": height_px})
    return drawn.update_layout(**layout)


def show(drawn: go.Figure, key: str, alt: str, **options: Any) -> Any:
    """Show a figure without Plotly's tool bar; returns what `st.plotly_chart` does.

    alt: a description for screen readers. options: of `st.plotly_chart`.
    """
    return st.plotly_chart(drawn, key=key, alt=alt, config=_CONFIG, **options)


def safe_text(text: str, length: int = 24) -> str:
    """Returns text from users without HTML, LaTeX and control characters, at most `length` characters.

    Plotly interprets <b>, <a href> … and $…$ in every text. Long names lose their middle, as their ends differ most.
    What is written from right to left is isolated, so that numbers beside it stay beside it.

    >>> safe_text("a <b>bold</b> $5")
    'a &lt;b&gt;bold&lt;/b&gt; &#36;5'
    >>> safe_text("abcdefghijklmnopqrstuvwxyz", 10)
    'abcdef…xyz'
    """
    visible = " ".join("".join(c if c.isprintable() or c == "\u200d" else " " for c in text).split())
    if not visible:
        return "(no name)"
    if len(visible) > length:
        n_end = length // 3
        visible = f"{visible[: length - 1 - n_end]}…{visible[-n_end:]}"
    return isolated(html.escape(visible, quote=False).replace("$", "&#36;"))


def titled(text: str, **axis: Any) -> dict[str, Any]:
    """Returns settings of an axis with a title, which keeps its colour only as a mapping."""
    return {"title": {"text": text}, **axis}


def name_axis(names: Sequence[str], length: int = 24, **axis: Any) -> dict[str, Any]:
    """Returns an axis with a tick per name at 0, 1, 2 …: numbers, so that Plotly takes no name for a date.

    It ends half a step beyond the first and last name; `axis` adds to it.
    """
    texts = [safe_text(name, length) for name in names]
    ends = [-0.5, max(len(texts), 1) - 0.5]
    return {"tickvals": list(range(len(texts))), "ticktext": texts, "range": ends, "showgrid": False, **axis}


def rows_axis(names: Sequence[str], length: int = 24) -> dict[str, Any]:
    """Returns `name_axis` for horizontal charts: the first name on top, with some space to the bars."""
    axis = name_axis(names, length, ticklabelstandoff=6)
    return {**axis, "range": axis["range"][::-1]}


def rows_height(n_rows: int, above_px: int = 44) -> int:
    """Returns the height of a horizontal chart with so many rows and an axis."""
    return max(n_rows, 1) * ROW_PX + above_px


def note(text: str, x: float, y: float, **options: Any) -> dict[str, Any]:
    """Returns a direct label at a place in the data, without an arrow. text: safe already."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": SMALL}, **options}
