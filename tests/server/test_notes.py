"""The route for notes, flags, questions and reasons."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.review import tokens
from curate.review.deciding.decisions import Op, decide
from curate.review.team import activity
from curate.review.team import notes as noted
from curate.server import notes


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=notes.routes())) as client:
        yield client


def test_words_about_several_pictures_are_stored_under_the_readers_name(client, small_project):
    url, ids = f"/api/projects/{small_project.id}", small_project.image_ids[:2]
    headers = {tokens.HEADER: tokens.sign("ann")}
    decide(small_project.id, "ann", [Op(1, tuple(ids), "keep")], "a window")
    decide(small_project.id, "bea", [Op(1, (small_project.image_ids[2],), "keep")], "another window")
    for body in (
        {"kind": "note", "text": "blurred"},
        {"kind": "flag"},
        {"kind": "question", "text": "A lynx?", "asked": "bea"},
        {"kind": "reason", "text": "round ears"},
    ):
        assert client.post(f"{url}/notes", json={"image_ids": ids, **body}, headers=headers).json() == {}
    for image_id in ids:
        said = [(one.kind, one.author, one.text, one.asked) for one in noted.of_image(image_id)]
        assert said == [
            ("note", "ann", "blurred", None), ("flag", "ann", "", None), ("question", "ann", "A lynx?", "bea"),
        ]  # fmt: skip
    assert [row.reason for row in activity.find(small_project.id, activity.DecisionFilter(reviewer="ann"))] == [
        "round ears"
    ] * 2
    assert client.get(f"{url}/people", headers=headers).json() == {"people": ["bea"]}


def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_stored(client, small_project):
    url, image_id = f"/api/projects/{small_project.id}/notes", small_project.image_ids[0]
    headers = {tokens.HEADER: tokens.sign("ann")}
    assert client.post(url, json={"image_ids": [image_id], "kind": "flag"}).status_code == 403
    assert client.get(url.replace("notes", "people")).status_code == 403
    for content, status, sentence in (
        (b"{", 400, "The request is not JSON."),
        (b'{"kind": "shout", "image_ids": [1]}', 400, "`kind` is one of note, flag, question, reason."),
        (b'{"kind": "flag", "image_ids": []}', 400, "`image_ids` is a list of 1 to 1,000 numbers of images."),
        (b'{"kind": "flag", "image_ids": ["1"]}', 400, "`image_ids` is a list of 1 to 1,000 numbers of images."),
        (b'{"kind": "flag", "image_ids": [1], "text": 3}', 400, "`text` is text."),
        (f'{{"kind": "note", "image_ids": [{image_id}], "text": " "}}'.encode(), 400, "A note needs some words."),
        (f'{{"kind": "flag", "image_ids": [{image_id}, 999]}}'.encode(), 404, "The project has no image 999."),
        (f'{{"kind": "question", "image_ids": [{image_id}], "text": "?"}}'.encode(), 400, "Say whom to ask."),
        (f'{{"kind": "reason", "image_ids": [{image_id}], "text": "x"}}'.encode(), 400, "You have not decided on"),
    ):
        answer = client.post(url, content=content, headers=headers)
        assert answer.status_code == status
        assert sentence in answer.json()["error"]
    assert noted.of_image(image_id) == []
