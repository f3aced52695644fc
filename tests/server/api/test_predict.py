"""POST …/predict with a real model process: one picture, many, an address; bad ones are named; a full queue says so."""

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from curate.catalog import jobs as job_rows
from curate.jobs.runtime.job_process import run_job
from curate.model_export import golden
from curate.prediction import client as prediction_client
from curate.server.api import predict
from tests.conftest import tiny_picture
from tests.gather.web import Site, serving
from tests.onnx_graph.test_write import LABELS

URL = "/api/v1/projects/pets/predict"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


def scores(prediction: dict[str, Any]) -> dict[str, float]:
    return {each["label"]: each["score"] for each in prediction["scores"]}


def test_one_and_many_are_answered_as_the_model_does(client: TestClient, answering: Any) -> None:
    pictures = golden.pictures()
    expected = {
        answer.name: answer.probabilities for answer in prediction_client.predict(answering.folder, [*pictures.items()])
    }
    many = client.post(URL, files=[("files", item) for item in pictures.items()])
    assert many.status_code == 200, many.text
    body = many.json()
    assert (body["run"], body["version"]) == (1, 1)
    assert [each["name"] for each in body["predictions"]] == list(pictures)
    for each in body["predictions"]:
        assert set(each) == {"name", "top", "scores", "unfamiliar", "similarity", "nearest", "error"}
        by_label = scores(each)
        np.testing.assert_allclose([by_label[label] for label in LABELS], expected[each["name"]], atol=1e-6)
        assert list(by_label.values()) == sorted(by_label.values(), reverse=True)
        assert each["top"] == each["scores"][0]["label"]
    name, data = next(iter(pictures.items()))
    raw = client.post(URL, content=data, headers={"Content-Type": "image/jpeg"}, params={"run": 1, "most": 1}).json()
    assert raw["predictions"][0]["scores"] == many.json()["predictions"][0]["scores"][:1]


def test_an_address_is_fetched_under_the_rules_of_gathering(
    client: TestClient, answering: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = site.add("/one.png", tiny_picture(1, side=64))
    refused = client.post(URL, json={"url": address})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith(f"{address} cannot be fetched: the address is not public. 127.0.0.1")
    monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
    answer = client.post(URL, json={"url": [address, address]})
    assert answer.status_code == 200, answer.text
    assert [each["name"] for each in answer.json()["predictions"]] == [address, address]
    gone = client.post(URL, json={"url": f"{site.url}/gone"})
    assert gone.json()["detail"] == f"{site.url}/gone cannot be fetched: the server answered 404 Not Found."


def test_a_bad_file_among_good_ones_is_named_and_alone_it_is_refused(client: TestClient, answering: Any) -> None:
    files = [("files", ("../../etc/passwd", b"no picture")), ("files", ("good.png", tiny_picture(1)))]
    bad, good = client.post(URL, files=files).json()["predictions"]
    assert (bad["name"], bad["top"], bad["scores"]) == ("../../etc/passwd", None, [])
    assert bad["error"].startswith("Not a picture in a format") and good["error"] is None
    alone = client.post(URL, files=files[:1])
    assert (alone.status_code, alone.json()["detail"]) == (422, bad["error"])
    assert client.post(URL, files=files[1:]).json()["predictions"] == [good]


@pytest.mark.parametrize(
    ("request_", "status", "detail"),
    [
        ({"content": b"", "headers": {"Content-Type": "image/png"}}, 422, "The body is empty."),
        ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "The body is a picture"),
        ({"content": b"x"}, 415, "The body is a picture"),
        ({"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, 422, "The form cannot be read"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 422, "The form"),
        ({"data": {"a": "b"}, "files": {}}, 415, "The body is a picture"),
        ({"json": {"url": []}}, 422, "The request has values that cannot be used."),
        ({"json": {"address": "x"}}, 422, "The request has values that cannot be used."),
        ({"json": {"url": "ftp://a.example/b"}}, 422, "ftp://a.example/b cannot be fetched"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "The request has values"),
        ({"content": b"x", "headers": {"Content-Type": "image/png"}, "params": {"run": 5}}, 404, "The project has no"),
        ({"content": b"x" * 2_000, "headers": {"Content-Type": "image/png"}}, 413, "A request can have 0 MB."),
    ],
)
def test_bodies_that_cannot_be_used_are_refused_with_a_sentence(
    client: TestClient,
    answering: Any,
    monkeypatch: pytest.MonkeyPatch,
    request_: dict[str, Any],
    status: int,
    detail: str,
) -> None:
    monkeypatch.setattr(predict, "LIMIT_BYTES", 1_000)
    answer = client.post(URL, **request_)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["detail"].startswith(detail)
    assert predict.waiting.n_bytes == predict.waiting.n_pictures == 0


def test_a_project_without_a_run_says_so(client: TestClient, small_project: Any) -> None:
    answer = client.post(URL, content=tiny_picture(1), headers={"Content-Type": "image/png"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "The project has no finished run.")


def test_while_too_many_pictures_wait_callers_are_told_when_to_come_again(
    client: TestClient, answering: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on = threading.Event(), threading.Event()
    answers = []

    def wait_then_predict(folder: Any, files: Any) -> Any:
        began.set()
        assert go_on.wait(10)
        return [prediction_client.Prediction(name, np.array([0.2, 0.5, 0.3]), None) for name, _ in files]

    monkeypatch.setattr(prediction_client, "predict", wait_then_predict)
    monkeypatch.setattr(predict, "MOST_WAITING", 2)
    files = [("files", (f"{number}.png", tiny_picture(number))) for number in range(3)]
    first = threading.Thread(target=lambda: answers.append(client.post(URL, files=files)))
    first.start()
    assert began.wait(10)
    full = client.post(URL, files=files[:1])
    assert (full.status_code, full.headers["retry-after"]) == (429, "1")
    assert full.json()["detail"] == "Too many pictures wait for an answer."
    go_on.set()
    first.join()
    assert answers[0].status_code == 200  # alone, any number goes
    assert client.post(URL, files=files[:1]).status_code == 200
    monkeypatch.setattr(predict, "MOST_BYTES", 100)
    assert client.post(URL, files=files[:1]).status_code == 429
    assert predict.waiting.n_bytes == predict.waiting.n_pictures == 0


def test_a_first_question_gets_the_run_ready_to_say_what_is_familiar(client: TestClient, answering: Any) -> None:
    picture = {"files": ("new.png", tiny_picture(60_000, side=64))}
    (first,) = client.post(URL, files=picture).json()["predictions"]
    assert (first["unfamiliar"], first["similarity"], first["nearest"]) == (None, None, [])
    (job,) = job_rows.list_jobs(answering.project.id)
    assert (job.kind, job.status) == ("graph", "queued")
    run_job(job.id)
    (second,) = client.post(URL, files=picture).json()["predictions"]
    assert second["scores"] == first["scores"] and -1 <= second["similarity"] <= 1
    nearest = second["nearest"]
    assert {each["image"] for each in nearest} <= set(answering.project.image_ids) and len(nearest) == 6
    assert second["similarity"] == pytest.approx(np.mean([each["similarity"] for each in nearest]), abs=1e-5)
    assert [each["similarity"] for each in nearest] == sorted((each["similarity"] for each in nearest), reverse=True)
