"""Work that outlives a page: submit it, watch its row, cancel it. Importing this imports neither Dask nor torch."""

from curate.catalog.jobs import JobRow, find_job, list_jobs
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.queue import cancel, log_tail, retry, submit

__all__ = ["Cancelled", "JobContext", "JobRow", "cancel", "find_job", "list_jobs", "log_tail", "retry", "submit"]
