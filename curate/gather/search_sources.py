"""The sources that are searched, one entry each. It imports no source, so that forms and `--help` stay quick."""

from dataclasses import dataclass

from curate.errors import NotFound


@dataclass(frozen=True)
class SearchSource:
    """A source.  path: module:class, imported when needed.  title: its name on the screen.  by_words: people search it
    by words, on the page and with `curate gather --source`; else another form feeds it."""

    path: str
    title: str
    by_words: bool = True


SEARCHES = {
    "openverse": SearchSource("curate.gather.search.openverse:Openverse", "Openverse"),
    "duckduckgo": SearchSource("curate.gather.search.duckduckgo:DuckDuckGo", "DuckDuckGo"),
    "urls": SearchSource("curate.gather.search.url_list:UrlList", "URL list", by_words=False),
}
BY_WORDS = tuple(name for name, source in SEARCHES.items() if source.by_words)


def find_source(name: str) -> SearchSource:
    """Returns the source of that name. Raises NotFound."""
    if name not in SEARCHES:
        raise NotFound(f"There is no source named {name!r:.50}.", f"There are {', '.join(SEARCHES)}.")
    return SEARCHES[name]
