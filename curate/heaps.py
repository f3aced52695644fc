"""Keeps a process with many threads small: glibc makes a heap for every thread, and each keeps what it once needed.

With another C library both functions do nothing.
"""

import ctypes
import platform

_ARENA_MAX = -8  # glibc's number of this option
_MOST = 2


def limit() -> None:
    """Let threads that begin from now on share two heaps."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _MOST)


def give_back() -> None:
    """Give memory that is free back to the system; takes some milliseconds."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
