"""The orders in which unlabelled images come; each is a function from images to a rank per image."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from curate.review.labelling.suggestions import NOTHING, Suggestions

_SCATTER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / the golden ratio: neighbouring ids land far apart


@dataclass(frozen=True)
class Order:
    """An order of images.

    rank: receives (N,) image ids in ascending order, the suggestions and the (N,) places of the images in them; returns
    (N,) numbers, the lowest comes first, ties by id.  Orders that need suggestions put images without any last.
    by_group: a page holds one group of alike images.
    """

    title: str
    help: str
    rank: Callable[[np.ndarray, Suggestions, np.ndarray], np.ndarray]
    needs_suggestions: bool = True
    by_group: bool = False


def _shuffled(image_ids: np.ndarray, *_: object) -> np.ndarray:
    return image_ids.astype(np.uint64) * _SCATTER


def _by_group(_ids: np.ndarray, made: Suggestions, at: np.ndarray) -> np.ndarray:
    furthest = float(made.distance.max(initial=0.0)) + 1.0
    return made.group[at] + made.distance[at] / furthest


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "useful": Order(
            "Most useful first",
            "Uncertain ones that differ from each other: what the next labels teach most. Before there are labels: one "
            "of each group of alike pictures.",
            lambda _, made, at: made.useful[at],
        ),
        "sure": Order(
            "Surest first",
            "The prediction is as good as certain: select the page (a) and accept (Enter).",
            lambda _, made, at: -made.p[at],
        ),
        "alike": Order(
            "Alike together",
            "A group of alike pictures a page, the largest first: select the page (a) and name it.",
            _by_group,
            by_group=True,
        ),
        "new": Order(
            "Nothing like it yet",
            "Far from all that has a label: a label may be missing.",
            lambda _, made, at: -made.novelty[at],
        ),
        "random": Order("Random", "A fair sample of what has no label yet.", _shuffled, needs_suggestions=False),
        "newest": Order("Newest first", "What came in last.", lambda ids, *_: -ids, needs_suggestions=False),
        "oldest": Order("As they came", "The first that came in comes first.", lambda ids, *_: ids,
                        needs_suggestions=False),
    }
)  # fmt: skip


def put_in_order(image_ids: np.ndarray, order: str, made: Suggestions | None) -> np.ndarray:
    """Returns (N,) rows of these images, which are in ascending order of ids, in that order.

    Images without suggestions come last in orders that need them, as they came in.
    """
    entry = ORDERS[order]
    if not entry.needs_suggestions:
        return np.argsort(entry.rank(image_ids, NOTHING, image_ids), kind="stable")
    at, is_known = (made or NOTHING).places(image_ids)
    known = np.flatnonzero(is_known)
    if made is None or not len(known):
        return np.arange(len(image_ids))
    first = known[np.argsort(entry.rank(image_ids[known], made, at[known]), kind="stable")]
    return np.concatenate([first, np.flatnonzero(~is_known)])
