"""Measures a training's memory, and recognises errors that mean a shortage of memory."""

import gc
import os
import resource
import sys
import time
from pathlib import Path

import torch

MB = 2**20
_LOOK_S = 0.2  # between two measurements; one takes torch 0.1 ms
# The errors seen when memory runs out; a RuntimeError counts only with one of the messages below.
SHORTAGES = (torch.OutOfMemoryError, MemoryError, RuntimeError)
_MESSAGES = (
    "can't allocate memory",  # torch's allocator on processors
    "out of memory",  # CUDA itself, beside torch's allocator
    "alloc_failed",  # cuDNN and cuBLAS, for their workspaces
)


def is_shortage(error: BaseException) -> bool:
    """Whether an error means that memory ran out.

    >>> is_shortage(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."))
    True
    >>> is_shortage(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    False
    """
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(message in str(error).lower() for message in _MESSAGES)


def free() -> None:
    """Release unused memory for another attempt, and leave the autocast of a failed batch."""
    for kind in ("cpu", "cuda"):
        if torch.is_autocast_enabled(kind):
            torch.set_autocast_enabled(kind, False)
            torch.autocast_decrement_nesting()
    torch.clear_autocast_cache()  # reduced copies of the weights
    gc.collect()  # a learner and its callbacks refer to each other
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def in_use_mb(kind: str) -> float:
    """Returns megabytes in use: on "cuda" allocated by torch on the GPU, on "cpu" resident in this process."""
    if kind == "cuda":
        return round(torch.cuda.memory_allocated() / MB, 1)
    if sys.platform == "linux":
        return round(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB, 1)  # the most so far: bytes on macOS


def total_mb(kind: str) -> float:
    """Returns the megabytes of the GPU or of the machine."""
    if kind == "cuda":
        return round(torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory / MB, 1)
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MB, 1)


class Gauge:
    """Measures the memory in use during an epoch; `peak_mb` is the most seen since `restart`."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.total_mb = total_mb(kind)
        self.restart()

    def restart(self) -> None:
        """Start a new peak."""
        self._looked_s = time.monotonic()
        self.now_mb = self.peak_mb = in_use_mb(self._kind)
        if self._kind == "cuda":
            torch.cuda.reset_peak_memory_stats()

    def update(self) -> None:
        """Measure the memory in use, at most five times a second."""
        if time.monotonic() - self._looked_s < _LOOK_S:
            return
        self._looked_s = time.monotonic()
        self.now_mb = in_use_mb(self._kind)
        most = torch.cuda.max_memory_allocated() / MB if self._kind == "cuda" else self.now_mb
        self.peak_mb = max(self.peak_mb, round(most, 1))
