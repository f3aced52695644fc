"""Who sends a request: typed names, a proxy's header, a login; and what those without a name get to see."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from curate import store
from curate.catalog.images import image_rows
from curate.errors import BadInput
from curate.review import tokens, visitors
from curate.server import app
from curate.server.gates.visitors import Proxies, check_secrets

SECRETS = """
[auth]
redirect_uri = "http://localhost:8501/oauth2callback"
cookie_secret = "a secret of the tests' own"
client_id = "curate"
client_secret = "x"
server_metadata_url = "http://localhost/.well-known/openid-configuration"
"""


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=app.routes(), middleware=app.middleware()), client=("127.0.0.1", 1)) as client:
        yield client


@pytest.fixture
def picture_url(picture: Callable[..., bytes]) -> str:
    return f"/images/{store.add_blob(picture(1))}/thumb"


@pytest.fixture
def login(tmp_path, monkeypatch) -> Iterator[None]:
    """Streamlit's login is configured."""
    (tmp_path / "secrets.toml").write_text(SECRETS)
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
    secrets_singleton._reset()
    yield
    config.set_option("secrets.files", before)
    secrets_singleton._reset()


def cookie(origin: str = "http://localhost:8501", secret: str = "a secret of the tests' own", **claims: object) -> dict:
    told = {"email": "ada@example.org", "name": "Ada", "is_logged_in": True, "origin": origin, **claims}
    value = create_signed_value(secret, USER_COOKIE_NAME, json.dumps(told))
    return {"cookie": f"{USER_COOKIE_NAME}={value.decode()}"}


def decide(client: TestClient, project, reviewer: str, headers: dict[str, Any]):
    ops = [{"seq": 1, "image_ids": [project.image_ids[0]], "action": "keep"}]
    body = {"client": "0123456789ab", "since": 0, "run_id": None, "ops": ops}
    url = f"/api/projects/{project.id}/decisions"
    return client.post(url, json=body, headers={tokens.HEADER: tokens.sign(reviewer), **headers})


def test_where_names_are_typed_everybody_is_let_through(client, picture_url, small_project):
    assert client.get(picture_url).status_code == 200
    assert decide(client, small_project, "ann", {}).status_code == 200


def test_behind_a_proxy_only_those_it_names_are_and_they_decide_under_that_name(
    client, picture_url, small_project, monkeypatch
):
    monkeypatch.setenv("CURATE_USER_HEADER", "X-Remote-User")
    ada = {"x-remote-user": "Ada Lövelace".encode()}
    refused = client.get(picture_url)
    assert (refused.status_code, refused.json()["error"]) == (403, "You are not logged in (any more).")
    assert client.get("/api/health").status_code == 200
    assert client.get(picture_url, headers=ada).status_code == 200
    assert decide(client, small_project, "Ada Lövelace", {}).status_code == 403
    other = decide(client, small_project, "Bob", ada)
    assert (other.status_code, other.json()["error"]) == (
        403, "This page was opened for somebody else than Ada Lövelace.",
    )  # fmt: skip
    assert decide(client, small_project, "Ada Lövelace", ada).status_code == 200
    assert image_rows(small_project.image_ids[:1])[0].decided_by == "Ada Lövelace"
    monkeypatch.setenv("CURATE_TRUSTED_PROXIES", "10.0.0.0/8")
    assert client.get(picture_url, headers=ada).status_code == 403


@pytest.mark.usefixtures("login")
def test_with_a_login_only_its_own_cookie_opens_anything(client, picture_url, small_project):
    assert client.get(picture_url).status_code == 403
    assert client.get(picture_url, headers=cookie()).status_code == 200
    for wrong in (cookie(secret="another"), cookie(origin="http://evil"), cookie(is_logged_in=False)):
        assert client.get(picture_url, headers=wrong).status_code == 403
    assert client.post("/api/uploads", content=b"x", headers={tokens.HEADER: tokens.sign("Ada")}).status_code == 403
    assert decide(client, small_project, "Ada", cookie()).status_code == 403
    assert decide(client, small_project, "ada@example.org", cookie()).status_code == 200
    assert image_rows(small_project.image_ids[:1])[0].decided_by == "ada@example.org"


@pytest.mark.usefixtures("login")
def test_secrets_that_cannot_be_read_do_not_open_the_app(tmp_path):
    check_secrets()
    (tmp_path / "secrets.toml").write_text("[auth")
    secrets_singleton._reset()
    with pytest.raises(BadInput, match="cannot be read as TOML"):
        check_secrets()
    (tmp_path / "secrets.toml").unlink()
    check_secrets()


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "ada@example.org", "sub": "17", "name": "Ada"}, "ada@example.org"),
        ({"email": "root@example.org", "email_verified": False, "sub": "17"}, "17"),
        ({"sub": "17", "name": "Ada"}, "17"),
        ({"name": "Ada"}, ""),
    ],
)
def test_the_name_of_a_login_is_one_that_nobody_can_choose(claims, name):
    assert visitors.name_of_claims(claims) == name


@pytest.mark.parametrize(
    ("address", "proxies", "is_trusted"),
    [
        ("127.0.0.1", "", True), ("::1", "", True), ("::ffff:127.0.0.1", "", True), ("10.1.2.3", "", False),
        ("10.1.2.3", "10.0.0.0/8, 192.168.1.1", True), ("127.0.0.1", "192.168.1.1", False), ("", "", False),
    ],
)  # fmt: skip
def test_the_header_counts_from_trusted_addresses_only(monkeypatch, address, proxies, is_trusted):
    monkeypatch.setenv("CURATE_TRUSTED_PROXIES", proxies)
    assert visitors.is_trusted(address) is is_trusted


@pytest.fixture
def served() -> Iterator[str]:
    """A real server that says what the header brought, in front of it uvicorn's own belief in X-Forwarded-For."""

    def tell(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.headers.get("x-remote-user", "nobody"))

    listening = socket.create_server(("127.0.0.1", 0))
    told = Starlette(routes=[Route("/", tell)], middleware=[Middleware(Proxies)])
    server = uvicorn.Server(uvicorn.Config(told, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join()
    listening.close()


def test_the_true_sender_counts_not_what_is_claimed_to_be_forwarded(served, monkeypatch):
    monkeypatch.setenv("CURATE_USER_HEADER", "X-Remote-User")
    forwarded = {"x-remote-user": "ada", "x-forwarded-for": "203.0.113.7"}
    assert httpx.get(served, headers=forwarded).text == "ada"
    twice = [("x-remote-user", "mallory"), ("x-remote-user", "ada")]
    assert httpx.get(served, headers=twice).text == "nobody"
    monkeypatch.setenv("CURATE_TRUSTED_PROXIES", "203.0.113.7")
    assert httpx.get(served, headers=forwarded).text == "nobody"
