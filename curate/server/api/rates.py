"""How many requests one caller may send: a bucket each, which fills by so many a second."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from curate import settings
from curate.errors import Busy

BURST_S = 2.0  # of requests at the usual rate may come at once
_MOST_CALLERS = 10_000


class TooMany(Busy):
    """A caller sends more requests than it may."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("Too many requests.", "Several pictures in one request count once.")
        self.retry_after_s = math.ceil(retry_after_s)


@dataclass
class _Bucket:
    left: float
    filled_at: float


class Rates:
    """The buckets of all callers; those who have not been heard of for longest are forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._clock = clock

    def count(self, caller: str) -> None:
        """Count a request. Raises TooMany when the caller's bucket is empty."""
        rate, now = settings.api_rate(), self._clock()
        bucket = self._buckets.setdefault(caller, _Bucket(rate * BURST_S, now))
        self._buckets.move_to_end(caller)
        if len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        bucket.left = min(rate * BURST_S, bucket.left + rate * (now - bucket.filled_at))
        bucket.filled_at = now
        if bucket.left < 1:
            raise TooMany((1 - bucket.left) / rate)
        bucket.left -= 1


rates = Rates()
