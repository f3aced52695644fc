"""A source that cannot be reached is known within five seconds, and named in plain words."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from curate.catalog import gatherings
from curate.catalog.gatherings import NewSearch
from curate.gather import gather_request
from curate.gather.collect import preview
from curate.gather.limits import Limits
from curate.gather.search import NoConnection, connection
from curate.gather.search.connection import check_connection
from curate.gather.watch import Watch


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def name_server_that_sleeps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every name takes a resolver's whole patience; the names that were asked for."""
    names: list[str] = []
    over = threading.Event()

    def resolve(host: str, *_args: object, **_options: object) -> None:
        names.append(host)
        over.wait(30)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield names
    over.set()


def test_a_name_server_that_does_not_answer_costs_three_seconds(name_server_that_sleeps: list[str]) -> None:
    began_at = time.monotonic()
    with pytest.raises(NoConnection, match="Openverse cannot be reached: api.openverse.org does not answer.") as error:
        check_connection("Openverse", "https://api.openverse.org")
    assert time.monotonic() - began_at < 5
    assert error.value.hint == "Check the server's connection to the internet, then resume."


def test_a_name_that_is_not_known_and_a_port_that_nobody_serves_are_told_apart() -> None:
    with pytest.raises(NoConnection, match="the name nowhere.invalid is not known here"):
        check_connection("Openverse", "https://nowhere.invalid")
    with pytest.raises(NoConnection, match="127.0.0.1 refuses the connection"):
        check_connection("Openverse", "http://127.0.0.1:9")


def test_a_proxy_is_what_has_to_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as proxy:
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        check_connection("DuckDuckGo", "https://nowhere.invalid", url)
        monkeypatch.setenv("HTTPS_PROXY", url)
        check_connection("DuckDuckGo", "https://nowhere.invalid")


def test_a_source_that_cannot_be_reached_is_tried_once_for_all_queries(
    project: int, name_server_that_sleeps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)
    queries = [NewSearch(label, label, 100, "openverse") for label in ("cats", "dogs", "birds")]
    gathering_id = gather_request.ask(project, queries, Limits(), "Ada")
    preview(gathering_id, Watch(lambda message, tallies: None, lambda: None, lambda: False, time.sleep))
    notes = {row.note for row in gatherings.searches(gathering_id)}
    assert notes == {
        "Openverse cannot be reached: api.openverse.org does not answer. "
        "Check the server's connection to the internet, then resume."
    }
    assert name_server_that_sleeps == ["api.openverse.org"]
