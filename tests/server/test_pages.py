"""The route behind turning pages: the next page as the catalog has it, and refusals in a sentence."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.catalog import runs
from curate.review import tokens
from curate.review.deciding.decisions import Op, decide, revision
from curate.review.listing.views import View
from curate.server import pages


@pytest.fixture
def client(home: Any) -> Iterator[TestClient]:
    headers = {tokens.HEADER: tokens.sign("ann")}
    with TestClient(Starlette(routes=pages.routes()), headers=headers) as client:
        yield client


@pytest.fixture
def run_id(small_project: Any) -> int:
    """A run that finds each image harder than the one before."""
    chosen = runs.training_set(small_project.id)
    shares = np.linspace(0.9, 0.2, 8)
    probabilities = np.where(np.arange(2) == chosen.labels[:, None], shares[:, None], 1 - shares[:, None])
    made = runs.create_run(small_project.id, {"method": "quick_look"}, chosen, None)
    runs.finish_run(made, chosen, -np.log(shares), probabilities, {})
    return made


def ask(client: TestClient, project: Any, shown: View, **asked: object) -> Any:
    params: dict[str, Any] = {"view": json.dumps(shown.to_json()), "size": 3} | asked
    return client.get(f"/api/projects/{project.id}/pages", params=params)


def test_pages_follow_each_other_while_decisions_take_pictures_out_of_the_list(
    client: TestClient, small_project: Any, run_id: int
) -> None:
    view, hardest = View(run_id, "loss", reviewed="no"), small_project.image_ids[::-1]
    answer = ask(client, small_project, view)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    first = answer.json()
    assert [item["image_id"] for item in first["items"]] == hardest[:3]
    assert (first["page"], first["revision"], first["items"][0]["sha"]) == (1, 0, small_project.shas[-1])
    decide(small_project.id, "bea", [Op(1, (hardest[0], hardest[4]), "delete")], "client-1")
    second = ask(client, small_project, view, number=2, after=first["after"]).json()
    assert [item["image_id"] for item in second["items"]] == [hardest[3], *hardest[5:7]]
    assert second["revision"] == revision(small_project.id) > 0
    third = ask(client, small_project, view, number=3, after=second["after"]).json()
    assert ([item["image_id"] for item in third["items"]], third["after"]) == ([hardest[7]], None)
    everything = ask(client, small_project, View(run_id, "loss")).json()["items"]
    assert (everything[0]["decision"], everything[0]["decided_by"]) == ("delete", "bea")


def test_what_makes_no_sense_is_refused_in_a_sentence(
    client: TestClient, small_project: Any, make_project: Any, run_id: int
) -> None:
    view, address = View(run_id), f"/api/projects/{small_project.id}/pages"
    for asked, sentence in (
        ({"size": 0}, "'0' is not a whole number from 1 to 500."),
        ({"number": "x"}, "'x' is not a whole number from 1 to 1,000,000,000."),
        ({"after": "here"}, "'here' is no place in a list."),
        ({"view": "{"}, "`view` is not JSON."),
        ({"view": "[]"}, "`view` is an object: the parts of a view."),
        ({"view": "{}"}, "A view names its run."),
    ):
        answer = ask(client, small_project, view, **asked)
        assert (answer.status_code, answer.json()["error"]) == (400, sentence)
    other = make_project([("cats", "train")], name="Another")
    answer = client.get(f"/api/projects/{other.id}/pages", params={"view": json.dumps(view.to_json())})
    assert (answer.status_code, answer.json()["error"]) == (404, f"This project has no finished run {run_id}.")
    assert client.get(address, headers={tokens.HEADER: ""}).status_code == 403
