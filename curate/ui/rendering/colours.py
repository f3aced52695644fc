"""All colours with a meaning.

One set serves both themes: each colour reaches 3:1 (WCAG AA for graphics) on white and on the dark background, so its
luminance is between 0.12 and 0.30. Names and numbers have the theme's text colour, never these.
"""

import numpy as np

# Found by a search over OKLab for twelve colours of that luminance which stay furthest apart in normal sight and under
# full protanopia, deuteranopia and tritanopia (Machado et al., 2009): no pair is closer than 0.07, about three just
# noticeable differences. Ordered so that the first few are the most different.
LABEL_COLOURS: list[str] = [
    "#035ff8",
    "#cb7d02",
    "#c21d95",
    "#28740b",
    "#ad66d0",
    "#648a6f",
    "#fe3789",
    "#784dc4",
    "#815a5e",
    "#9389aa",
    "#d11d28",
    "#6884fe",
]
OTHER_COLOUR = "#7d7f86"  # labels past the twelfth, and whatever is only context

# White text on these reaches 4.5:1 as well. A decision is never told by colour alone: its sign stands with it.
DECISION_COLOURS: dict[str, str] = {
    "keep": "#1a7f37",
    "delete": "#cf222e",
    "relabel": "#9a6700",
    "conflict": "#8250df",
}
DECISION_SIGNS: dict[str, str] = {"keep": "✓", "delete": "✕", "relabel": "⇄", "conflict": "≠"}

ACCENT = "#2f6fed"
BETTER = "#2f6fed"  # blue and orange, not green and red: both ends of the diverging scale, told apart by everyone
WORSE = "#c2560c"
ERROR_RGB = (191, 63, 10)  # wrong cells of a matrix
RIGHT_RGB = (100, 116, 139)  # its diagonal: many pictures, nothing to do
EMPTY_CELL = "rgba(128, 128, 128, 0.07)"

_QUIET_ALPHA = (0.14, 0.55)  # the theme's text reaches 4.5:1 on these over either ground
_LOUD_ALPHA = (0.92, 1.0)  # white text does
_LOUD_FROM = 0.75


def label_colour(position: int) -> str:
    """Returns the colour of the label at a position (from 0) in every chart, chip and card; grey past the twelfth."""
    return LABEL_COLOURS[position] if 0 <= position < len(LABEL_COLOURS) else OTHER_COLOUR


def is_loud(strength: np.ndarray) -> np.ndarray:
    """Whether `SEQUENTIAL` is so dark at these strengths in [0, 1] that text on it must be white."""
    return strength > _LOUD_FROM


def change_colour(change: float) -> str:
    """Returns the colour of a difference by its sign: better, worse, or grey for none (and for NaN)."""
    return BETTER if change > 0 else WORSE if change < 0 else OTHER_COLOUR


def _over(rgb: tuple[int, int, int], alpha: float) -> str:
    return f"rgba({rgb[0]}, {rgb[1]}, {rgb[2]}, {alpha:g})"


# Plotly colour scales, laid over the page's ground with rising opacity, so that they suit any theme. The one for counts
# jumps over the middle tones, on which neither dark nor white text can be read; the quiet one stays below them; the one
# for differences, to be centred at zero, goes from worse over see-through grey to better.
SEQUENTIAL: list[tuple[float, str]] = [
    (0.0, _over(ERROR_RGB, _QUIET_ALPHA[0])),
    (_LOUD_FROM, _over(ERROR_RGB, _QUIET_ALPHA[1])),
    (_LOUD_FROM, _over(ERROR_RGB, _LOUD_ALPHA[0])),
    (1.0, _over(ERROR_RGB, _LOUD_ALPHA[1])),
]
QUIET: list[tuple[float, str]] = [(0.0, _over(RIGHT_RGB, 0.10)), (1.0, _over(RIGHT_RGB, 0.38))]
DIVERGING: list[tuple[float, str]] = [(0.0, WORSE), (0.5, EMPTY_CELL), (1.0, BETTER)]
