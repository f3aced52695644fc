"""Formats shares and changes of shares as text, the same on every page, in charts and in the terminal."""

import math

MISSING = "–"


def per_cent(share: float) -> str:
    """Returns a share in [0, 1] as whole per cents, with one decimal under 1 % and over 99 %; NaN is a dash.

    >>> per_cent(0.874), per_cent(0.004), per_cent(0.9961), per_cent(1.0), per_cent(float("nan"))
    ('87 %', '0.4 %', '99.6 %', '100 %', '–')
    """
    if math.isnan(share):
        return MISSING
    value = 100 * share
    if not (0 < value < 1 or 99 < value < 100):
        return f"{value:.0f} %"
    # Never "0 %" or "100 %" for what is not exactly none or all.
    return f"{min(max(round(value, 1), 0.1), 99.9):g} %"


def points(change: float, decimals: int = 1) -> str:
    """Returns a change of a share as percentage points with its sign; a dash when undefined (NaN).

    >>> points(0.024), points(-0.1), points(0.0), points(float("nan"))
    ('+2.4', '−10.0', '0.0', '–')
    """
    if math.isnan(change):
        return MISSING
    value = round(100 * change, decimals)
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{abs(value):.{decimals}f}"


def pictures(n: int) -> str:
    """Returns a number of pictures in words, with thousands separators.

    >>> pictures(1), pictures(12345)
    ('1 picture', '12,345 pictures')
    """
    return f"{n:,} picture{'' if n == 1 else 's'}"
