"""The progress of a running job in words: what it does, how much is done, how long it still takes."""

from curate.jobs import JobRow
from curate.ui.rendering import formatting


def share_done(job: JobRow) -> float:
    """The share of the present stage that is done, in [0, 1]; 0 when it is unknown."""
    done, total = job.progress.get("done") or 0, job.progress.get("total") or 0
    return min(1.0, max(0.0, done / total)) if total else 0.0


def doing(job: JobRow) -> str:
    """What the job does at the moment, in its own words: plain text, not Markdown."""
    return str(job.progress.get("message") or "Starting")


def pace(job: JobRow) -> str:
    """How much of how much is done, and the time left; empty while neither is known."""
    done, total, left = (job.progress.get(name) for name in ("done", "total", "seconds_left"))
    parts = []
    if total:
        parts.append(f"{done or 0:,.0f} of {total:,.0f}")
    if left is not None:
        parts.append(f"{formatting.duration(left)} left")
    return " · ".join(parts)
