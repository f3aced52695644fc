"""Decisions by program: stored as the grid's are, undone, applied; and the sentence for what cannot be done."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from curate import api_tokens
from curate.catalog.images import image_rows
from curate.review.deciding import undo

Post = Callable[..., Any]


@pytest.fixture
def post(client: TestClient) -> Post:
    """`post("decisions", status=200, **body)`: the JSON of an answer of that status, about the project `pets`."""
    token = api_tokens.create_token("ci", "ann", ["review", "manage"])

    def post(path: str, status: int = 200, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.post(f"/api/v1/projects/pets/{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return post


@pytest.mark.usefixtures("either_database")
def test_decisions_are_stored_in_the_tokens_owners_name_and_applied(small_project: Any, client: TestClient) -> None:
    token = api_tokens.create_token("ci", "ann", ["review", "manage"])
    headers = {"Authorization": f"Bearer {token}"}
    first, second, third = small_project.image_ids[:3]
    body = {
        "decisions": [
            {"action": "delete", "images": [first]},
            {"action": "relabel", "images": [second], "label": "dogs"},
            {"action": "keep", "images": [third]},
        ]
    }
    answer = client.post("/api/v1/projects/pets/decisions", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert [
        (each["image"], each["decision"], each["label"], each["reviewer"]) for each in answer.json()["changes"]
    ] == [(first, "delete", None, "ann"), (second, "relabel", "dogs", "ann"), (third, "keep", None, "ann")]
    applied = client.post("/api/v1/projects/pets/apply", json={"message": "Cleaned"}, headers=headers)
    assert applied.status_code == 201, applied.text
    version = applied.json()["version"]
    assert (version["number"], version["message"], version["author"], version["n_images"]) == (2, "Cleaned", "ann", 7)
    assert applied.json()["job"] is None
    rows = image_rows([first, second])
    assert (rows[0].state, rows[1].label_id) == ("binned", small_project.label_ids["dogs"])
    again = client.post("/api/v1/projects/pets/apply", json={}, headers=headers)
    assert (again.status_code, again.json()["detail"]) == (409, "No decision waits to be applied.")


def test_the_same_key_changes_nothing_again(post: Post, small_project: Any) -> None:
    image = small_project.image_ids[0]
    once = {"key": "nightly-1", "decisions": [{"action": "delete", "images": [image]}]}
    revision = post("decisions", **once)["revision"]
    post("decisions", decisions=[{"action": "keep", "images": [image]}])
    again = post("decisions", **once, since=revision)
    assert [(each["decision"], each["reviewer"]) for each in again["changes"]] == [("keep", "ann")]
    assert image_rows([image])[0].decision == "keep"


def test_a_step_is_undone_as_one_and_can_be_seen_on_the_page(post: Post, small_project: Any) -> None:
    images = small_project.image_ids[:4]
    step = {"step": "nightly", "step_name": "Delete what a script found"}
    post("decisions", decisions=[{"action": "delete", "images": [image], **step} for image in images])
    (row,) = undo.list_steps(small_project.id, "ann", 5)
    assert (row.name, row.n_images) == ("Delete what a script found", 4)
    answer = post("decisions", decisions=[{"action": "undo", "step": "nightly"}])
    assert len(answer["turns"]) == 1 and {each["decision"] for each in answer["changes"]} == {None}
    assert {row.decision for row in image_rows(images)} == {None}


@pytest.mark.parametrize(
    ("decision", "status", "detail"),
    [
        ({"action": "relabel", "label": "cows"}, 404, "There is no label cows."),
        ({"action": "keep", "images": [99_999]}, 404, "Image 99999 is not among the project's images (any more)."),
        ({"action": "relabel"}, 422, "Field required"),
        ({"action": "keep", "label": "dogs"}, 422, "Extra inputs are not permitted"),
        ({"action": "keep", "images": []}, 422, "List should have at least 1 item"),
        ({"action": "undo"}, 422, "Extra inputs are not permitted"),
        ({"action": "praise"}, 422, "Input tag 'praise' found using 'action' does not match"),
        ({"action": "keep", "images": ["1"]}, 422, "Input should be a number"),
        ({"action": "keep", "images": [2**63]}, 422, "Input should be less than"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_is_stored(
    post: Post, small_project: Any, decision: dict[str, Any], status: int, detail: str
) -> None:
    good = {"action": "delete", "images": small_project.image_ids[:1]}
    bad = {"images": small_project.image_ids[1:2], **decision}
    problem = post("decisions", status, decisions=[good, bad])
    said = problem["detail"] if not problem.get("errors") else problem["errors"][0]["why"]
    assert detail in said
    assert image_rows(small_project.image_ids[:1])[0].decision is None


def test_without_a_token_the_name_is_typed(client: TestClient, small_project: Any) -> None:
    body = {"decisions": [{"action": "keep", "images": small_project.image_ids[:1]}]}
    url = "/api/v1/projects/pets/decisions"
    for header, name in (({"X-Curate-Reviewer": "bea"}, "bea"), ({}, "API"), ({"X-Curate-Reviewer": "\x01"}, "API")):
        answer = client.post(url, json=body, headers=header)
        assert answer.json()["changes"][0]["reviewer"] == name


def test_a_body_that_is_no_json_of_its_kind_is_refused(client: TestClient, small_project: Any) -> None:
    url = "/api/v1/projects/pets/decisions"
    json_type = {"Content-Type": "application/json"}
    for content, headers, status in (
        (b"{", json_type, 422), (b"[]", json_type, 422), (b"", json_type, 422), (b"{}", {}, 415),
        (b"\xff", json_type, 422), (b"[" * 100_000, json_type, 422), (b" " * 1_000_001, json_type, 413),
    ):  # fmt: skip
        answer = client.post(url, content=content, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
