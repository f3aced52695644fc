"""The bell that new jobs ring: a file in CURATE_HOME, touched by them and watched by the dispatchers.

Looking costs a few microseconds, a question to the database some hundred times as much. Jobs submitted on a machine
with another CURATE_HOME are found by the dispatcher's slower look at the database.
"""

import os

from curate import settings

_FILE = "wake-up"


def ring() -> None:
    """Tell the dispatchers of this CURATE_HOME that a job waits, or that a training is expected."""
    path = settings.home() / _FILE
    path.touch()
    os.utime(path)  # in nanoseconds, where `touch` may leave the time of a moment ago


def last_rung() -> int:
    """When the bell rang last, as nanoseconds since 1970; 0 = never."""
    try:
        return (settings.home() / _FILE).stat().st_mtime_ns
    except FileNotFoundError:
        return 0
