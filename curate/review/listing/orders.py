"""The orders of the grid, one entry each. A new order by a stored score is a new entry of `SORTS` and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from curate.quality.issues import ISSUES

VALIDATION_FIRST = "valid"  # a precomputed order: the validation split first, each split by doubt


@dataclass(frozen=True)
class Order:
    """An order of a run's images.

    key: the column of `Score` to sort by, or `VALIDATION_FIRST`.  is_down: the highest first.  which: `right` or
    `wrong` keeps images that the model predicted rightly or wrongly.  by_label: without a chosen label, the page shows
    the first few images of each label in turn.  similar: images in groups of `review.listing.similar_groups`.
    needs_doubts: empty for runs without doubts.  flag: keeps images with this flag column set.
    issue: sorts by this quality measure, the worst first.  n_random: so many of each hundred places are drawn at random
    (`random_draws`); marks_random: their cards say so.
    """

    title: str
    help: str
    key: str = "doubt"
    is_down: bool = True
    which: str | None = None
    by_label: bool = False
    similar: str | None = None
    needs_doubts: bool = False
    flag: str | None = None
    issue: str | None = None
    n_random: int = 0
    marks_random: bool = False


SORTS: Mapping[str, Order] = MappingProxyType(
    {
        "doubt": Order("Most doubtful first", "What models that had not seen it say against its label.", "doubt",
                       needs_doubts=True),
        "mixed": Order("Doubtful and random", "Five of each hundred are drawn at random, and say so: they "
                       "count wrong labels that no model doubts.", needs_doubts=True, n_random=5, marks_random=True),
        "mixed_unmarked": Order("Doubtful and random, unmarked", "The same, but nothing tells which: whoever "
                                "knows that a picture was drawn may look less closely.", needs_doubts=True, n_random=5),
        "loss": Order("Highest loss first", "What surprised the trained model most.", "loss"),
        "valid": Order("Validation first", "Wrong labels held out for validation spoil the measuring itself.",
                       VALIDATION_FIRST),
        "confident": Order("Most confidently wrong", "Another label was predicted with the highest probability.",
                           "p_predicted", which="wrong"),
        "wrong": Order("Most wrong per label", "Choose a label, or see the first of each in turn.", "loss",
                       which="wrong", by_label=True),
        "right": Order("Most right per label", "What the model finds typical: a wrong one here misleads it.",
                       "loss", is_down=False, which="right", by_label=True),
        "uncertain": Order("Most uncertain per label", "Torn between labels: often two things in one picture.",
                           "uncertainty", by_label=True, needs_doubts=True),
        "random_wrong": Order("Random wrong ones", "A fair sample of the errors, not only the worst.", "shuffle",
                              is_down=False, which="wrong"),
        "random_right": Order("Random right ones", "A fair sample of what the model got right.", "shuffle",
                              is_down=False, which="right"),
        "near": Order("Near-duplicates", "Copies side by side: resized, re-saved, brightened, or the next second.",
                      similar="near"),
        "twins": Order("Same picture, two labels", "Byte for byte the same: at most one label can be right.",
                       similar="same_picture"),
        "leaks": Order("Leaks between splits", "Nearly the same picture in training and in validation.",
                       similar="leaks"),
        "far": Order("Far from everything", "Perhaps they belong to no label at all: deleting is suggested.",
                     needs_doubts=True, flag="suggests_delete"),
        "asked": Order("Asked again", "Confirmed once, but the evidence has become much stronger since.",
                       needs_doubts=True, flag="asks_again"),
        # Duplicates have orders of their own above.
        **{name: Order(issue.sort, issue.help, name, issue=name)
           for name, issue in ISSUES.items() if not name.endswith("duplicate")},
    }
)  # fmt: skip
SCORES = tuple(
    dict.fromkeys(
        order.key for order in SORTS.values() if not order.issue and not order.similar and order.key != VALIDATION_FIRST
    )
)  # the columns of `Score` that some order sorts by
