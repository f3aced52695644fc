"""The table of sources, and the example of a further one in docs/adding-a-source.md."""

import json
import re
from pathlib import Path

import click
import pytest

from curate.catalog.gatherings import SearchRow
from curate.cli import gather_arguments
from curate.errors import NotFound
from curate.gather.search import make_search
from curate.gather.search_sources import BY_WORDS, SEARCHES
from tests.gather.web import Site, send_json, serving

EXAMPLE = Path(__file__).parents[2] / "docs" / "adding-a-source.md"


@pytest.mark.parametrize("name", SEARCHES)
def test_every_source_of_the_table_can_be_made(name: str) -> None:
    made = make_search(name)
    assert callable(made.find)
    made.close()


def test_an_unknown_source_is_told_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="no source named 'altavista'") as error:
        make_search("altavista")
    assert error.value.hint == "There are openverse, duckduckgo, urls."


def test_every_source_searched_by_words_is_on_the_page_and_the_command_line() -> None:
    [option] = [each for each in gather_arguments.gather.params if each.name == "source"]
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == BY_WORDS == ("openverse", "duckduckgo")


def test_the_example_of_a_further_source_works_and_is_short() -> None:
    [source] = re.findall(r"```python\n(.*?)```", EXAMPLE.read_text(), re.DOTALL)
    assert len(source.splitlines()) < 60
    module: dict[str, object] = {}
    exec(compile(source, "commons.py", "exec"), module)
    page = {"title": "File:Dog.jpg", "imageinfo": [{"url": "https://x.org/dog.jpg", "descriptionurl": "https://x.org/dog",
            "thumburl": "https://x.org/small.jpg", "extmetadata": {"Artist": {"value": "Ada"}}}]}  # fmt: skip
    with serving(Site()) as site:
        answer = {"query": {"pages": {"7": page}}}
        module["API"] = site.add("/w/api.php", lambda handler: send_json(handler, 200, answer))
        search = module["Commons"]()  # type: ignore[operator]
        found = search.find(SearchRow("dogs", "dog", 5, "commons"), lambda seconds, why: None)
        search.close()
    assert (found.is_last, found.found[0].url, found.found[0].credit["creator"]) == (
        True,
        "https://x.org/dog.jpg",
        "Ada",
    )
    assert site.queries[0]["gsrsearch"] == "filetype:bitmap dog" and json.dumps(found.found[0].credit)
