"""Issues of pictures, whatever their label: their texts, and the threshold of each measure.

Every measure is in [0, 1], high is bad. It imports nothing heavy, as pages read this table. The thresholds of the first
seven are CleanVision's defaults, inverted (its bad end is 0); a test compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

BITS = 256  # of a perceptual hash
NEAR = 22  # bits that near-duplicates differ in at most; gather/near_duplicates.py has the measurements


@dataclass(frozen=True)
class Issue:
    """One kind of issue. A picture has it when its measure is above `threshold`.

    title: of the filter.  sort: of the order with the worst first.  help: one sentence that names the method.
    """

    title: str
    sort: str
    threshold: float
    help: str


ISSUES: Mapping[str, Issue] = MappingProxyType(
    {
        "dark": Issue("Too dark", "Darkest first", 0.68, "Even its brightest hundredth is dark (CleanVision)."),
        "bright": Issue("Too bright", "Brightest first", 0.95, "Even its darkest twentieth is bright (CleanVision)."),
        "blurry": Issue("Blurry", "Blurriest first", 0.71, "Hardly an edge in it at 64 pixels (CleanVision)."),
        "low_information": Issue(
            "Little to see",
            "Least to see first",
            0.7,
            "Its grey levels hold little information (entropy, CleanVision).",
        ),
        "odd_aspect": Issue(
            "Odd shape", "Oddest shape first", 0.65, "One side is about three times the other or more (CleanVision)."
        ),
        "odd_size": Issue(
            "Odd size",
            "Oddest size first",
            0.5,
            "Far larger or smaller than most of this project (three times the middle half's range, CleanVision).",
        ),
        "greyscale": Issue(
            "Greyscale among colour", "Greyest first", 0.8, "It has no colour, while most of this project has."
        ),
        "exact_duplicate": Issue(
            "Exact duplicate", "Exact duplicates first", 0.5, "Another image of this project has the very same pixels."
        ),
        "near_duplicate": Issue(
            "Near-duplicate",
            "Nearest duplicates first",
            1 - (NEAR + 0.5) / BITS,
            f"Another image differs from it in at most {NEAR} of {BITS} bits of a perceptual hash.",
        ),
    }
)
OF_PICTURE = ("dark", "bright", "blurry", "low_information", "odd_aspect")  # true of the picture wherever it is shown
