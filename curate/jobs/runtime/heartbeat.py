"""The thread beside a job's work: stores progress, log lines and heartbeats, and reads requests to cancel."""

import logging
import os
import signal
import threading
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import NoReturn

from sqlalchemy.exc import OperationalError

from curate.catalog import jobs as rows
from curate.jobs.context import JobContext

TICK_S = 0.5
BEAT_S = 2.0
GRACE_S = 2.0  # between "discard" and the end, for work that calls `check` and tidies up behind itself

_log = logging.getLogger(__name__)


class Heartbeat:
    """Runs while its `with` block does; ends the whole process when the row is no longer running or is discarded."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._last_beat = time.monotonic()
        self._discard_at: float | None = None
        self._last_message = ""

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        while not self._stopping.wait(TICK_S):
            try:
                is_running = self._write()
                if not is_running:
                    end_at_once()  # the job was found silent, or was ended otherwise
                self._obey_cancel()
            except OperationalError as error:  # the database is away or locked: the work goes on
                _log.warning("no sign of life could be stored: %s", error)
            except OSError:  # the log cannot be written: the disk is full
                continue

    def _write(self) -> bool:
        report = self._context.take_report()
        now = time.monotonic()
        if report is None and now - self._last_beat < BEAT_S:
            return True
        self._last_beat = now
        if report is None:
            return rows.beat(self._context.job_id)
        if report["message"] != self._last_message:
            self._last_message = report["message"]
            print(f"{datetime.now(UTC):%H:%M:%S} UTC  {self._last_message}", flush=True)
        return rows.report(self._context.job_id, report)

    def _obey_cancel(self) -> None:
        self._context.cancel = rows.find_job(self._context.job_id).cancel
        if self._context.cancel != "discard":
            return
        self._discard_at = self._discard_at or time.monotonic()
        if time.monotonic() - self._discard_at > GRACE_S:
            rows.mark_cancelled(self._context.job_id)
            end_at_once()


def end_at_once() -> NoReturn:
    """End this process and, when it leads a session of its own as jobs do, everything that it started."""
    if os.getsid(0) == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
