"""Which names the server answers to, over HTTP and the websocket; the headers of every answer; what the start says."""

import socket
import tomllib
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config

from curate.server import app
from curate.server.gates.reach import who_can_reach
from tests.conftest import REPOSITORY


async def page(_request: Request) -> Response:
    return PlainTextResponse("hello")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
def client() -> Iterator[TestClient]:
    routes = [Route("/", page, methods=["GET", "POST"]), WebSocketRoute("/_stcore/stream", stream), *app.routes()]
    with TestClient(Starlette(routes=routes, middleware=app.middleware()), base_url="http://10.0.0.5:8501") as client:
        yield client


def answer(client: TestClient, host: str, origin: str | None = None, method: str = "GET", **headers: str) -> int:
    sent = {"host": host, **({"origin": origin} if origin else {}), **headers}
    return client.request(method, "/", headers=sent).status_code


def hears_the_websocket(client: TestClient, host: str, origin: str | None = None) -> bool:
    headers = {"host": host, **({"origin": origin} if origin else {})}
    try:
        with client.websocket_connect("ws://10.0.0.5:8501/_stcore/stream", headers=headers) as session:
            return session.receive_text() == "hello"
    except WebSocketDisconnect as refused:
        assert refused.code == 1008
        return False


OURS = [
    *("localhost", "localhost:8501", "LOCALHOST:80", "127.0.0.1:8501", "127.0.0.2", "[::1]:8501", "[::1]"),
    *("10.0.0.5:8501", "10.0.0.5", socket.gethostname(), f"{socket.gethostname()}:8501", "localhost.:8501"),
]
NOT_OURS = [
    *("evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.evil.example:8501", "10.0.0.6", ""),
    *("127.0.0.1:8501@evil.example", "evil.example#localhost", "localhost:x", "127.0.0.1/evil", "[::2]:8501", "::1"),
]


@pytest.mark.parametrize("host", OURS)
def test_loopback_and_the_machines_own_names_and_addresses_are_answered(client: TestClient, host: str) -> None:
    assert answer(client, host) == answer(client, host, f"http://{host}") == 200
    assert hears_the_websocket(client, host, f"http://{host}") and hears_the_websocket(client, host)


@pytest.mark.parametrize("host", NOT_OURS)
def test_a_name_that_was_made_to_lead_here_gets_nothing(client: TestClient, host: str) -> None:
    assert answer(client, host) == answer(client, host, f"http://{host}") == 421
    assert not hears_the_websocket(client, host, f"http://{host}") and not hears_the_websocket(client, host)
    assert client.get("/api/projects/1/decisions.csv", headers={"host": host}).status_code == 421
    assert client.get("/api/health", headers={"host": host}).json()["error"].startswith("This server does not answer")


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:9999", "null", "http://127.0.0.1:85", "x"])
def test_a_page_from_elsewhere_gets_nothing(client: TestClient, origin: str) -> None:
    host = "127.0.0.1:8501"
    assert answer(client, host, origin) == answer(client, host, origin, "POST") == 403
    assert not hears_the_websocket(client, host, origin)
    follows_a_link = {"sec-fetch-mode": "navigate"}
    assert answer(client, host, origin, **follows_a_link) == 200
    assert answer(client, host, origin, "POST", **follows_a_link) == 403


def test_a_setting_names_further_hosts(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_HOSTS", "Curate.example.org, *.lab.example")
    for host in ("curate.example.org", "curate.example.org:443", "a.lab.example", "a.b.lab.example"):
        assert answer(client, host, f"https://{host}") == 200
        # A proxy may ask under another name than the browser did.
        assert hears_the_websocket(client, "127.0.0.1:8501", f"https://{host}")
    for host in ("example.org", "xcurate.example.org", "lab.example", "evil-lab.example"):
        assert answer(client, host) == 421
    monkeypatch.setenv("CURATE_HOSTS", "*")
    assert answer(client, "evil.example") == 200


def test_every_answer_says_that_no_other_site_may_frame_it_or_guess_its_type(client: TestClient) -> None:
    for path, host in (("/", "localhost"), ("/no/such/page", "localhost"), ("/api/health", "localhost"), ("/", "evil")):
        headers = client.get(path, headers={"host": host}).headers
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert headers["referrer-policy"] == "same-origin"


@pytest.fixture
def address() -> Iterator[object]:
    """Sets where the server listens."""
    before = config.get_option("server.address")
    yield lambda value: config.set_option("server.address", value)
    config.set_option("server.address", before)


def test_the_start_says_who_can_reach_the_server(address, monkeypatch: pytest.MonkeyPatch) -> None:
    address("127.0.0.1")
    assert who_can_reach().startswith("Curate: only this machine reaches it (127.0.0.1).")
    assert "Whoever reaches it can do everything" not in who_can_reach()
    monkeypatch.setenv("CURATE_HOSTS", "curate.example.org")
    for everywhere in ("0.0.0.0", "::", None):
        address(everywhere)
        assert "every machine that reaches this one can open it" in who_can_reach()
        assert "Host names are checked: " in who_can_reach() and "curate.example.org" in who_can_reach()
        assert "Whoever reaches it can do everything" in who_can_reach()
    monkeypatch.setenv("CURATE_HOSTS", "*")
    assert "Host names are not checked" in who_can_reach()
    monkeypatch.setenv("CURATE_USER_HEADER", "X-User")
    assert "People are known by the header x-user." in who_can_reach()


def test_the_server_listens_on_this_machine_only_unless_somebody_opens_it() -> None:
    served = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())["server"]
    assert served["address"] == "127.0.0.1"
