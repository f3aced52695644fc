"""A gathering, from its searches to images of the project: search and download in rounds, settle, enter.

A round takes up as many results of each search as are still wanted, fetches all of them, and only then decides on
duplicates; what they cost is made good in the next round. Searching and downloading go on at once. Everything is in the
catalog's rows, so that a gathering goes on after a kill, from the last finished addresses.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from curate import store
from curate.catalog import candidates, gatherings
from curate.catalog.gatherings import GatheringRow, SearchRow
from curate.gather.fetch_round import Round
from curate.gather.limits import Limits
from curate.gather.search import NoConnection, Search, SearchFailed, make_search
from curate.gather.settling import enter_chosen, settle
from curate.gather.watch import Watch

MOST_ROUNDS = 50


@dataclass
class GatherResult:
    """What a gathering brought. n_short: how many fewer than wanted; notes: (label, why it brought fewer); is_open:
    it was stopped, or a source failed, so that it can be gone on with."""

    gathering_id: int
    version_id: int = 0
    n_found: int = 0
    n_kept: int = 0
    n_refused: int = 0
    n_near_duplicate_groups: int = 0
    is_open: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What the job row stores."""
        return asdict(self)


def preview(gathering_id: int, watch: Watch) -> None:
    """Search the first page of every search that was not asked yet; nothing is downloaded."""
    with _Sources(gathering_id, watch) as sources:
        for search in gatherings.searches(gathering_id):
            watch.check()
            watch.report(f"Searching for {search.query}", gatherings.tallies(gathering_id))
            if search.cursor is None and not search.is_exhausted:
                sources.read_page(search)


def gather(gathering_id: int, watch: Watch) -> GatherResult:
    """Do what is left of a gathering. What `watch.check` raises ends it; nothing that was fetched is lost by that.

    Raises NotFound.
    """
    gathering = gatherings.find_gathering(gathering_id)
    if gathering.status == "done":  # it brought nothing, and its causes may have been mended
        candidates.try_again(gathering_id)
    gatherings.set_status(gathering_id, "open")
    limits = Limits.from_json(gathering.limits)
    with _Sources(gathering_id, watch) as sources:
        for _ in range(MOST_ROUNDS):
            _fetch_round(gathering, limits, sources, watch)
            watch.report("Looking for duplicates", gatherings.tallies(gathering_id))
            settle(gathering, limits)
            watch.check()
            if watch.is_ending() or not _wants_more(gathering_id, sources.failed):
                break
        watch.report("Drawing the split", gatherings.tallies(gathering_id))
        entered = enter_chosen(gathering)
        is_open = watch.is_ending() or bool(sources.failed)
    if not is_open:
        candidates.end_gathering(gathering_id)
    return _result(gathering_id, entered.version_id, entered.n_near_duplicate_groups, is_open)


def _fetch_round(gathering: GatheringRow, limits: Limits, sources: "_Sources", watch: Watch) -> None:
    folder = store.incoming_folder()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(Round(gathering.id, limits, folder, sources, watch).run())
    finally:
        store.remove_incoming(folder)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, an eighth quicker with small pictures; where there is none (Windows), asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _wants_more(gathering_id: int, failed: set[int]) -> bool:
    """Whether a search still lacks pictures and there is something left to try for it."""
    tallies = gatherings.tallies(gathering_id)
    return any(
        (not search.is_exhausted or tallies[search.number].n_waiting)
        and search.number not in failed
        and (not search.n_wanted or tallies[search.number].n_fetched < search.n_wanted)
        for search in gatherings.searches(gathering_id)
    )


def _result(gathering_id: int, version_id: int, n_groups: int, is_open: bool) -> GatherResult:
    tallies, searches = gatherings.tallies(gathering_id), gatherings.searches(gathering_id)
    return GatherResult(
        gathering_id, version_id, n_near_duplicate_groups=n_groups, is_open=is_open,
        n_found=sum(tally.n_found for tally in tallies.values()),
        n_kept=sum(tally.n_kept for tally in tallies.values()),
        n_refused=sum(tally.n_refused for tally in tallies.values()),
        notes=[(search.label, search.note) for search in searches if search.note],
    )  # fmt: skip


class _Sources:
    """The sources of a gathering, each made once, and the searches that could not be searched to their end."""

    def __init__(self, gathering_id: int, watch: Watch) -> None:
        self._gathering_id = gathering_id
        self._watch = watch
        self._made: dict[str, Search] = {}
        self._unreachable: dict[str, NoConnection] = {}
        self.failed: set[int] = set()
        self.waits_for = ""

    def __enter__(self) -> "_Sources":
        return self

    def __exit__(self, *_error: object) -> None:
        for search in self._made.values():
            search.close()

    def read_page(self, search: SearchRow) -> tuple[int, int]:
        """Store the search's next page; (how many results it has, how many of them are to be fetched).

        A failure becomes the search's note.
        """
        if search.source not in self._made:
            self._made[search.source] = make_search(search.source)
        try:
            if search.source in self._unreachable:
                raise self._unreachable[search.source]
            page = self._made[search.source].find(search, self._pause)
        except SearchFailed as error:
            if isinstance(error, NoConnection):
                self._unreachable[search.source] = error
            self.failed.add(search.number)
            gatherings.set_note(self._gathering_id, search.number, f"{error} {error.hint}".strip())
            return 0, 0
        n_waiting = candidates.add_found(self._gathering_id, search.number, page.found, page.cursor, page.is_last)
        return len(page.found), n_waiting

    def _pause(self, seconds: float, why: str) -> None:
        self.waits_for = f"{why} asks to wait {seconds:.0f} s"
        try:
            self._watch.sleep(seconds)
        finally:
            self.waits_for = ""
