"""Retries with smaller batches when memory runs out."""

from collections.abc import Callable
from typing import TypeVar

from curate.errors import BadInput
from curate.training.fitting import memory

SMALLEST = 2  # batch normalisation cannot learn from one picture
T = TypeVar("T")


def with_batches_that_fit(batch_size: int, attempt: Callable[[int], T], on_smaller_batch: Callable[[int], None]) -> T:
    """Returns the result of `attempt(batch_size)`; halves the batch whenever memory runs out.

    on_smaller_batch: receives the batch size of each further attempt. Raises BadInput when two pictures do not fit.
    """
    while True:
        try:
            return attempt(batch_size)
        except memory.SHORTAGES as error:
            if not memory.is_shortage(error):
                raise
            # The retry comes after this block: the error keeps everything alive that was in use when it was raised.
        if batch_size // 2 < SMALLEST:
            raise BadInput(
                f"A batch of {batch_size} pictures does not fit into the memory.",
                "Choose a smaller image size or network, or free some memory.",
            )
        memory.free()
        batch_size //= 2
        on_smaller_batch(batch_size)
