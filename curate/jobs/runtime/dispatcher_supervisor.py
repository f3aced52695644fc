"""Keeps one dispatcher process alive beside the server. Dask is not imported here; it takes 40 MB."""

import logging
import os
import subprocess
import sys
import threading

from curate.jobs.runtime.worker import environment

RESTART_S = 1.0

_log = logging.getLogger(__name__)


class DispatcherSupervisor:
    """Starts the dispatcher again whenever it ends, from `start` to `stop`; running jobs go on either way."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, name="dispatcher-supervisor", daemon=True)
        self._process: subprocess.Popen[str] | None = None
        self._is_up = False

    @property
    def is_up(self) -> bool:
        """Whether jobs can be handed to Dask now."""
        return self._is_up

    @property
    def pid(self) -> int | None:
        """The dispatcher's process, which is also the embedded Dask's; None before the first has been started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the dispatcher. Jobs go on in their processes, and the next start watches them."""
        self._stopping.set()
        if self._process is not None:
            self._process.kill()  # it holds nothing, and closing Dask in order would take its time
        self._thread.join()

    def _keep_alive(self) -> None:
        while not self._stopping.is_set():
            with _start() as self._process:
                if self._stopping.is_set():  # `stop` came while it started
                    self._process.kill()
                assert self._process.stdout is not None
                for line in self._process.stdout:  # ends with the process
                    self._is_up = line.strip() == "up"
            self._is_up = False
            if not self._stopping.wait(RESTART_S):
                _log.warning("the dispatcher ended (exit code %s) and is started again", self._process.returncode)


def _start() -> subprocess.Popen[str]:
    quiet = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False", "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}
    return subprocess.Popen(
        [sys.executable, "-m", "curate.jobs.runtime.dispatcher"],
        env={**os.environ, **environment(), **quiet},
        stdin=subprocess.PIPE,  # never written to: its end is how the dispatcher learns that this process is gone
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C in the server's terminal is not for it
        close_fds=True,
    )
