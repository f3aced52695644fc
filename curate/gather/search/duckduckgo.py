"""DuckDuckGo's image search, through the `ddgs` package. Says nothing of creators or licences."""

import os
from typing import Any

from ddgs import DDGS
from ddgs.exceptions import DDGSException, RatelimitException

from curate.catalog.candidates import Found
from curate.catalog.gatherings import SearchRow
from curate.gather.search import Page, Pause, SearchFailed
from curate.gather.search.connection import check_connection

# What ddgs passes on: words of DuckDuckGo's own.
OPTIONS: dict[str, tuple[str, ...]] = {
    "size": ("Small", "Medium", "Large", "Wallpaper"),
    "layout": ("Square", "Tall", "Wide"),
    "type_image": ("photo", "clipart", "gif", "transparent", "line"),
    "license_image": ("any", "Public", "Share", "ShareCommercially", "Modify", "ModifyCommercially"),
}
PAGE_SIZE = 100
MAX_PAGES = 10
_TRIES = 3
_BACK_OFF_S = 5.0  # it gives no Retry-After
_NOTHING = "No results found."


class DuckDuckGo:
    """Searches page by page. verify: False, or a file of certificates, as `DDGS` takes it."""

    def __init__(self, verify: bool | str = True) -> None:
        self._search = DDGS(timeout=20, verify=verify)
        self._is_reached = False

    def close(self) -> None:
        """Nothing is held open."""

    def find(self, search: SearchRow, pause: Pause) -> Page:
        """A page of up to 100 results, with title and landing page. Raises SearchFailed."""
        if not self._is_reached:
            check_connection("DuckDuckGo", "https://duckduckgo.com", os.environ.get("DDGS_PROXY"))
            self._is_reached = True
        page = (search.cursor or 0) + 1
        chosen = {name: search.options[name] for name in OPTIONS if search.options.get(name)}
        results = self._results(search.query, page, chosen, pause)
        if not results and page == 1:  # ddgs says the same of both
            raise SearchFailed(
                f"DuckDuckGo found nothing for {search.query}, or answers no more for now.",
                "Try other words, or resume later.",
            )
        return Page(
            [_found(result) for result in results if result.get("image")], page, not results or page >= MAX_PAGES
        )

    def _results(self, query: str, page: int, chosen: dict[str, str], pause: Pause) -> list[dict[str, Any]]:
        for n_tries in range(1, _TRIES + 1):
            try:
                # Without a backend named it would ask Bing as well, whose results have other rules.
                return self._search.images(query, page=page, max_results=None, backend="duckduckgo", **chosen)
            except DDGSException as error:
                if _NOTHING in str(error):
                    return []
                if n_tries == _TRIES:
                    limited = isinstance(error, RatelimitException)
                    why = "allows no more requests for now" if limited else f"did not answer: {str(error)[:200]}"
                    raise SearchFailed(f"DuckDuckGo {why}.", "Resume later.") from error
            pause(_BACK_OFF_S * n_tries, "DuckDuckGo")
        return []


def _found(result: dict[str, Any]) -> Found:
    named = {"title": "title", "landing_page": "url", "provider": "source"}
    credit = {name: str(result[key]) for name, key in named.items() if result.get(key)}
    return Found(str(result["image"]), credit, str(result.get("thumbnail") or ""))
