"""Sources that are searched: a module with one class each, named by its entry in `gather.search_sources`."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from curate.catalog.candidates import Found
from curate.catalog.gatherings import SearchRow
from curate.errors import CurateError
from curate.gather.search_sources import find_source

Pause = Callable[[float, str], None]  # (seconds, why): waits that long, or raises when the gathering is to end


class SearchFailed(CurateError):
    """A source could not be read to its end; what it brought so far is kept, and it can be gone on with later."""


class NoConnection(SearchFailed):
    """A source cannot be reached at all, so that its other queries need not be tried."""


@dataclass(frozen=True)
class Page:
    """A page of results in the source's order; `cursor`: what its next page is asked with; `is_last`: there is none."""

    found: list[Found]
    cursor: int
    is_last: bool


class Search(Protocol):
    """What a source has to offer; one object serves a whole gathering, from one thread at a time."""

    def find(self, search: SearchRow, pause: Pause) -> Page:
        """The page that `search.cursor` asks for (None = the first). Raises SearchFailed."""

    def close(self) -> None:
        """Let go what is held open."""


def make_search(name: str) -> Search:
    """A fresh object of that source. Raises NotFound."""
    module, _, member = find_source(name).path.partition(":")
    made: Search = getattr(importlib.import_module(module), member)()
    return made
