"""How much memory a training uses, and what happens when it is not enough."""

import gc
import os
import resource
import sys
import time
from pathlib import Path

import torch

MB = 2**20
_LOOK_S = 0.2  # torch takes 0.1 ms to say what it has allocated
# All that running out of memory was seen to raise; a RuntimeError only counts when it says so.
SHORTAGES = (torch.OutOfMemoryError, MemoryError, RuntimeError)
_SAYINGS = (
    "can't allocate memory",  # torch's allocator on processors
    "out of memory",  # CUDA itself, beside torch's allocator
    "alloc_failed",  # cuDNN and cuBLAS, for their workspaces
)


def is_shortage(error: BaseException) -> bool:
    """Whether this error means that there was not enough memory.

    >>> is_shortage(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."))
    True
    >>> is_shortage(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    False
    """
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(saying in str(error).lower() for saying in _SAYINGS)


def free() -> None:
    """Give back what nobody holds any more, so that another attempt finds all of it; leave what failed in autocast."""
    for kind in ("cpu", "cuda"):
        if torch.is_autocast_enabled(kind):
            torch.set_autocast_enabled(kind, False)
            torch.autocast_decrement_nesting()
    torch.clear_autocast_cache()  # reduced copies of the weights
    gc.collect()  # a learner and its callbacks point at each other
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def in_use_mb(kind: str) -> float:
    """Megabytes in use now: on "cuda" allocated by torch on the GPU, on "cpu" resident in this process."""
    if kind == "cuda":
        return round(torch.cuda.memory_allocated() / MB, 1)
    if sys.platform == "linux":
        return round(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB, 1)  # the most so far: bytes on macOS


def total_mb(kind: str) -> float:
    """Megabytes there are: of the GPU, or of the machine."""
    if kind == "cuda":
        return round(torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory / MB, 1)
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MB, 1)


class Gauge:
    """The memory in use, looked at during an epoch; `peak_mb` is the most that was seen since `restart`."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.total_mb = total_mb(kind)
        self.restart()

    def restart(self) -> None:
        """Begin anew."""
        self._looked_s = time.monotonic()
        self.now_mb = self.peak_mb = in_use_mb(self._kind)
        if self._kind == "cuda":
            torch.cuda.reset_peak_memory_stats()

    def look(self) -> None:
        """Take note of what is in use now; five times a second at most."""
        if time.monotonic() - self._looked_s < _LOOK_S:
            return
        self._looked_s = time.monotonic()
        self.now_mb = in_use_mb(self._kind)
        most = torch.cuda.max_memory_allocated() / MB if self._kind == "cuda" else self.now_mb
        self.peak_mb = max(self.peak_mb, round(most, 1))
