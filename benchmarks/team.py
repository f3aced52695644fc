"""A team at work: simulated reviewers in one review session, two decisions a second each, over HTTP.

    python -m benchmarks.team [--quick]

50 reviewers for five minutes (quick: 20 s) against one running app, once on SQLite and once on PostgreSQL (as it is
shipped: every commit waits for the disk), then twice as many. Each takes batches of 24 pictures and decides on one
every half second, having begun at some moment of the first twelve; the app and the reviewers share this machine.
p99_ms: from the moment a decision was due to be sent until it was acknowledged, by when it is on disk; a reviewer who
waits falls behind, and what they send late counts from when it was due. sent, stored: decisions acknowledged, and those
of them that are in the database exactly once. double_claims: pictures that were given to two reviewers. late_share: of
decisions, those not sent within a second.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from benchmarks import grid_data
from benchmarks.pages import ROOT, rss_mb, serving
from curate.catalog import database
from curate.catalog.tables.core import Decision
from curate.review import tokens
from curate.review.listing.views import View
from curate.review.team import sessions
from curate.review.team.sessions import Terms
from tests import postgres

N_REVIEWERS = 50
PAUSE_S = 0.5
BATCH_SIZE = 24
LATE_S = 1.0


@dataclass
class Counts:
    """What the reviewers of one round saw."""

    waits_ms: list[float] = field(default_factory=list)
    batch_ms: list[float] = field(default_factory=list)
    sent: set[tuple[str, int, int]] = field(default_factory=set)  # client, number, image
    refused: Counter[int] = field(default_factory=Counter)
    given: Counter[int] = field(default_factory=Counter)
    n_late: int = 0
    n_again: int = 0


@dataclass
class Reviewer:
    """One simulated person with a browser window."""

    name: str
    http: httpx.AsyncClient
    path: str
    counts: Counts
    since: int
    token: str
    seq: int = 0

    async def work(self, begins_at: float, ends_at: float) -> None:
        """Take batches and decide on a picture every half second, beginning somewhere in the time of the first one."""
        due = begins_at + random.random() * BATCH_SIZE * PAUSE_S  # noqa: S311
        images: list[int] = []
        while due < ends_at:
            images = images or await self._take_batch()
            if not images:
                return
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self._decide(images.pop(0), due)
            due += PAUSE_S

    async def _take_batch(self) -> list[int]:
        began = time.perf_counter()
        answer = await self._post("handful", {"n": BATCH_SIZE})
        self.counts.batch_ms.append((time.perf_counter() - began) * 1000)
        image_ids: list[int] = answer.json()["image_ids"]
        self.counts.given.update(image_ids)
        return image_ids

    async def _decide(self, image_id: int, due: float) -> None:
        self.seq += 1
        client = f"window of {self.name}"
        self.counts.n_late += time.perf_counter() - due > LATE_S
        op = {"seq": self.seq, "image_ids": [image_id], "action": random.choice(("keep", "delete"))}  # noqa: S311
        body = {"client": client, "since": self.since, "run_id": None, "ops": [op]}
        answer = await self._post("decisions", body)
        self.counts.waits_ms.append((time.perf_counter() - due) * 1000)
        if answer.status_code == 200:
            self.counts.sent.add((client, self.seq, image_id))
            self.since = answer.json()["revision"]
        else:
            self.counts.refused[answer.status_code] += 1

    async def _post(self, what: str, fields: dict[str, Any]) -> httpx.Response:
        headers = {tokens.HEADER: self.token}
        while True:
            try:
                return await self.http.post(f"{self.path}/{what}", json=fields, headers=headers)
            except httpx.TransportError:  # sent again, as the grid does: the same number is stored once
                self.counts.n_again += 1


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 seconds instead of five minutes")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database")
    parser.add_argument("--seconds", type=float, help="as long as that")
    args = parser.parse_args()
    seconds = args.seconds or (20.0 if args.quick else 300.0)
    result = {}
    if args.only != "postgresql":
        result["sqlite"] = measure(seconds)
    if args.only != "sqlite" and postgres.programs() is not None:
        server = postgres.Server(is_hasty=False)
        server.create("team")
        os.environ["CURATE_DATABASE_URL"] = server.url("team")
        result["postgresql"] = measure(seconds)
        database.engine().dispose()
        server.close()
    print(json.dumps(result))


def measure(seconds: float) -> dict[str, Any]:
    """Both rounds on the database that the settings name."""
    with tempfile.TemporaryDirectory(prefix="curate-bench-") as folder:
        os.environ["CURATE_HOME"] = folder
        n_images = int(3.3 * N_REVIEWERS * seconds / PAUSE_S) + 3 * 24 * N_REVIEWERS
        project_id, run_id = grid_data.make_project("Team", n_images)
        with serving(ROOT / "Home.py", Path(folder)) as (url, process):
            rounds = []
            for n in (N_REVIEWERS, 2 * N_REVIEWERS):
                before_s = cpu_s(process.pid)
                figures = asyncio.run(run_round(url, project_id, run_id, n, seconds))
                figures["server_cores"] = round((cpu_s(process.pid) - before_s) / seconds, 2)
                figures["server_mb"] = rss_mb(process.pid)
                print(json.dumps({f"{n} reviewers": figures}), flush=True)
                rounds.append(figures)
    return {**rounds[0], "twice": rounds[1]}


async def run_round(url: str, project_id: int, run_id: int, n: int, seconds: float) -> dict[str, Any]:
    """That many reviewers for so long, in a session of their own."""
    view = View(run_id, "loss", reviewed="no")
    session_id = sessions.create(project_id, "benchmark", Terms(f"{n} at work", view))
    counts = Counts()
    path = f"/api/projects/{project_id}/sessions/{session_id}"
    since = newest_decision(project_id)
    async with AsyncExitStack() as windows:
        people = []
        for i in range(n):  # a connection each: a pool that all share looks at every one of them at each request
            http = await windows.enter_async_context(httpx.AsyncClient(base_url=url, timeout=60, verify=False))  # noqa: S501 (http)
            name = f"{n} {i:03d}"
            people.append(Reviewer(name, http, path, counts, since=since, token=tokens.sign(name)))
        begins_at = time.perf_counter() + 0.5
        await asyncio.gather(*(one.work(begins_at, begins_at + seconds) for one in people))
    return summary(counts, project_id, session_id)


def summary(counts: Counts, project_id: int, session_id: int) -> dict[str, Any]:
    """The figures of a round, with what the database holds."""
    waits, batch_times = sorted(counts.waits_ms), sorted(counts.batch_ms)
    clients = {client for client, _, _ in counts.sent}
    with database.reading() as session:
        query = select(Decision.client, Decision.seq, Decision.image_id).where(
            Decision.project_id == project_id, Decision.client.in_(clients)
        )
        stored = Counter(tuple(row) for row in session.execute(query))
    return {
        "p99_ms": at_share(waits, 0.99),
        "median_ms": at_share(waits, 0.5),
        "sent": len(counts.sent),
        "stored": sum(1 for key in counts.sent if stored[key] == 1),
        "double_claims": sum(1 for n in counts.given.values() if n > 1),
        "refused": dict(counts.refused),
        "sent_again": counts.n_again,
        "batch_p99_ms": at_share(batch_times, 0.99),
        "late_share": round(counts.n_late / max(1, len(waits)), 4),
        "settled": sessions.find(session_id).n_done,
    }


def at_share(ordered: list[float], share: float) -> float:
    """The value below which that share of an ascending list lies."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def newest_decision(project_id: int) -> int:
    """Where a window that is opened now begins to listen."""
    with database.reading() as session:
        return session.scalar(select(func.max(Decision.id)).where(Decision.project_id == project_id)) or 0


def cpu_s(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
