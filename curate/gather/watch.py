"""Who follows a gathering while it runs."""

from collections.abc import Callable
from dataclasses import dataclass

from curate.catalog.gatherings import Tally


@dataclass(frozen=True)
class Watch:
    """Who watches a gathering. report: takes (message, {search number: Tally}); check: raises when it is to end at
    once; is_ending: whether it is to end soon, with what it has; sleep: waits so many seconds, or raises as check does.
    """

    report: Callable[[str, dict[int, Tally]], None]
    check: Callable[[], None]
    is_ending: Callable[[], bool]
    sleep: Callable[[float], None]
