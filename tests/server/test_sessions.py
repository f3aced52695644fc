"""The sessions' routes: batches, opinions, undo, heartbeats that tell who is there, and what is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.catalog import runs
from curate.catalog.images import image_rows
from curate.review import tokens
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.views import View
from curate.review.reports import run_comparison
from curate.review.team import flip_check, sessions
from curate.review.team.sessions import Terms
from curate.server import sessions as routes
from tests.factories import add_run


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes.routes())) as client:
        yield client


@pytest.fixture
def ask(client: TestClient, small_project: Any) -> Callable[..., Any]:
    """`ask(session_id, "handful", "ann", n=3)`: the answer to that question."""

    def send(session_id: int, what: str, reviewer: str, **fields: Any) -> Any:
        url = f"/api/projects/{small_project.id}/sessions/{session_id}/{what}"
        return client.post(url, json=fields, headers={tokens.HEADER: tokens.sign(reviewer)})

    return send


@pytest.fixture
def say(ask: Callable[..., Any]) -> Callable[..., Any]:
    """`say(session_id, "ann", seq, "keep", [7])`: the answer to that operation, undo and redo included."""

    def send(session_id: int, reviewer: str, seq: int, action: str, image_ids: list[int], **fields: Any) -> Any:
        op = {"seq": seq, "action": action, "image_ids": image_ids}
        body = {"client": f"{reviewer}'s window", "since": 0, "run_id": None, "ops": [op], **fields}
        return ask(session_id, "decisions", reviewer, **body).json()

    return send


@pytest.fixture
def start(small_project: Any) -> Callable[..., int]:
    """`start(n_opinions=2)`: id of a session over eight images."""
    run_id = add_run(small_project.id, [(0.5, 0.5)] * 8)
    return lambda **terms: sessions.create(small_project.id, "ann", Terms("Together", View(run_id), **terms))


def test_a_batch_is_given_to_one_and_the_rest_to_the_next(ask: Callable[..., Any], start: Callable[..., int]) -> None:
    session_id = start()
    ann, bea = (ask(session_id, "handful", name, n=5).json() for name in ("ann", "bea"))
    assert (ann["number"], len(ann["image_ids"]), len(bea["image_ids"])) == (1, 5, 3)
    assert not set(ann["image_ids"]) & set(bea["image_ids"])
    assert ask(session_id, "handful", "cai").json() == {"number": None, "image_ids": []}
    assert ask(session_id, "leave", "ann").json() == {"left": True}
    assert ask(session_id, "handful", "cai").json() == {"number": 1, "image_ids": ann["image_ids"]}


def test_a_heartbeat_tells_who_is_there_and_where_and_what_they_decided(
    ask: Callable[..., Any], say: Callable[..., Any], start: Callable[..., int]
) -> None:
    session_id = start()
    first, second = ask(session_id, "handful", "ann", n=2).json()["image_ids"]
    ask(session_id, "handful", "bea", n=2)
    say(session_id, "ann", 1, "delete", [first])
    beat = {"client": "bea's window", "since": 0, "run_id": None, "ops": []}
    body = ask(session_id, "decisions", "bea", **beat).json()
    assert [(change["image_id"], change["decision"], change["reviewer"]) for change in body["changes"]] == [
        (first, "delete", "ann")
    ]
    assert body["people"] == [
        {"reviewer": "ann", "image_id": first, "position": 1},
        {"reviewer": "bea", "image_id": None, "position": None},
    ]
    ask(session_id, "decisions", "ann", **beat, at=second)
    assert ask(session_id, "decisions", "bea", **beat).json()["people"][0]["position"] == 2


def test_the_others_hear_nothing_of_an_opinion_and_undo_shows_it_taken_back(
    ask: Callable[..., Any], say: Callable[..., Any], start: Callable[..., int]
) -> None:
    session_id = start(n_opinions=2)
    image_id = ask(session_id, "handful", "ann", n=1).json()["image_ids"][0]
    assert say(session_id, "ann", 1, "delete", [image_id])["changes"] == []
    undone = say(session_id, "ann", 2, "undo", [])
    assert [(change["image_id"], change["decision"]) for change in undone["changes"]] == [(image_id, None)]
    redone = say(session_id, "ann", 3, "redo", [])
    assert [(change["image_id"], change["decision"]) for change in redone["changes"]] == [(image_id, "delete")]
    assert image_rows([image_id])[0].decision is None


def test_what_does_not_fit_is_refused_in_a_sentence(
    ask: Callable[..., Any], client: TestClient, start: Callable[..., int], make_project: Callable[..., Any]
) -> None:
    session_id = start()
    assert ask(session_id + 1, "handful", "ann").json()["error"] == f"There is no review session {session_id + 1}."
    other = make_project([("x", "train")], name="other", seed=1)
    headers = {tokens.HEADER: tokens.sign("ann")}
    answer = client.post(f"/api/projects/{other.id}/sessions/{session_id}/leave", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (404, f"The project has no review session {session_id}.")
    assert ask(session_id, "handful", "ann", n="many").json()["error"] == "`n` is a whole number, 0 or more."
    url = f"/api/projects/1/sessions/{session_id}/handful"
    assert client.post(url, content=b"[1]", headers=headers).json()["error"] == "The request is not a JSON object."
    assert client.post(url, json={}).status_code == 403


def test_in_a_blind_check_nobody_hears_of_others_and_a_confirmed_label_reads_as_that_label(
    ask: Callable[..., Any], say: Callable[..., Any], small_project: Any
) -> None:
    before, after = (add_run(small_project.id, [probabilities] * 8) for probabilities in ((0.9, 0.1), (0.1, 0.9)))
    report = run_comparison.compare_runs(runs.find_run(before), runs.find_run(after))
    session_id = flip_check.start(report, "ann")
    image_ids = ask(session_id, "handful", "ann").json()["image_ids"]
    first, second = image_ids[:2]
    filed = image_rows([first])[0].label_id
    decide(small_project.id, "bea", [Op(1, (second,), "delete")], "elsewhere")
    answer = say(session_id, "ann", 1, "relabel", [first])
    assert "label" in answer["error"]  # a relabel names its label
    op = {"seq": 1, "action": "relabel", "label_id": filed, "image_ids": [first]}
    body = {"client": "ann's window", "since": 0, "run_id": None, "ops": [op]}
    answer = ask(session_id, "decisions", "ann", **body).json()
    assert image_rows([first])[0].decision == "keep"
    told = [(change["image_id"], change["decision"], change["label_id"]) for change in answer["changes"]]
    assert told == [(first, "relabel", filed)]
    heartbeat = ask(session_id, "decisions", "ann", client="ann's window", since=0, run_id=None, ops=[]).json()
    assert {change["image_id"] for change in heartbeat["changes"]} == {first}
    undone = {"seq": 2, "action": "undo", "image_ids": []}
    answer = ask(session_id, "decisions", "ann", **body | {"ops": [undone]}).json()
    assert {(change["image_id"], change["decision"]) for change in answer["changes"]} == {(first, None)}
