"""The stream of jobs that end: each once, in order, also after a cut; and a server that ends does not wait for it."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from curate import jobs
from curate.catalog import jobs as job_rows
from curate.catalog.tables.core import now
from curate.server.api import events
from curate.server.api.problems import Unauthorized


def finished(project_id: int | None = None) -> int:
    job_id = jobs.enqueue("rehearsal", project_id, {})
    job_rows.start(job_id)
    job_rows.finish(job_id, {})
    return job_id


def collect(n: int, since: datetime, project_id: int | None = None) -> list[tuple[str, str, Any]]:
    """The first n events (event, id, job)."""

    async def run() -> list[tuple[str, str, Any]]:
        stream: AsyncIterator[str] = events.events(since, project_id, lambda: True)
        found: list[tuple[str, str, Any]] = []
        async for piece in stream:
            if piece.startswith("event: "):
                kind, number, data = (line.partition(": ")[2] for line in piece.strip().splitlines())
                found.append((kind, number, json.loads(data)))
            if len(found) == n:
                break
        return found

    return asyncio.run(asyncio.wait_for(run(), 20))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOK_S", 0.05)


@pytest.mark.usefixtures("either_database")
def test_jobs_are_told_once_each_as_they_end(small_project: Any) -> None:
    finished()  # before anybody listens
    since = now()
    later: list[int] = []
    thread = threading.Timer(0.3, lambda: later.extend([finished(), finished(small_project.id)]))
    thread.start()
    told = collect(2, since)
    thread.join()
    assert [(kind, job["id"], job["project"]) for kind, _, job in told] == [
        ("done", later[0], None),
        ("done", later[1], "pets"),
    ]
    third = finished()
    assert [job["id"] for _, _, job in collect(2, events._moment(told[0][1]))] == [later[1], third]
    assert [job["id"] for _, _, job in collect(1, since, small_project.id)] == [later[1]]


def test_a_failed_and_a_cancelled_job_are_told_too() -> None:
    since = now()
    failed, cancelled = jobs.enqueue("rehearsal", None, {}), jobs.enqueue("rehearsal", None, {})
    job_rows.fail(failed, "It broke.")
    job_rows.ask_to_cancel(cancelled, "discard")
    assert [(kind, job["id"], job["message"]) for kind, _, job in collect(2, since)] == [
        ("failed", failed, "It broke."),
        ("cancelled", cancelled, None),
    ]


def test_the_stream_ends_when_the_token_is_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BEAT_S", 0.1)

    def refuse() -> bool:
        raise Unauthorized("This token is unknown, or was revoked.")

    async def listen() -> None:
        async for _ in events.events(now(), None, refuse):
            pass

    with pytest.raises(Unauthorized):
        asyncio.run(asyncio.wait_for(listen(), 10))


def test_an_events_id_is_its_moment_to_the_microsecond() -> None:
    moment = now()
    assert events._moment(events._id(moment)) == moment
    assert events._id(moment + timedelta(microseconds=1)) > events._id(moment)
    for other in ("", "x", "1" * 30, "-5", "٣"):
        assert events._moment(other) is None


def test_too_many_listeners_are_told_to_come_later(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_STREAMS", 0)
    answer = client.get("/api/v1/events")
    assert (answer.status_code, answer.json()["detail"]) == (429, "Too many clients listen to events.")


def test_a_real_server_streams_and_ends_although_somebody_listens(server: tuple[uvicorn.Server, str]) -> None:
    process, url = server
    with httpx.stream("GET", f"{url}/api/v1/events", timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines).startswith("retry: ")
        job_id = finished()
        data = next(line for line in lines if line.startswith("data: "))
        assert json.loads(data.removeprefix("data: "))["id"] == job_id
        process.should_exit = True
        began = time.monotonic()
        assert [line for line in lines if line.startswith("data: ")] == []
        assert time.monotonic() - began < 10
