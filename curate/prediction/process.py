"""A model process as its callers see it: started when it is not there, asked over loopback. No torch."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate import settings
from curate.errors import Busy, CurateError, JobFailed
from curate.prediction import endpoint

ROOT = Path(__file__).parents[2]
START_S = 120  # importing fastai takes 8 to 13 s on an idle machine
ANSWER_S = 300
_POLL_S = 0.02
_LOG_LINES = 12
_MOST_IDLE = 32  # connections kept for the next question; in the process each holds a thread


@dataclass(frozen=True)
class _Connection:
    link: http.client.HTTPConnection
    at: endpoint.Endpoint

    def request(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """(status, content). Raises OSError when nobody answers."""
        try:
            self.link.request(method, path, body, {endpoint.KEY_HEADER: self.at.key})
            response = self.link.getresponse()
            return response.status, json.loads(response.read() or b"{}")
        except http.client.HTTPException as error:
            raise ConnectionAbortedError from error


class ModelProcess:
    """The process of that name, which runs that module."""

    def __init__(self, name: str, module: str) -> None:
        self.name, self._module = name, module
        self.started: list[subprocess.Popen[bytes]] = []  # kept, so that a process that ended is reaped
        self._starting = threading.Lock()
        self._idle: list[_Connection] = []

    def ask(self, path: str, body: bytes) -> dict[str, Any]:
        """The answer; starts the process when needed.

        Raises a CurateError with the process's own sentence, Busy while too many wait, JobFailed when it cannot start.
        """
        for _ in range(3):  # it is not there yet, or ends for want of questions just now
            try:
                status, answer = self._request("POST", path, body)
            except OSError:
                self._hang_up()
                self.await_ready()
                continue
            if status != 200:
                kind = Busy if status == 429 else CurateError
                raise kind(answer.get("error", "The model process did not answer."), answer.get("hint", ""))
            return answer
        raise JobFailed("The model process ended while it was asked.", self._log_tail())

    def warm(self) -> None:
        """Start it ahead of the first question, without waiting for it."""
        if not self.is_ready():
            self._start()

    def is_ready(self) -> bool:
        """Whether it listens."""
        try:
            connection = self._connect(timeout_s=5)
            with closing(connection.link):
                return connection.request("GET", "/", b"")[0] == 200
        except OSError:
            return False

    def await_ready(self) -> None:
        """Start it when needed, and wait until it listens. Raises JobFailed."""
        deadline = time.monotonic() + START_S
        before = self._forget_ended()
        while not self.is_ready():
            process = self._start()
            if process.poll():
                self._forget_ended()
                if process is not before:
                    raise JobFailed("The model process could not start.", self._log_tail())
            if time.monotonic() > deadline:
                raise JobFailed(f"The model process did not answer within {START_S} s.", self._log_tail())
            time.sleep(_POLL_S)

    def _request(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """The answer over a connection of before, if it leads to the process that is there now, or over a new one."""
        connection = self._connect(ANSWER_S)
        with suppress(IndexError):
            kept = self._idle.pop()
            if kept.at == connection.at:
                connection = kept
            else:
                kept.link.close()
        try:
            answer = connection.request(method, path, body)
        except BaseException:
            connection.link.close()
            raise
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.link.close()
        return answer

    def _hang_up(self) -> None:
        while self._idle:
            with suppress(IndexError):  # somebody else was faster
                self._idle.pop().link.close()

    def _connect(self, timeout_s: float) -> "_Connection":
        there = endpoint.find(self.name)
        if there is None:
            raise ConnectionRefusedError
        return _Connection(http.client.HTTPConnection("127.0.0.1", there.port, timeout=timeout_s), there)

    def _forget_ended(self) -> "subprocess.Popen[bytes] | None":
        """The process that is there already, if any.

        One that was killed since the last question says nothing about whether the next one can start. It counts as
        there until all its threads are gone, which takes a moment.
        """
        with self._starting:
            if self.started and self.started[-1].poll() is not None:
                self.started.clear()
            return self.started[-1] if self.started else None

    def _start(self) -> "subprocess.Popen[bytes]":
        """The process on its way up; should another one hold the lock, ours ends quietly and that one answers."""
        with self._starting:
            if not self.started or self.started[-1].poll() == 0:
                self.started.clear()
                with (endpoint.folder(self.name) / "log.txt").open("wb") as log:
                    self.started.append(
                        subprocess.Popen(
                            [sys.executable, "-m", self._module],
                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True,
                            env=_environment(),
                        )
                    )  # fmt: skip
            return self.started[-1]

    def _log_tail(self) -> str:
        try:
            lines = (endpoint.folder(self.name) / "log.txt").read_text(errors="replace").splitlines()
        except FileNotFoundError:  # another process of ours started it
            return ""
        return "\n".join(lines[-_LOG_LINES:])


def _environment() -> dict[str, str]:
    """Ours, with this package found and the same home wherever the process is started from.

    With several threads, numpy's small products took longer and a core from the network: 4.0 ms a picture, not 2.9.
    """
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"PYTHONPATH": os.pathsep.join(path), "CURATE_HOME": str(settings.home()), "OPENBLAS_NUM_THREADS": "1"}
    return os.environ | own


torch_process = ModelProcess(endpoint.TORCH, "curate.prediction.serve")
graph_process = ModelProcess(endpoint.GRAPHS, "curate.prediction.serve_graphs")
