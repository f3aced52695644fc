"""One round of a gathering: results are searched for, taken up and fetched, all at once, and how each ended is stored.

One thread sources, coroutines download, threads decode (Pillow works outside Python's lock); outcomes go to the
catalog in batches.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from threadpoolctl import threadpool_limits

from curate import store
from curate.catalog import candidates, gatherings, images
from curate.catalog.candidates import CandidateRow, Outcome
from curate.catalog.gatherings import SearchRow
from curate.catalog.images import NewBlob
from curate.gather.downloader import Downloader
from curate.gather.limits import Limits
from curate.gather.refused import Refused
from curate.gather.store_download import take_in
from curate.gather.watch import Watch

TICK_S = 0.5  # between two reports, and two writes: a killed gathering fetches again what ended since the last one
_READ_AT_ONCE = 200
# Pillow decodes outside Python's lock. Processes of their own would cost a third more (start, and passing bodies on).
_THREADS = max(2, os.cpu_count() or 1)


class Sources(Protocol):
    """Reads pages for a round; see collect.py."""

    failed: set[int]
    waits_for: str

    def read_page(self, search: SearchRow) -> tuple[int, int]:
        """How many results the search's next page has, and how many of them are to be fetched; they are stored then."""


class Round:
    """What is under way in one round."""

    def __init__(self, gathering_id: int, limits: Limits, folder: Path, sources: Sources, watch: Watch) -> None:
        self._gathering_id = gathering_id
        self._limits = limits
        self._folder = folder
        self._sources = sources
        self._watch = watch
        self._tallies = gatherings.tallies(gathering_id)
        self._fresh: list[tuple[Outcome, NewBlob | None]] = []
        self._queue: asyncio.Queue[CandidateRow | None] = asyncio.Queue(maxsize=_READ_AT_ONCE)
        self._pages = asyncio.Event()  # more may be due
        self._is_searched = False
        self._writing = asyncio.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="decode")

    async def run(self) -> None:
        """Return when every candidate of the round has ended, or early when the gathering is to end soon."""
        try:
            # Products of small matrices on several threads would wait for each other longer than they take.
            with threadpool_limits(1, "blas"):
                async with Downloader(self._limits, self._folder) as downloader:
                    await self._run(downloader)
        finally:
            await self._write()
            self._threads.shutdown(cancel_futures=True)

    async def _run(self, downloader: Downloader) -> None:
        n_workers = 2 * self._limits.at_once  # more than download at once: some wait for a slow host, others decode
        ticking: list[asyncio.Future[None]] = [
            asyncio.create_task(self._tick()),
            asyncio.create_task(self._keep_writing()),
        ]
        working = [
            asyncio.create_task(self._search()),
            asyncio.create_task(self._feed(n_workers)),
            *(asyncio.create_task(self._work(downloader)) for _ in range(n_workers)),
        ]
        work: asyncio.Future[list[None]] = asyncio.gather(*working)
        try:
            waited: list[asyncio.Future[Any]] = [*ticking, work]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            for ended in waited:
                if ended.done():  # ticking ends only by what it raises
                    ended.result()
        finally:
            for task in (*ticking, *working):
                task.cancel()
            await asyncio.gather(*ticking, *working, return_exceptions=True)

    async def _search(self) -> None:
        """Take up what is known, and read pages for the search that has found least while any lacks results.

        Which page is read next depends on the rows alone: two searches that find the same thing share it out alike
        however often they are interrupted.
        """
        rooms = await asyncio.to_thread(self._take_up_all)
        self._pages.set()
        while not self._watch.is_ending():
            searches = await asyncio.to_thread(gatherings.searches, self._gathering_id)
            open_ = [
                search
                for search in searches
                if rooms[search.number] and not search.is_exhausted and search.number not in self._sources.failed
            ]
            if not open_:
                break
            search = min(open_, key=lambda each: (self._tallies[each.number].n_found, each.number))
            n_found, n_waiting = await asyncio.to_thread(self._sources.read_page, search)
            self._count_found(search.number, n_found, n_waiting)
            rooms[search.number], _ = await asyncio.to_thread(
                candidates.take_up, self._gathering_id, search.number, search.n_wanted
            )
            self._pages.set()
        self._is_searched = True
        self._pages.set()

    def _count_found(self, number: int, n_found: int, n_waiting: int) -> None:
        tally = self._tallies[number]
        tally.n_found += n_found
        tally.n_waiting += n_waiting
        tally.n_refused += n_found - n_waiting

    def _take_up_all(self) -> dict[int, int]:
        """{search number: how many more results it could use in this round}."""
        return {
            search.number: candidates.take_up(self._gathering_id, search.number, search.n_wanted)[0]
            for search in gatherings.searches(self._gathering_id)
        }

    async def _feed(self, n_workers: int) -> None:
        """Hand what is due to the workers, in order, until nothing more can become due."""
        last_id = 0
        while not self._watch.is_ending():
            is_searched = self._is_searched  # before reading: what comes after a last page is read once more
            self._pages.clear()
            rows = await asyncio.to_thread(candidates.due, self._gathering_id, last_id, _READ_AT_ONCE)
            for row in rows:
                last_id = row.id
                await self._queue.put(row)
            if not rows and is_searched:
                break
            if not rows:
                await self._pages.wait()
        for _ in range(n_workers):
            await self._queue.put(None)

    async def _work(self, downloader: Downloader) -> None:
        while (row := await self._queue.get()) is not None:
            if self._watch.is_ending():
                continue
            outcome, blob = await self._fetch(downloader, row)
            self._count(row, outcome)
            self._fresh.append((outcome, blob))

    async def _fetch(self, downloader: Downloader, row: CandidateRow) -> tuple[Outcome, NewBlob | None]:
        try:
            body = await downloader.fetch(row.url)
            loop = asyncio.get_running_loop()
            arrived = await loop.run_in_executor(self._threads, take_in, body, self._limits)
        except Refused as error:
            return Outcome(row.id, None, error.reason, error.detail), None
        return Outcome(row.id, arrived.sha), NewBlob(**vars(arrived))

    def _count(self, row: CandidateRow, outcome: Outcome) -> None:
        tally = self._tallies[row.search]
        tally.n_waiting -= 1
        tally.n_fetched += outcome.reason is None
        tally.n_refused += outcome.reason is not None

    async def _write(self) -> None:
        """Store how downloads ended."""
        async with self._writing:
            fresh, self._fresh = self._fresh, []
            if not fresh:
                return
            await asyncio.to_thread(_record, [blob for _, blob in fresh if blob], [outcome for outcome, _ in fresh])

    async def _keep_writing(self) -> None:
        """Store what ended. Nobody waits for it: the disk may be busy with other people's files for seconds."""
        while True:
            await asyncio.sleep(TICK_S)
            await self._write()

    async def _tick(self) -> None:
        """Tell how far it is, and hear whether it is to end."""
        while True:
            await asyncio.sleep(TICK_S)
            self._watch.check()
            message = self._sources.waits_for or "Fetching pictures"
            self._watch.report(message, self._tallies)


def _record(blobs: list[NewBlob], outcomes: list[Outcome]) -> None:
    """First the pictures are on disk, then what is known of them, then that they are had."""
    if blobs:
        store.flush()
        images.add_blobs(blobs)
    candidates.record(outcomes)
