"""A pre-warmed training process: it has imported torch and fastai, which takes 17 s on two cores.

Pages and jobs call `expect` when a training is likely to come next. The process that starts jobs then keeps one
pre-warmed for CURATE_STANDBY_MINUTES and gives it the next training. It holds 900 MB, so none is kept for longer, nor
where memory is short.
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

_FILE = "standby"  # its time of change is when a training was expected last
_REPEAT_AFTER_S = 30
LEAST_FREE_BYTES = 3_000_000_000


def expect() -> None:
    """Record that a training will probably be submitted soon."""
    path = settings.home() / _FILE
    if _age_s(path) > _REPEAT_AFTER_S:
        path.touch()
        wake_up.ring()


class PrewarmedProcess:
    """Holds at most one pre-warmed process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def tend(self, is_busy: bool) -> None:
        """Start a process if a training is expected; end it if none is expected any more.

        is_busy: something that holds torch runs already, so none is started.
        """
        is_expected = _age_s(settings.home() / _FILE) < 60 * settings.standby_minutes()
        with self._lock:
            if not is_expected or (self._process is not None and self._process.poll() is not None):
                self._end()
            if not is_expected:
                return
            if self._process is None and not is_busy and psutil.virtual_memory().available > LEAST_FREE_BYTES:
                self._process = _start()

    def take(self, job_id: int, log: Path) -> subprocess.Popen[bytes] | None:
        """Give the process this job and `log` to write to, and return it; None when there is no process."""
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


prewarmed = PrewarmedProcess()  # the one of this dispatcher or worker


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "curate.jobs.runtime.prewarmed_process"],
        bufsize=0,
        stdin=subprocess.PIPE,  # closed when this process is gone, which ends the other, too
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
