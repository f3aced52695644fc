"""GET /events: jobs as they end, as server-sent events. A client that was cut off goes on with `Last-Event-ID`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

from anyio import to_thread
from pydantic import Field
from starlette.responses import StreamingResponse

from curate.catalog import jobs as job_rows
from curate.catalog.tables.core import now
from curate.errors import Busy
from curate.server import quiet_loop
from curate.server.answering import FRESH
from curate.server.api import callers, jobs, slugs
from curate.server.api.fields import Fields
from curate.server.api.operations import Call, Operation

TYPE = "text/event-stream"
MOST_STREAMS = 50
LOOK_S = 1.0
BEAT_S = 15.0  # between two signs of life, at which the caller's token is looked up again
LONGEST_S = 3_600.0
_OVERLAP = timedelta(seconds=5)  # for which a job's end may be seen later than that of one that ended after it


class EventsQuery(Fields):
    """Whose jobs."""

    project: str | None = Field(None, min_length=1, max_length=400, description="slug or number of a project")


def operations() -> list[Operation]:
    """GET /events."""
    return [
        Operation(
            method="GET", path="/events", scope="read", answer=stream_events, reply=TYPE, query=EventsQuery,
            summary="Jobs as they end", refusals=(404,),
            description="Server-sent events: `event` is done, failed or cancelled, `data` the job as `GET /jobs/{job}` "
            "has it. With the header `Last-Event-ID` it goes on after that event; a stream ends after an hour.",
        )
    ]  # fmt: skip


class _Open:
    n = 0


async def stream_events(call: Call) -> StreamingResponse:
    """The stream, until the client leaves, the server ends, or the token is revoked."""
    if _Open.n >= MOST_STREAMS:
        raise Busy("Too many clients listen to events.", "Ask again later, or look at the jobs.")
    project = call.query.project
    project_id = None if project is None else (await to_thread.run_sync(slugs.find_project, project)).id
    since = _moment(call.request.headers.get("last-event-id", "")) or now()

    def may_listen() -> bool:
        callers.identify(call.request, "read")
        return True

    return StreamingResponse(_counted(events(since, project_id, may_listen)), headers=FRESH, media_type=TYPE)


async def _counted(stream: AsyncIterator[str]) -> AsyncIterator[str]:
    _Open.n += 1
    try:
        async for piece in stream:
            yield piece
    finally:
        _Open.n -= 1


async def events(since: datetime, project_id: int | None, may_listen: Callable[[], bool]) -> AsyncIterator[str]:
    """The jobs that ended after a moment, each as it ends. may_listen: raises for a caller that is refused by now."""
    ends_at, beat_at = time.monotonic() + LONGEST_S, time.monotonic() + BEAT_S
    sent = {row.id for row in await to_thread.run_sync(job_rows.ended_after, since - _OVERLAP) if _end(row) <= since}
    yield f"retry: {int(LOOK_S * 2_000)}\n\n"
    while time.monotonic() < ends_at and not quiet_loop.is_ending():
        for row in await to_thread.run_sync(job_rows.ended_after, since - _OVERLAP):
            since = max(since, _end(row))
            if row.id not in sent and project_id in (None, row.project_id):
                yield await to_thread.run_sync(_event, row, since)
            sent.add(row.id)
        if time.monotonic() > beat_at:
            await to_thread.run_sync(may_listen)
            yield ": still here\n\n"
            beat_at = time.monotonic() + BEAT_S
        await asyncio.sleep(LOOK_S)


def _event(row: job_rows.JobRow, since: datetime) -> str:
    data = jobs.find(row.id).model_dump_json()
    return f"event: {row.status}\nid: {_id(since)}\ndata: {data}\n\n"


def _end(row: job_rows.JobRow) -> datetime:
    assert row.finished_at is not None
    return row.finished_at


def _id(moment: datetime) -> str:
    """Microseconds since 1970."""
    return str(int(moment.timestamp()) * 1_000_000 + moment.microsecond)


def _moment(text: str) -> datetime | None:
    """What `_id` wrote; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 17):
        return None
    return datetime.fromtimestamp(int(text) // 1_000_000, UTC) + timedelta(microseconds=int(text) % 1_000_000)
