"""Runs a job here and now, without a server, for the command line."""

import sys
import threading
from typing import TextIO

from curate import store
from curate.catalog import jobs as rows
from curate.catalog.jobs import JobRow
from curate.cli.terminal import Bar
from curate.errors import JobFailed
from curate.jobs.client import cancel
from curate.jobs.runtime.worker import environment, run_in_process

POLL_S = 0.3


def run_here(job_id: int, screen: TextIO | None = None) -> JobRow:
    """Run a job; returns its row when it is done; its progress goes to `screen` (None = stderr).

    Ctrl-C cancels the job and discards its work. The job runs in a process of its own, as on a server; if a server
    starts it first, this watches it. Raises JobFailed when the job ends without its result.
    """
    watcher = threading.Thread(target=run_in_process, args=(job_id, environment()), daemon=True)
    watcher.start()
    bar = Bar(screen or sys.stderr)
    try:
        while watcher.is_alive():
            watcher.join(POLL_S)
            bar.show(rows.find_job(job_id).progress)
    except KeyboardInterrupt:
        cancel(job_id)
        watcher.join()
    finally:
        bar.close()
    row = rows.find_job(job_id)
    if row.status != "done":
        raise JobFailed(row.message or "The job was cancelled.", f"Its log is {store.job_folder(job_id) / 'log.txt'}.")
    return row
