"""The processor's cores: how many there are, and work spread over them. It imports no torch."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def n_cores() -> int:
    """Returns the processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    work: Callable[[_Item], _Result], items: Iterable[_Item], n_threads: int
) -> Iterator[tuple[_Item, _Result]]:
    """Yields every item with what `work` returned, in order, over threads; at most twice as many as these wait."""
    pool = ThreadPoolExecutor(n_threads)
    running: deque[tuple[_Item, Future[_Result]]] = deque()
    try:
        for item in items:
            running.append((item, pool.submit(work, item)))
            if len(running) > 2 * n_threads:
                first, future = running.popleft()
                yield first, future.result()
        for first, future in running:
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)
