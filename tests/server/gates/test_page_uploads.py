"""Streamlit's own upload endpoint, guarded: who is unknown sends nothing, and nobody fills the memory."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from curate.server import app
from curate.server.gates import page_uploads

URL = "/_stcore/upload_file/{}/one"


async def take(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client() -> Iterator[TestClient]:
    routes = [Route("/_stcore/upload_file/{session}/{file}", take, methods=["PUT", "DELETE"])]
    made = Starlette(routes=routes, middleware=app.middleware())
    with TestClient(made, client=("127.0.0.1", 1)) as client:
        yield client


def test_somebody_who_has_not_logged_in_uploads_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.put(URL.format("ada"), content=b"data").text == "4"
    monkeypatch.setenv("CURATE_USER_HEADER", "X-User")
    assert client.put(URL.format("ada"), content=b"data").status_code == 403
    assert client.put(URL.format("ada"), content=b"data", headers={"X-User": "ada"}).text == "4"


def test_a_page_and_all_pages_hold_so_much_and_no_more(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"ada": {"a": SimpleNamespace(data=b"x" * 60)}, "bea": {"b": SimpleNamespace(data=b"x" * 90)}}
    forgotten: list[int] = []
    monkeypatch.setattr(page_uploads, "MAX_VISITOR_BYTES", 100)
    monkeypatch.setattr(page_uploads, "MAX_BYTES", 200)
    monkeypatch.setattr(page_uploads, "_files", lambda: held)
    monkeypatch.setattr(page_uploads, "_forget_closed_pages", lambda: forgotten.append(1))
    assert client.put(URL.format("ada"), content=b"x" * 40).text == "40"
    assert client.put(URL.format("ada"), content=b"x" * 41).status_code == 413
    assert forgotten == []
    answer = client.put(URL.format("cleo"), content=b"x" * 60)
    assert (answer.status_code, forgotten) == (413, [1])
    monkeypatch.setattr(page_uploads, "_forget_closed_pages", lambda: held.pop("bea", None))
    assert client.put(URL.format("cleo"), content=b"x" * 60).text == "60"


def test_an_upload_that_does_not_say_its_size_is_refused(client: TestClient) -> None:
    assert client.put(URL.format("ada"), content=iter([b"data"])).status_code == 411
