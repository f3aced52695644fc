"""The Openverse client against a server that follows the API's schema, its paging, limits and error bodies."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from curate.catalog.gatherings import SearchRow
from curate.gather.search import SearchFailed
from curate.gather.search.openverse import Openverse, register
from tests.gather.web import OpenverseSite, serving


@pytest.fixture
def site(picture: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenverseSite]:
    with serving(OpenverseSite(45, picture)) as openverse:
        monkeypatch.setenv("CURATE_OPENVERSE_URL", openverse.url + "/")
        yield openverse  # type: ignore[misc]


@pytest.fixture
def openverse(site: OpenverseSite) -> Iterator[Openverse]:
    client = Openverse()
    yield client
    client.close()


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_OPENVERSE_ID", "id")
    monkeypatch.setenv("CURATE_OPENVERSE_SECRET", "key")


def search_row(cursor: int | None = None, **options: Any) -> SearchRow:
    return SearchRow("chihuahua", "chihuahua dog", 200, "openverse", options, cursor=cursor)


def no_pause(_seconds: float, _why: str) -> None:
    raise AssertionError("nothing asked to wait")


def test_pages_are_read_one_after_the_other_until_the_last(openverse: Openverse, site: OpenverseSite) -> None:
    pages = [openverse.find(search_row(cursor), no_pause) for cursor in (None, 1, 2)]
    assert [len(page.found) for page in pages] == [20, 20, 5]
    assert [page.is_last for page in pages] == [False, False, True]
    assert [page.cursor for page in pages] == [1, 2, 3]
    assert site.queries[0] == {"q": "chihuahua dog", "page": "1", "page_size": "20"}


def test_who_made_a_picture_its_licence_and_its_page_come_along(openverse: Openverse, site: OpenverseSite) -> None:
    found = openverse.find(search_row(), no_pause).found[3]
    assert found.url == f"{site.url}/pictures/3.png"
    assert found.same_as == "openverse:00000000-0000-4000-8000-000000000003"
    assert found.credit == {
        "title": "Picture 3", "creator": "Ada", "creator_url": "https://example.org/ada", "licence": "CC BY-SA 4.0",
        "licence_url": "https://creativecommons.org/licenses/by-sa/4.0/", "landing_page": "https://example.org/photos/3",
        "attribution": '"Picture 3" by Ada', "provider": "flickr",
    }  # fmt: skip


def test_filters_are_sent_as_the_api_names_them(openverse: Openverse, site: OpenverseSite) -> None:
    options: dict[str, Any] = {
               "license_type": ["commercial", "modification"], "license": ["by", "cc0"], "size": ["medium", "large"],
               "aspect_ratio": ["tall"], "extension": ["jpg"], "source": "flickr,met"}  # fmt: skip
    openverse.find(search_row(**options), no_pause)
    sent = site.queries[0]
    assert (sent["license_type"], sent["license"], sent["size"]) == (
        "commercial,modification",
        "by,cc0",
        "medium,large",
    )
    assert (sent["aspect_ratio"], sent["extension"], sent["source"]) == ("tall", "jpg", "flickr,met")


def test_a_filter_the_api_does_not_know_is_told_in_its_own_words(openverse: Openverse) -> None:
    with pytest.raises(SearchFailed, match=r"\(400\): size: Invalid value: huge\."):
        openverse.find(search_row(size="huge"), no_pause)


def test_retry_after_is_obeyed(openverse: Openverse, site: OpenverseSite) -> None:
    site.throttled = ["7", "2"]
    waits: list[float] = []
    assert len(openverse.find(search_row(), lambda seconds, why: waits.append(seconds)).found) == 20
    assert waits == [7.0, 2.0]


def test_a_day_long_pause_ends_the_search_with_a_sentence(openverse: Openverse, site: OpenverseSite) -> None:
    site.throttled = ["36000"]
    with pytest.raises(SearchFailed, match="allows no more requests for 10.0 hours"):
        openverse.find(search_row(), no_pause)


def test_nobody_sees_more_than_240_results_and_no_request_is_wasted_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(OpenverseSite(1_000, lambda number: b"")) as site:
        monkeypatch.setenv("CURATE_OPENVERSE_URL", site.url)
        openverse, cursor, n = Openverse(), None, 0
        while True:
            page = openverse.find(search_row(cursor), no_pause)
            cursor, n = page.cursor, n + len(page.found)
            if page.is_last:
                break
        openverse.close()
    assert (n, cursor, len(site.queries)) == (240, 12, 12)


@pytest.mark.usefixtures("registered")
def test_a_registered_client_gets_larger_pages_and_as_many_results(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(OpenverseSite(1_000, lambda number: b"")) as site:
        monkeypatch.setenv("CURATE_OPENVERSE_URL", site.url)
        with closing(Openverse()) as openverse:
            pages = [openverse.find(search_row(cursor), no_pause) for cursor in (None, 1, 2, 3, 4)]
    assert [len(page.found) for page in pages] == [48] * 5
    assert [page.is_last for page in pages] == [False, False, False, False, True]
    assert site.asked["/v1/auth_tokens/token/"] == 1


@pytest.mark.usefixtures("registered")
def test_a_token_that_ran_out_is_renewed(openverse: Openverse, site: OpenverseSite) -> None:
    openverse.find(search_row(), no_pause)
    site.tokens.clear()
    assert len(openverse.find(search_row(), no_pause).found) == 45
    assert site.asked["/v1/auth_tokens/token/"] == 2


def test_a_wrong_secret_is_told(openverse: Openverse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_OPENVERSE_ID", "id")
    monkeypatch.setenv("CURATE_OPENVERSE_SECRET", "wrong")
    with pytest.raises(SearchFailed, match="does not know this client: invalid_client") as failed:
        openverse.find(search_row(), no_pause)
    assert "CURATE_OPENVERSE_SECRET" in failed.value.hint


def test_a_server_that_answers_503_four_times_is_given_up(openverse: Openverse, site: OpenverseSite) -> None:
    site.answers["/v1/images/"] = lambda handler: handler.send_error(503)
    waits: list[float] = []
    with pytest.raises(SearchFailed, match=r"\(503\)"):
        openverse.find(search_row(), lambda seconds, why: waits.append(seconds))
    assert waits == [2.0, 4.0, 8.0]


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_OPENVERSE_URL", "http://127.0.0.1:9")
    with closing(Openverse()) as openverse, pytest.raises(SearchFailed, match="Openverse cannot be reached"):
        openverse.find(search_row(), lambda seconds, why: None)


def test_a_client_can_be_registered_and_a_taken_name_is_told(site: OpenverseSite) -> None:
    assert register("mine", "A project", "ada@example.org")["client_secret"] == "key"
    with pytest.raises(SearchFailed, match="An application with this name already exists"):
        register("taken", "A project", "ada@example.org")
