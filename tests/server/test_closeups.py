"""The routes behind the one-at-a-time view: what they answer, to whom, and the sentence when there is no heat map."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate import store
from curate.catalog import runs
from curate.embeddings.embed import Recipe
from curate.prediction import endpoint, heat
from curate.prediction import process as process_module
from curate.prediction.process import torch_process
from curate.review import tokens
from curate.server import closeups
from curate.training import saved_model
from curate.training.settings.config import TrainConfig


@pytest.fixture
def client(home: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(torch_process, "started", [])  # other tests' processes are none of this one's business
    headers = {tokens.HEADER: tokens.sign("ann")}
    with TestClient(Starlette(routes=closeups.routes()), headers=headers) as client:
        yield client


@pytest.fixture
def run_id(small_project: Any) -> int:
    """A quick look by `pixels` that is sure of every label but the first image's."""
    chosen = runs.training_set(small_project.id)
    probabilities = np.where(np.arange(2) == chosen.labels[:, None], 0.9, 0.1)
    probabilities[0] = 0.3, 0.7
    config = {"method": "quick_look", "architecture": "pixels", "size_px": 32, "resize": "squish"}
    made = runs.create_run(small_project.id, config, chosen, None)
    runs.finish_run(made, chosen, np.ones(8), probabilities, {})
    np.save(store.run_folder(made) / "probabilities.npy", probabilities)
    return made


def address(project: Any, what: str, position: int = 0) -> str:
    return f"/api/projects/{project.id}/images/{project.image_ids[position]}/{what}"


def test_a_closeup_is_json_that_nobody_keeps(client: TestClient, small_project: Any, run_id: int) -> None:
    answer = client.get(address(small_project, "closeup"), params={"run": run_id})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    said = answer.json()
    assert (said["width"], said["height"], said["format"], said["camera"]) == (8, 8, "PNG", [])
    assert [(event["action"], event["by"]) for event in said["story"]] == [("added", "Ada")]
    cats, dogs = small_project.label_ids.values()
    assert said["thought"]["top"] == [[dogs, 0.7], [cats, 0.3]]


def test_the_nearest_of_both_labels_come_from_the_stored_embeddings(
    client: TestClient, small_project: Any, run_id: int
) -> None:
    answer = client.get(address(small_project, "near"), params={"run": run_id}).json()
    assert (answer["given"], answer["rival"]) == ([], [])  # nothing has been looked at yet
    Recipe("pixels", 32, "squish").cache().add(small_project.shas, np.random.default_rng(0).normal(size=(8, 5)))
    answer = client.get(address(small_project, "near"), params={"run": run_id}).json()
    assert sorted(near["image_id"] for near in answer["given"]) == small_project.image_ids[1:4]
    assert sorted(near["image_id"] for near in answer["rival"]) == small_project.image_ids[4:]
    assert answer["rival_id"] == small_project.label_ids["dogs"]


def test_a_heat_map_comes_as_a_picture_or_as_one_sentence(client: TestClient, small_project: Any, run_id: int) -> None:
    asked = {"run": run_id, "label": small_project.label_ids["dogs"]}
    answer = client.get(address(small_project, "heat"), params=asked)
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "This run has no model.", "hint": "It was not finished, or its files were removed.", "repeat": False,
    }  # fmt: skip
    heat._keep(run_id, small_project.shas[0], 1, np.eye(3, dtype=np.float32))
    answer = client.get(address(small_project, "heat"), params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert Image.open(BytesIO(answer.content)).size == (384, 384)
    answer = client.get(address(small_project, "heat"), params={"run": run_id, "label": 99})
    assert (answer.status_code, answer.json()["error"][:27]) == (404, "There is no heat map: this ")
    assert torch_process.started == []


def test_a_model_process_that_does_not_come_up_is_said_in_one_sentence(
    client: TestClient, small_project: Any, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig(method="quick_look", architecture="pixels", size_px=32, resize="squish")
    facts = saved_model.ModelFacts(["cats", "dogs"], config, [0.0] * 3, [1.0] * 3, {})
    saved_model.write_model(store.run_folder(run_id), facts, [{"mean": np.zeros(1)}], np.zeros((8, 2)))
    monkeypatch.setattr(process_module, "START_S", 0.2)
    (endpoint.folder(endpoint.TORCH) / "lock").mkdir()  # what a process that starts cannot open
    asked = {"run": run_id, "label": small_project.label_ids["dogs"]}
    answer = client.get(address(small_project, "heat"), params=asked)
    for process in torch_process.started:
        process.kill()
        process.wait()
    torch_process.started.clear()
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("The model process ")
    assert answer.json()["hint"] == "It is started again when you ask again."


def test_only_who_has_a_token_is_told_stories(client: TestClient, small_project: Any) -> None:
    answer = client.get(address(small_project, "closeup"), headers={tokens.HEADER: "made up"})
    assert (answer.status_code, answer.json()["hint"]) == (403, "Reload the page.")
    assert client.get(f"/api/projects/{small_project.id}/images/999/closeup").status_code == 404
