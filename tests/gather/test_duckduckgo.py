"""DuckDuckGo through the real `ddgs`, which reaches, through a proxy, a server on this machine that says it is it."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from curate.catalog.gatherings import SearchRow
from curate.gather.search import SearchFailed, duckduckgo
from curate.gather.search.duckduckgo import DuckDuckGo


class Duck:
    """A proxy that answers for every host itself: a token, then `pages` of results as i.js gives them."""

    def __init__(self, authority: trustme.CA) -> None:
        self.pages: list[list[dict[str, Any]]] = []
        self.queries: list[dict[str, str]] = []
        self.status = 200
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("duckduckgo.com").configure_cert(self._tls)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(connection,), daemon=True).start()

    def _tunnel(self, connection: socket.socket) -> None:
        try:
            with connection:
                _read_head(connection)
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with self._tls.wrap_socket(connection, server_side=True) as inside:
                    while head := _read_head(inside):
                        inside.sendall(self._answer(head.split()[1].decode()))
        except OSError:
            return

    def _answer(self, target: str) -> bytes:
        path = urlsplit(target).path
        if path != "/i.js":
            return _whole(200, b'<script>vqd="4-123456789"</script>')
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        self.queries.append(query)
        number = int(query.get("s", 0)) // 100
        results = self.pages[number] if number < len(self.pages) else []
        return _whole(self.status, json.dumps({"results": results}).encode())


def _read_head(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = connection.recv(1)
        if not part:
            return b""
        head += part
    return head


def _whole(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n" % (status, len(body)) + body


@pytest.fixture
def duck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Duck]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made = Duck(authority)
    monkeypatch.setenv("DDGS_PROXY", made.url)
    yield made
    made.close()


@pytest.fixture
def search(duck: Duck, tmp_path: Path) -> DuckDuckGo:
    return DuckDuckGo(verify=str(tmp_path / "ca.pem"))


def result(number: int) -> dict[str, Any]:
    return {
        "title": f"Dog {number}", "image": f"https://x.org/{number}.jpg?w=1", "thumbnail": f"https://t.org/{number}",
        "url": f"https://x.org/page/{number}", "height": 600, "width": 800, "source": "Bing",
    }  # fmt: skip


def search_row(cursor: int | None = None, **options: Any) -> SearchRow:
    return SearchRow("chihuahua", "chihuahua dog", 50, "duckduckgo", options, cursor=cursor)


def test_pages_follow_each_other_until_one_is_empty(duck: Duck, search: DuckDuckGo) -> None:
    duck.pages = [[result(number) for number in range(3)], [result(3)]]
    pages = [search.find(search_row(cursor), lambda seconds, why: None) for cursor in (None, 1, 2)]
    assert [sorted(found.url for found in page.found) for page in pages] == [
        [f"https://x.org/{number}.jpg?w=1" for number in range(3)], ["https://x.org/3.jpg?w=1"], [],
    ]  # fmt: skip
    assert [(page.cursor, page.is_last) for page in pages] == [(1, False), (2, False), (3, True)]
    assert (duck.queries[0]["q"], duck.queries[0]["vqd"], duck.queries[1]["s"]) == (
        "chihuahua dog",
        "4-123456789",
        "100",
    )


def test_title_and_landing_page_come_along_and_filters_are_passed_on(duck: Duck, search: DuckDuckGo) -> None:
    duck.pages = [[result(7)]]
    [found] = search.find(search_row(size="Large", layout="Square"), lambda seconds, why: None).found
    assert found.credit == {"title": "Dog 7", "landing_page": "https://x.org/page/7", "provider": "Bing"}
    assert found.thumb == "https://t.org/7"
    assert "size:Large" in duck.queries[0]["f"] and "layout:Square" in duck.queries[0]["f"]


def test_a_search_that_fails_three_times_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DDGS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(duckduckgo, "check_connection", lambda *_: None)
    waits: list[float] = []
    with pytest.raises(SearchFailed, match=r"DuckDuckGo did not answer"):
        DuckDuckGo().find(search_row(), lambda seconds, why: waits.append(seconds))
    assert waits == [5.0, 10.0]


def test_nothing_at_all_is_told_since_a_refusal_looks_the_same(duck: Duck, search: DuckDuckGo) -> None:
    duck.status = 403
    with pytest.raises(SearchFailed, match="found nothing for chihuahua dog, or answers no more"):
        search.find(search_row(), lambda seconds, why: None)
