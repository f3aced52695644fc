"""The orders in which unlabelled images come; each is a function from the inbox to a rank per image."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from curate.review.labelling.inbox import Inbox

_SCATTER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / the golden ratio: neighbouring ids land far apart


@dataclass(frozen=True)
class Order:
    """An order.  rank: returns (N,) numbers, the lowest comes first, ties by id."""

    title: str
    help: str
    rank: Callable[[Inbox], np.ndarray]


def _shuffled(inbox: Inbox) -> np.ndarray:
    return inbox.image_ids.astype(np.uint64) * _SCATTER


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "newest": Order("Newest first", "What came in last.", lambda inbox: -inbox.image_ids),
        "oldest": Order("As they came", "The first that came in comes first.", lambda inbox: inbox.image_ids),
        "random": Order("Random", "A fair sample of what has no label yet.", _shuffled),
    }
)
