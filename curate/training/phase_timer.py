"""Accumulates seconds by phase of a training. No torch here."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class PhaseTimer:
    """Accumulates seconds by phase in a dictionary that others may read at any time.

    >>> seconds = {}
    >>> PhaseTimer(seconds).add("scoring", 1.5)
    >>> PhaseTimer(seconds).add("scoring", 2.0)
    >>> seconds
    {'scoring': 3.5}
    """

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds

    def add(self, phase: str, seconds: float) -> None:
        """Add seconds to a phase."""
        self._seconds[phase] = round(self._seconds.get(phase, 0.0) + seconds, 3)

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Add the time until the block ends to a phase, also when the block fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(phase, time.monotonic() - began)
