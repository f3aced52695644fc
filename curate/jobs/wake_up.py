"""The bell that new jobs ring: a file in CURATE_HOME, touched by them and watched by the dispatchers.

Looking costs a few microseconds, a question to the database some hundred times as much. Jobs submitted on a machine
with another CURATE_HOME are found by the dispatcher's slower look at the database.
"""

import os
import time

from curate import settings

_FILE = "wake-up"
_LOOK_S = 0.4


def ring() -> None:
    """Tell the dispatchers of this CURATE_HOME that a job waits, or that a training is expected."""
    path = settings.home() / _FILE
    path.touch()
    os.utime(path)  # in nanoseconds, where `touch` may leave the time of a moment ago


def last_rung() -> int:
    """When the bell rang last, as nanoseconds since 1970; 0 = never."""
    return _changed_at(str(settings.home() / _FILE))


def wait(rung_at: int, seconds: float) -> None:
    """Wait so long, or until the bell rings: until its time is no longer `rung_at`."""
    path = str(settings.home() / _FILE)  # once: reading the settings takes longer than all the rest
    until = time.monotonic() + seconds
    while time.monotonic() < until and _changed_at(path) == rung_at:
        time.sleep(_LOOK_S)


def _changed_at(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 (a Path costs twice as much)
    except FileNotFoundError:
        return 0
