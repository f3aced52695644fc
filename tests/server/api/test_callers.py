"""Who may ask what: scopes, revoked tokens, callers without one, and how often."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from curate import api_tokens
from curate.server.api import app, rates


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.usefixtures("either_database")
def test_a_token_opens_what_its_scopes_name(client: TestClient, small_project: Any) -> None:
    urls = {
        "read": ("GET", "/api/v1/projects"),
        "predict": ("POST", "/api/v1/projects/pets/predict"),
    }
    for scope in urls:
        token = api_tokens.create_token("ci", "ann", [scope])
        for needed, (method, url) in urls.items():
            answer = client.request(method, url, headers=bearer(token))
            assert (answer.status_code == 403) == (needed != scope), (scope, url, answer.text)
            if needed != scope:
                assert answer.json()["detail"] == f"The token 'ci' lacks the scope `{needed}`."
                assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_an_unknown_or_revoked_token_is_refused_even_where_none_is_needed(client: TestClient) -> None:
    token = api_tokens.create_token("ci", "ann", ["read"])
    assert client.get("/api/v1/projects", headers=bearer(token)).status_code == 200
    api_tokens.revoke(1)
    for wrong in (token, "x", "", "curate_\xff"):
        headers = {"Authorization": f"Bearer {wrong}".encode("latin-1")}
        answer = client.get("/api/v1/projects", headers=headers)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")
        assert answer.headers["www-authenticate"] == 'Bearer realm="Curate"'
    assert client.get("/api/v1/projects").status_code == 200


def test_where_people_log_in_nobody_gets_by_without_a_token(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_USER_HEADER", "X-Forwarded-User")
    for headers in ({}, {"X-Forwarded-User": "ann"}, {"Authorization": "Basic YTpi"}):
        answer = client.get("/api/v1/projects", headers=headers)
        assert (answer.status_code, answer.json()["detail"]) == (401, "The API needs a token.")
    token = api_tokens.create_token("ci", "ann", ["read"])
    assert client.get("/api/v1/projects", headers=bearer(token)).status_code == 200
    assert client.get("/api/docs").status_code == 200


def test_a_caller_that_asks_too_often_waits_and_others_do_not(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_API_RATE", "0.5")  # a bucket of one, filled in two seconds
    first, second = (bearer(api_tokens.create_token(name, "ann", ["read"])) for name in ("one", "two"))
    assert client.get("/api/v1/projects", headers=first).status_code == 200
    answer = client.get("/api/v1/projects", headers=first)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert client.get("/api/v1/projects", headers=second).status_code == 200


def test_a_bucket_fills_again() -> None:
    clock = iter([0.0, 0.0, 0.0, 0.004, 0.006])
    counted = rates.Rates(lambda: next(clock))
    rates_before = rates.BURST_S
    try:
        rates.BURST_S = 0.01  # of 200 a second: two requests at once
        counted.count("a")
        counted.count("a")
        with pytest.raises(rates.TooMany):
            counted.count("a")
        with pytest.raises(rates.TooMany):
            counted.count("a")
        counted.count("a")
    finally:
        rates.BURST_S = rates_before


def test_every_operation_names_a_scope_that_tokens_have() -> None:
    assert {operation.scope for operation in app.operations()} <= set(api_tokens.SCOPES)


@pytest.mark.parametrize("path", ["nowhere", "no/where", "no%0Awhere", "%0a", "projects/%0A/%0A", ""])
def test_an_address_that_is_none_is_refused_as_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
