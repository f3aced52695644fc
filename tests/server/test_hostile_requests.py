"""Requests that nobody sends by accident: no route answers 500, whatever the path, the query and the body hold."""

import errno
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from curate.review import tokens
from curate.server import app, decisions
from curate.server.api import events
from curate.server.gates.failures import HANDLERS

N_REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "400"))  # 10,000 take about two minutes
NUMBERS = st.sampled_from(["0", "1", "-1", "9" * 25, str(2**63), str(2**63 - 1), "9" * 5_000, "1.5", "%00", "１", "x"])
SEGMENTS = NUMBERS | st.sampled_from([".csv", ".md", "%0a", "%ed%a0%80", "..", "a" * 64])
TEXTS = st.sampled_from(
    ["", "keep", "a\0b", "\ud800", "x" * 2_000, "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "NaN"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 90) | st.sampled_from([2**63, 10**30, 1.5, float("nan")]) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["client", "since", "run_id", "ops", "at", "n", "kind", "image_ids", "text", "asked", "keys", "label_id", "sort"]
)
OPS = st.fixed_dictionaries(
    {"seq": VALUES | st.integers(0, 9)},
    optional={
        "action": VALUES | st.sampled_from(["keep", "delete", "relabel", "clear", "undo", "redo"]),
        "image_ids": VALUES | st.lists(st.integers(0, 9), max_size=3),
        "label_id": VALUES,
        "step": VALUES,
        "step_name": VALUES,
    },
)
DECISIONS = st.fixed_dictionaries(
    {
        "client": st.just("0123456789ab") | VALUES,
        "since": st.just(0) | VALUES,
        "ops": st.lists(OPS, max_size=3) | VALUES,
    },
    optional={"run_id": VALUES, "at": VALUES},
)
BODIES = (DECISIONS | st.dictionaries(KEYS, VALUES) | VALUES).map(
    lambda value: json.dumps(value).encode()
) | st.sampled_from(
    [b"", b"{", b"[" * 50_000, b'{"a":' * 50_000, b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"since":' + b"9" * 5_000 + b"}"]
)
QUERIES = st.dictionaries(
    st.sampled_from(["run", "label", "view", "size", "number", "after", "ids", "since", "run_id", "reviewer", "into"]),
    NUMBERS | TEXTS | st.dictionaries(KEYS, VALUES).map(json.dumps),
    max_size=3,
)
ROUTES = [route for route in app.routes() if route.path not in ("/api/health", "/readyz")]  # 503 without a scheduler


@pytest.fixture
def client(small_project: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(events, "LONGEST_S", 0.0)  # a stream ends only then
    routes = [*app.routes(), Route("/fails/{how}", fail)]
    made = Starlette(routes=routes, middleware=app.middleware(), exception_handlers=dict(HANDLERS))
    with TestClient(made, raise_server_exceptions=False, headers={tokens.HEADER: tokens.sign("ann")}) as client:
        yield client


@settings(max_examples=N_REQUESTS, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_route_answers_500(client: TestClient, data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(ROUTES))
    path = "/".join(
        data.draw(st.just("1") | SEGMENTS) + part.partition("}")[2] if part.startswith("{") else part
        for part in route.path.split("/")
    )
    query = {name: value.encode("utf-8", "surrogatepass") for name, value in data.draw(QUERIES).items()}
    method = data.draw(st.sampled_from(sorted(route.methods or {"GET"})))
    answer = client.request(
        method, path, params=query, content=data.draw(BODIES) if method in ("POST", "PUT") else None
    )
    assert answer.status_code < 500, (method, path[:200], query, answer.text[:500])


def fail(request: Request) -> None:
    raise {
        "full": OSError(errno.ENOSPC, "No space left on device"),
        "full-catalog": OperationalError("INSERT", {}, Exception("database or disk is full")),
        "locked": OperationalError("INSERT", {}, Exception("database is locked")),
        "mistake": ZeroDivisionError("ours"),
    }[request.path_params["how"]]


@pytest.mark.parametrize(
    ("how", "status", "sentence", "repeat"),
    [
        ("full", 507, "The server's disk is full; what you decide is kept in this browser.", True),
        ("full-catalog", 507, "The server's disk is full; what you decide is kept in this browser.", True),
        ("locked", 503, "The catalog does not answer: it is locked, or its server is down.", True),
        ("mistake", 500, "The server made a mistake; its log has the trace.", False),
    ],
)
def test_a_failure_says_what_it_is_and_whether_repeating_helps(
    client: TestClient, how: str, status: int, sentence: str, repeat: bool
) -> None:
    answer = client.get(f"/fails/{how}")
    assert (answer.status_code, answer.json()) == (status, {"error": sentence, "hint": "", "repeat": repeat})
    assert ("retry-after" in answer.headers) == repeat


def test_one_request_turns_a_few_steps_only(client: TestClient, small_project: Any) -> None:
    url = f"/api/projects/{small_project.id}/decisions"
    body: dict[str, Any] = {"client": "0123456789ab", "since": 0, "run_id": None}
    client.post(url, json=body | {"ops": [{"seq": 1, "image_ids": small_project.image_ids[:1], "action": "keep"}]})
    ops = [{"seq": n, "action": "undo" if n % 2 else "redo"} for n in range(1, 400)]
    answer = client.post(url, json=body | {"client": "0123456789cd", "ops": ops}).json()
    assert answer["acked"] == len(answer["turns"]) == decisions.MAX_TURNS
