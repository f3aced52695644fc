"""A process that has imported torch and fastai and waits for a training: 17 s on two cores that nobody then waits for.

Pages and jobs say `expect` when a training is likely to come next. Whoever starts jobs' processes keeps one at hand for
as long after that as the setting says, and hands it the next training. It holds 900 MB, so it is not kept for longer,
nor where memory is short.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import psutil

from curate import settings
from curate.jobs import wake_up

_FILE = "standby"  # its time of change says when a training was expected last
_SAID_AGAIN_S = 30
LEAST_FREE_BYTES = 3_000_000_000


def expect() -> None:
    """Say that somebody will probably train soon."""
    path = settings.home() / _FILE
    if _age_s(path) > _SAID_AGAIN_S:
        path.touch()
        wake_up.ring()


class Standby:
    """At most one process at hand. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def tend(self, is_busy: bool) -> None:
        """Start it where a training is expected and none runs (is_busy), end it where none is expected any more."""
        is_expected = _age_s(settings.home() / _FILE) < 60 * settings.standby_minutes()
        with self._lock:
            if not is_expected or (self._process is not None and self._process.poll() is not None):
                self._end()
            if not is_expected:
                return
            if self._process is None and not is_busy and psutil.virtual_memory().available > LEAST_FREE_BYTES:
                self._process = _start()

    def take(self, job_id: int, log: Path) -> subprocess.Popen[bytes] | None:
        """The process, now at work on this job and writing to `log`; None when there is none."""
        with self._lock:
            if self._process is None:
                return None
            try:
                _pipe_to(self._process).write(json.dumps([job_id, str(log)]).encode() + b"\n")
            except OSError:  # it was killed
                self._end()
                return None
            process, self._process = self._process, None
        _pipe_to(process).close()
        return process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()  # it holds nothing
            self._process.wait()
            _pipe_to(self._process).close()
            self._process = None


ours = Standby()  # of this process


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "curate.jobs.runtime.prewarmed_process"],
        bufsize=0,
        stdin=subprocess.PIPE,  # its end, when this process is gone, is the other's, too
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # as every job's process
        close_fds=True,
    )


def _pipe_to(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
