"""The route for the components' scripts."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate import scripts as modules
from curate.server import scripts

MAIN = "components/grid/script/main.js"


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=scripts.routes()), follow_redirects=False) as client:
        yield client


def test_a_module_is_kept_for_ever_under_the_present_version(client: TestClient) -> None:
    answer = client.get(f"/scripts/{modules.version()}/{MAIN}")
    assert answer.status_code == 200
    assert answer.content == modules.modules()[MAIN]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_another_version_leads_to_the_present_one_and_is_not_kept(client: TestClient) -> None:
    answer = client.get(f"/scripts/0123456789abcdef/{MAIN}")
    assert answer.status_code == 307
    assert answer.headers["cache-control"] == "no-store"
    assert answer.next_request is not None
    assert answer.next_request.url.path == f"/scripts/{modules.version()}/{MAIN}"


@pytest.mark.parametrize("path", ["components/grid/script/absent.js", "main.py", "%2e%2e/scripts.py"])
def test_nothing_but_modules_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/scripts/{modules.version()}/{path}").status_code == 404
