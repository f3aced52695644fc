"""Work that outlives a page: enqueue it, watch its row, cancel it. Importing this imports neither Dask nor torch."""

from curate.catalog.jobs import JobRow, find_job, list_jobs
from curate.jobs.client import cancel, enqueue, log_tail, retry
from curate.jobs.context import Cancelled, JobContext

__all__ = ["Cancelled", "JobContext", "JobRow", "cancel", "enqueue", "find_job", "list_jobs", "log_tail", "retry"]
