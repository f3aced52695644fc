"""Accumulates seconds by phase of a training. No torch here."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Parts:
    """Adds up seconds by part of the work into a dictionary that others may read, and keep, at any time.

    >>> seconds = {}
    >>> Parts(seconds).add("scoring", 1.5)
    >>> Parts(seconds).add("scoring", 2.0)
    >>> seconds
    {'scoring': 3.5}
    """

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds

    def add(self, part: str, seconds: float) -> None:
        """Add seconds to a part."""
        self._seconds[part] = round(self._seconds.get(part, 0.0) + seconds, 3)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the time until the block ends to a part, also when the block fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(part, time.monotonic() - began)
