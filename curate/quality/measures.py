"""Measures of single pictures. CleanVision's image properties are called, one picture at a time; what it lacks is here.

Of CleanVision 0.3.7 only `image_property` is used: its Imagelab wants a folder and walks it with forked processes, its
near-duplicates are identical 64-bit hashes only, and to it every grey photo saved as an RGB JPEG is in colour.
Importing it takes 34 MB and about a second, most of it matplotlib: so in the job's process only.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from cleanvision.issue_managers.image_property import (
    AspectRatioProperty,
    BlurrinessProperty,
    BrightnessProperty,
    EntropyProperty,
    ImageProperty,
    SizeProperty,
)
from cleanvision.issue_managers.image_property_issue_manager import ImagePropertyIssueManager
from PIL import Image, ImageChops

from curate.pictures import open_reduced

READ_PX = 512  # a side: what sharpness is measured at, and JPEGs are decoded near
# CleanVision's brightness takes 3.1 ms of 5.3 at 256 x 341 and grows with the pixels; percentiles do not need them all.
LOOK_PX = 256
COLOURFUL = 0.2  # spread of the channels, as a share of full, from which on a picture is not grey at all

_PROPERTIES: dict[str, tuple[str, ImageProperty]] = {
    "dark": ("dark", BrightnessProperty("dark")),
    "bright": ("light", BrightnessProperty("light")),
    "blurry": ("blurry", BlurrinessProperty()),
    "low_information": ("low_information", EntropyProperty()),
    "odd_aspect": ("odd_aspect_ratio", AspectRatioProperty()),
}
_PARAMS = ImagePropertyIssueManager().get_default_params()


@dataclass(frozen=True)
class Look:
    """The result of measuring a picture; `raw`: CleanVision's numbers; `pixels`: 16 bytes that identify its pixels."""

    raw: dict[str, float | str]
    grey: float
    sharpness: float
    pixels: bytes


def look_at(path: Path) -> Look:
    """Reads and measures one picture file. Raises BadPicture."""
    picture = open_reduced(path, READ_PX)
    pixels = hashlib.blake2b(picture.tobytes(), digest_size=16, key=repr(picture.size).encode()).digest()
    picture.thumbnail((READ_PX, READ_PX), Image.Resampling.BILINEAR)
    sharp = sharpness(picture)
    picture.thumbnail((LOOK_PX, LOOK_PX), Image.Resampling.BILINEAR)
    return Look(_raw(picture), grey(picture), sharp, pixels)


def scores(looks: list[Look]) -> dict[str, np.ndarray]:
    """Returns {issue: (N,) measures in [0, 1], high is bad} of the issues in `OF_PICTURE`, in the order of `looks`."""
    table = pd.DataFrame([look.raw for look in looks])
    return {name: _bad(table, *of) for name, of in _PROPERTIES.items()}


def odd_sizes(sizes: np.ndarray) -> np.ndarray:
    """Returns (N,) how far each picture is from the usual size, in [0, 1]: above 0.5 it is odd.

    sizes: (N,) square roots of pixels. CleanVision's measure: the distance from the middle of the range that extends
    three interquartile widths beyond the quartiles; where that range has no width, every other size is odd.
    """
    if not len(sizes):
        return np.zeros(0)
    prop = SizeProperty()
    raw = pd.DataFrame({"size": sizes})
    good = prop.get_scores(raw, "odd_size", **_without_threshold("odd_size"))
    is_odd = prop.mark_issue(good, "odd_size")["is_odd_size_issue"].to_numpy()
    bad = 1 - good["odd_size_score"].to_numpy()
    # Without a usual range CleanVision calls every distance odd, however small, and marks it itself.
    no_range = is_odd & (bad <= 0.5)
    return np.where(no_range, 0.5 + bad / 2, bad)


def grey(picture: Image.Image) -> float:
    """Returns how colourless an RGB picture is, in [0, 1]: 1 = equal channels in all but 1 % of the pixels.

    It falls linearly to 0 where they differ by a fifth of their range; 0.04 of it, the noise of a JPEG, gives 0.8.
    """
    red, green, blue = picture.split()
    highest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    lowest = ImageChops.darker(ImageChops.darker(red, green), blue)
    counts = np.cumsum(ImageChops.subtract(highest, lowest).histogram())
    spread = int(np.searchsorted(counts, 0.99 * counts[-1])) / 255
    return float(max(0.0, 1 - spread / COLOURFUL))


def sharpness(picture: Image.Image) -> float:
    """Returns how sharp a picture is, in [0, 1], high is good; for choosing among copies, not between scenes.

    It is the standard deviation of the Laplacian of the grey levels (Pech-Pacheco et al., 2000) as a share of the
    largest possible, that of a chess board of single pixels. Sharp photos reach about 0.1. Below 3 pixels a side it is
    0.
    """
    level = np.asarray(picture.convert("L"), np.float32)
    if min(level.shape) < 3:
        return 0.0
    edges = 4 * level[1:-1, 1:-1] - level[:-2, 1:-1] - level[2:, 1:-1] - level[1:-1, :-2] - level[1:-1, 2:]
    return float(edges.std() / (4 * 255))


def _raw(picture: Image.Image) -> dict[str, float | str]:
    raw: dict[str, float | str] = {}
    for name, (_, prop) in _PROPERTIES.items():
        if name != "bright":  # the same numbers as for dark
            raw |= prop.calculate(picture)
    return raw


def _bad(table: pd.DataFrame, issue_type: str, prop: ImageProperty) -> np.ndarray:
    """Returns CleanVision's score inverted."""
    good = prop.get_scores(table[prop.score_columns].copy(), issue_type, **_without_threshold(issue_type))
    return np.clip(1 - good[f"{issue_type}_score"].to_numpy(float), 0, 1)


def _without_threshold(issue_type: str) -> dict[str, float]:
    return {name: value for name, value in _PARAMS[issue_type].items() if name != "threshold"}
