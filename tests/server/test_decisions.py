"""The decisions' route: what it takes, what it answers, and the sentence for everything it refuses."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.catalog.images import image_rows
from curate.review import tokens
from curate.review.deciding.apply import apply
from curate.server import answering, decisions

CLIENT = "0123456789ab"


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=decisions.routes())) as client:
        yield client


@pytest.fixture
def post(client: TestClient, small_project: Any) -> Callable[..., Any]:
    """`post(ops, since=0, reviewer="ann", …)`: the answer of the server, any field replaceable."""

    def send(ops: Any = None, since: Any = 0, reviewer: str = "ann", project_id: int = 0, **fields: Any) -> Any:
        body = {"client": CLIENT, "since": since, "run_id": None, "ops": [] if ops is None else ops, **fields}
        url = f"/api/projects/{project_id or small_project.id}/decisions"
        return client.post(url, json=body, headers={tokens.HEADER: tokens.sign(reviewer)})

    return send


def op(seq: Any, image_ids: Any, action: Any = "keep", label_id: Any = None) -> dict[str, Any]:
    return {"seq": seq, "image_ids": image_ids, "action": action, "label_id": label_id}


def test_decisions_are_stored_and_answered(post: Callable[..., Any], small_project: Any) -> None:
    first, second, third = small_project.image_ids[:3]
    dogs = small_project.label_ids["dogs"]
    answer = post([op(1, [first, second], "delete"), op(2, [third], "relabel", dogs)])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["acked"], body["revision"], body["more"]) == (2, 3, False)
    assert body["changes"] == [
        {"revision": 1, "image_id": first, "decision": "delete", "label_id": None, "reviewer": "ann"},
        {"revision": 2, "image_id": second, "decision": "delete", "label_id": None, "reviewer": "ann"},
        {"revision": 3, "image_id": third, "decision": "relabel", "label_id": dogs, "reviewer": "ann"},
    ]
    rows = image_rows([first, third])
    assert [(row.decision, row.decided_by) for row in rows] == [("delete", "ann"), ("relabel", "ann")]


def test_sending_the_same_again_changes_nothing(post: Callable[..., Any], small_project: Any) -> None:
    image_id = small_project.image_ids[0]
    post([op(1, [image_id], "delete")])
    post([op(2, [image_id], "keep")])
    again = post([op(1, [image_id], "delete")], since=2).json()
    assert (again["acked"], again["revision"], again["changes"]) == (1, 2, [])
    assert image_rows([image_id])[0].decision == "keep"


def test_a_heartbeat_brings_what_others_decided_since(post: Callable[..., Any], small_project: Any) -> None:
    first, second = small_project.image_ids[:2]
    post([op(1, [first])], reviewer="ann")
    post([op(1, [second], "delete")], reviewer="bea", client="bea's browser")
    post([op(2, [second], "clear")], reviewer="bea", client="bea's browser")
    body = post([], since=1, reviewer="ann").json()
    assert body["acked"] == 0
    assert body["revision"] == 3
    assert [(c["image_id"], c["decision"], c["reviewer"]) for c in body["changes"]] == [
        (second, "delete", "bea"),
        (second, None, "bea"),
    ]


def test_a_long_absence_is_caught_up_in_parts(
    post: Callable[..., Any], small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "MAX_CHANGES", 2)
    post([op(1, small_project.image_ids[:3])])
    first = post([]).json()
    assert (len(first["changes"]), first["revision"], first["more"]) == (2, 2, True)
    rest = post([], since=first["revision"]).json()
    assert (len(rest["changes"]), rest["revision"], rest["more"]) == (1, 3, False)


def test_an_image_that_is_gone_is_refused_and_nothing_of_that_request_is_kept(
    post: Callable[..., Any], small_project: Any
) -> None:
    first, second = small_project.image_ids[:2]
    post([op(1, [first], "delete")])
    apply(small_project.id, "ann")
    answer = post([op(2, [second]), op(3, [first])])
    assert answer.status_code == 404
    assert answer.json() == {
        "error": f"Image {first} is not among the project's images (any more).",
        "hint": "Reload the page.",
        "repeat": False,
    }
    assert image_rows([second])[0].decision is None


def test_a_project_or_label_that_is_not_there_is_refused(post: Callable[..., Any], small_project: Any) -> None:
    image_id = small_project.image_ids[0]
    assert post([op(1, [image_id])], project_id=99).json()["error"] == "There is no project 99."
    answer = post([op(1, [image_id], "relabel", 99)])
    assert (answer.status_code, answer.json()["error"]) == (404, "The project has no label with number 99.")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ops": "k"}, "`ops` is a list of at most 500 decisions."),
        ({"ops": [op(1, [1])] * 501}, "`ops` is a list of at most 500 decisions."),
        ({"ops": ["k"]}, "A decision is a JSON object."),
        ({"client": "short"}, "`client` is 8 to 40 letters that name the sender."),
        ({"client": "é" * 12}, "`client` is 8 to 40 letters that name the sender."),
        ({"since": "0"}, "`since` is a whole number, 0 or more."),
        ({"since": 2**63}, "`since` is a whole number, 0 or more."),
        ({"run_id": 1.5}, "`run_id` is a whole number, 0 or more."),
        ({"ops": [op(True, [1])]}, "`seq` is a whole number, 0 or more."),
        ({"ops": [op(1, 1)]}, "`image_ids` is a list of image numbers."),
        ({"ops": [op(1, ["1"])]}, "`image_ids` is a list of image numbers."),
        ({"ops": [op(1, [-1])]}, "`image_ids` is a list of image numbers."),
        ({"ops": [op(1, [1], None)]}, "`action` is keep, delete, relabel or clear."),
        ({"ops": [op(1, [1], "erase")]}, "A decision is keep, delete, relabel or clear, not 'erase'."),
        ({"ops": [op(1, [1], "relabel")]}, "A relabel names the new label; other decisions name none."),
        ({"ops": [op(1, [])]}, "One decision can name 1 to 10,000 images; this one names 0."),
    ],
)
def test_every_wrong_field_has_its_sentence(post: Callable[..., Any], fields: dict[str, Any], sentence: str) -> None:
    answer = post(**fields)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"1e999"])
def test_a_body_that_is_no_object_is_refused(client: TestClient, small_project: Any, raw: bytes) -> None:
    url = f"/api/projects/{small_project.id}/decisions"
    answer = client.post(url, content=raw, headers={tokens.HEADER: tokens.sign("ann")})
    assert (answer.status_code, answer.json()["error"][:18]) == (400, "The request is not")


def test_a_body_too_large_is_refused(client: TestClient, small_project: Any) -> None:
    url = f"/api/projects/{small_project.id}/decisions"
    body = json.dumps({"client": CLIENT, "since": 0, "ops": [], "more": "x" * answering.MAX_BODY_BYTES})
    answer = client.post(url, content=body, headers={tokens.HEADER: tokens.sign("ann")})
    assert (answer.status_code, answer.json()["error"]) == (413, "A request can have 1,000,000 bytes.")


@pytest.mark.parametrize("headers", [{}, {tokens.HEADER: "ann"}, {"Cookie": "reviewer=ann"}])
def test_without_a_token_of_ours_nothing_is_stored(
    client: TestClient, small_project: Any, headers: dict[str, str]
) -> None:
    body = {"client": CLIENT, "since": 0, "ops": [op(1, small_project.image_ids)]}
    answer = client.post(f"/api/projects/{small_project.id}/decisions", json=body, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["hint"] == "Reload the page."
    assert all(row.decision is None for row in image_rows(small_project.image_ids))


def test_steps_are_undone_redone_and_listed(client: TestClient, post: Callable[..., Any], small_project: Any) -> None:
    first, second = small_project.image_ids[:2]
    named = {"step": "tab:1", "step_name": "Accept 2 suggestions"}
    post([op(1, [first], "keep") | named, op(2, [second], "delete") | named, op(3, [second], "keep")])
    body = post([{"seq": 4, "action": "undo"}, {"seq": 5, "action": "undo", "step": "tab:1"}], since=3).json()
    assert (body["acked"], [turn["words"] for turn in body["turns"]]) == (
        5, ["Undone: Keep 1.", "Undone: Accept 2 suggestions."],
    )  # fmt: skip
    assert [(c["image_id"], c["decision"]) for c in body["changes"]] == [
        (second, "delete"), (first, None), (second, None),
    ]  # fmt: skip
    body = post([{"seq": 6, "action": "redo"}, op(7, [first], "delete"), {"seq": 8, "action": "redo"}]).json()
    assert [(turn["seq"], turn["words"]) for turn in body["turns"]] == [
        (6, "Done again: Accept 2 suggestions."), (8, "Nothing to redo."),
    ]  # fmt: skip
    assert [row.decision for row in image_rows([first, second])] == ["delete", "delete"]
    listed = client.get(f"/api/projects/{small_project.id}/steps", headers={tokens.HEADER: tokens.sign("ann")})
    assert listed.json()["steps"] == [
        {"key": f"{CLIENT}:7", "name": "Delete 1", "n_images": 1, "is_undone": False},
        {"key": f"{CLIENT}:3", "name": "Keep 1", "n_images": 1, "is_undone": True},
        {"key": "tab:1", "name": "Accept 2 suggestions", "n_images": 2, "is_undone": False},
    ]
    assert client.get(f"/api/projects/{small_project.id}/steps").status_code == 403


def test_an_undo_that_takes_long_is_asked_for_until_it_is_done(
    post: Callable[..., Any], small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "TURN_S", 0)
    monkeypatch.setattr(decisions.undo, "CHUNK", 5)
    post([op(1, small_project.image_ids)])
    ops = [{"seq": 2, "action": "undo"}, op(3, small_project.image_ids[:1], "delete")]
    answers = [post(ops, since=8).json() for _ in range(3)]
    assert [(answer["acked"], len(answer["changes"])) for answer in answers] == [(0, 5), (3, 9), (3, 9)]
    assert [row.decision for row in image_rows(small_project.image_ids)] == ["delete"] + [None] * 7


def test_after_a_bulk_the_page_is_asked_for_anew_instead_of_told_every_change(
    post: Callable[..., Any], small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "MAX_CHANGES", 2)
    monkeypatch.setattr(decisions, "FAR_BEHIND", 5)
    post([op(1, small_project.image_ids)], reviewer="bea")
    body = post([]).json()
    assert (body["reload"], body["revision"], body["changes"], body["more"]) == (True, 8, [], False)
    body = post([], since=2).json()
    assert ("reload" in body, body["revision"], len(body["changes"]), body["more"]) == (False, 4, 2, True)
