"""What a job's function is handed: what to do, where to say how far it is, and whether somebody asked it to stop."""

import threading
import time
from pathlib import Path
from typing import Any

from curate import store
from curate.catalog.jobs import JobRow


class Cancelled(Exception):
    """Raised by `JobContext.check` when the job is to end and throw away what it has; the top level records it."""


class JobContext:
    """One job, as its function sees it. `report` and `cancel` cost nothing: another thread writes and reads the row.

    `folder` holds the job's log; `cancel` is None, "discard" (end at once), "keep" (end soon, with what there is) or
    "epoch" (of a training: so, but finish the epoch that it is in).
    """

    def __init__(self, row: JobRow) -> None:
        self.job_id = row.id
        self.project_id = row.project_id
        self.args = row.args
        self.submitted_by = row.submitted_by
        self.folder: Path = store.job_folder(row.id)
        self.cancel: str | None = row.cancel
        self._lock = threading.Lock()
        self._unwritten: dict[str, Any] | None = None
        self._pace = Pace()

    def report(self, done: int, total: int | None, message: str, **extra: Any) -> None:
        """Say that `done` of `total` (None = nobody knows) is done; `message` is what is being done, in words.

        Stored at most twice a second, the last one always; rate (a second) and seconds_left are worked out over the
        present stage unless `extra` brings better ones.
        """
        pace = self._pace.at(done, total, time.monotonic())
        with self._lock:
            self._unwritten = {"done": done, "total": total, "message": message, **pace, **extra}

    def check(self) -> None:
        """Raise Cancelled when the job is to end and throw away what it has; call it between two units of work."""
        if self.cancel == "discard":
            raise Cancelled

    def step(self, done: int, total: int | None, message: str) -> None:
        """`check`, then `report`."""
        self.check()
        self.report(done, total, message)

    def take_report(self) -> dict[str, Any] | None:
        """The newest report that was not taken before; None = nothing new. For the heartbeat."""
        with self._lock:
            taken, self._unwritten = self._unwritten, None
        return taken


class Pace:
    """How fast the present stage of a job goes; a stage begins when the total changes or the count falls back.

    >>> pace = Pace()
    >>> pace.at(0, 100, 10.0), pace.at(20, 100, 12.0)
    ({}, {'rate': 10.0, 'seconds_left': 8.0})
    """

    def __init__(self) -> None:
        self._total: int | None = None
        self._first: tuple[int, float] | None = None
        self._done = 0

    def at(self, done: int, total: int | None, now_s: float) -> dict[str, float]:
        """{rate: units a second, seconds_left} since the stage began; empty while too little is known."""
        if self._first is None or total != self._total or done < self._done:
            self._total, self._first = total, (done, now_s)
        self._done = done
        n, seconds = done - self._first[0], now_s - self._first[1]
        if n <= 0 or seconds < 0.5:
            return {}
        rate = n / seconds
        return {"rate": rate} | ({"seconds_left": max(0, total - done) / rate} if total else {})
