"""Trying again with smaller batches when the memory is not enough."""

from collections.abc import Callable
from typing import TypeVar

from curate.errors import BadInput
from curate.training.fitting import memory

SMALLEST = 2  # batch normalisation cannot learn from one picture
T = TypeVar("T")


def with_batches_that_fit(batch_size: int, attempt: Callable[[int], T], on_smaller_batch: Callable[[int], None]) -> T:
    """What `attempt(batch_size)` gives, at half the batch for as long as it runs out of memory.

    on_smaller_batch: called with the batch of each further attempt. Raises BadInput when not even two pictures fit.
    """
    while True:
        try:
            return attempt(batch_size)
        except memory.SHORTAGES as error:
            if not memory.is_shortage(error):
                raise
            # Nothing is tried in here: the error holds all that was in use when it happened.
        if batch_size // 2 < SMALLEST:
            raise BadInput(
                f"A batch of {batch_size} pictures does not fit into the memory.",
                "Choose a smaller image size or network, or free some memory.",
            )
        memory.free()
        batch_size //= 2
        on_smaller_batch(batch_size)
