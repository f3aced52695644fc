"""Threads for requests, by what they do: whoever waits for one thing (a locked database) must not stop the others.

All other work, Streamlit's own included, runs on anyio's default threads.
"""

import math
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, to_thread

from curate.errors import CurateError

PATIENCE_S = 10.0  # for which a request waits for its turn

WRITERS = CapacityLimiter(8)  # decisions, notes, keys: SQLite has one writer at a time, so they wait for each other
PICTURES = CapacityLimiter(8)  # pictures that are made already: read from the disk
MAKERS = CapacityLimiter(3)  # pictures that have to be decoded first
FETCHERS = CapacityLimiter(48)  # pictures from an object store: a page of the grid at once
_ANY = CapacityLimiter(math.inf)
_Result = TypeVar("_Result")


class Busy(CurateError):
    """No thread became free in time; the same request can be sent again."""


async def in_turn(limiter: CapacityLimiter, work: Callable[..., _Result], *args: object) -> _Result:
    """What `work` returns, called in one of the limiter's threads. Raises Busy when none is free for `PATIENCE_S`."""
    borrower = object()
    try:
        with fail_after(PATIENCE_S):
            await limiter.acquire_on_behalf_of(borrower)
    except TimeoutError as error:
        raise Busy("The server has too much to do.", "It is tried again.") from error
    try:
        return await to_thread.run_sync(work, *args, limiter=_ANY)
    finally:
        limiter.release_on_behalf_of(borrower)
