"""Limits the pixels that a process holds decoded at once: a small file may unpack to gigabytes."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

A_PICTURE_PX = 12_000_000  # a phone's photo: one a core is decoded at once


class PixelBudget:
    """Lets threads decode `most_px` pixels together; a larger picture is decoded alone. First come, first served."""

    def __init__(self, most_px: int) -> None:
        self.most_px = most_px
        self._held_px = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, n_pixels: int) -> Iterator[None]:
        """Waits until so many pixels fit, and holds them for the block. Blocks of one thread must not nest."""
        turn = object()
        with self._changed:
            self._queue.append(turn)
            self._changed.wait_for(lambda: self._queue[0] is turn and self._fits(n_pixels))
            self._queue.popleft()
            self._held_px += n_pixels
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._held_px -= n_pixels
                self._changed.notify_all()

    def _fits(self, n_pixels: int) -> bool:
        return not self._held_px or self._held_px + n_pixels <= self.most_px


decoding = PixelBudget(A_PICTURE_PX * max(4, os.cpu_count() or 1))  # of this process; the server makes it smaller
