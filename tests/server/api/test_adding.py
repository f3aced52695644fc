"""Pictures come into a project by the API: one, several, a zip, from addresses; each by a job."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from curate import settings
from curate.jobs.runtime.job_process import run_job
from tests.conftest import tiny_picture
from tests.gather.web import Site, serving

URL = "/api/v1/projects/pets/images"
Run = Callable[[Any], Any]


@pytest.fixture
def finish(get: Callable[..., Any]) -> Run:
    """`finish(answer)`: the job of an answer of 202, after it was done in this process."""

    def finish(answer: Any) -> Any:
        assert answer.status_code == 202, answer.text
        run_job(answer.json()["id"])
        return get(f"jobs/{answer.json()['id']}")

    return finish


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.usefixtures("either_database")
def test_pictures_are_added_under_a_label_and_known_ones_recognised(
    client: TestClient, get: Any, finish: Run, small_project: Any
) -> None:
    files = [("files", (f"../{number}.png", tiny_picture(500 + number))) for number in range(2)]
    job = finish(client.post(URL, params={"label": "birds"}, files=files, headers={"X-Curate-Reviewer": "bea"}))
    assert (job["status"], job["title"], job["submitted_by"]) == ("done", "Import 2 pictures of birds", "bea")
    assert job["outcome"] == "2 pictures added." and job["project"] == "pets"
    rows = get("projects/pets/images", label="birds")["items"]
    assert [row["file_name"] for row in rows] == ["0.png", "1.png"]
    again = finish(
        client.post(URL, files=[*files[:1], ("x", ("new.png", tiny_picture(7_000)))], data={"label": "birds"})
    )
    assert again["outcome"] == "1 picture added, 1 known already."
    assert not list((settings.home() / "incoming").iterdir())


def test_one_picture_or_a_zip_is_the_body_itself(client: TestClient, get: Any, finish: Run, small_project: Any) -> None:
    raw = {"Content-Type": "image/png"}
    query = {"label": "birds", "name": "a\\b/c.png"}
    finish(client.post(URL, params=query, content=tiny_picture(900), headers=raw))
    (row,) = get("projects/pets/images", label="birds")["items"]
    assert row["file_name"] == "c.png"
    archive = zipped({"bees/1.png": tiny_picture(901), "wasps/2.png": tiny_picture(902)})
    job = finish(client.post(URL, content=archive, headers={"Content-Type": "application/zip"}))
    assert job["outcome"] == "2 pictures added."
    assert {label["name"] for label in get("projects/pets/labels")["items"]} == {
        "cats", "dogs", "birds", "bees", "wasps",
    }  # fmt: skip


def test_addresses_are_gathered_under_gatherings_rules(
    client: TestClient, get: Any, finish: Run, small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Site()) as site:
        address = site.add("/one.png", tiny_picture(950, side=80))
        query = {"label": "birds"}
        job = finish(client.post(URL, params=query, json={"url": address}))
        assert job["status"] == "failed" and "The address is not public" in job["message"]
        monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
        job = finish(client.post(URL, params=query, json={"url": [address]}))
        assert (job["status"], job["outcome"]) == ("done", "1 picture kept.")


@pytest.mark.parametrize(
    ("request_", "status", "detail"),
    [
        ({"content": tiny_picture(1), "headers": {"Content-Type": "image/png"}}, 422, "Name the `label`"),
        ({"files": [("f", ("a.png", b"x"))] * 2}, 422, "Name the `label`"),
        ({"json": {"url": "http://a.example/b"}}, 422, "Name the `label`"),
        ({"json": {"url": ""}, "params": {"label": "x"}}, 422, "The request has values that cannot be used."),
        ({"content": b"", "headers": {"Content-Type": "image/png"}}, 422, "The body is empty."),
        ({"content": b"x", "headers": {"Content-Type": "text/html"}}, 415, "The body is a file"),
        ({"files": [("f", ("a.png", b"x"))], "params": {"label": " "}}, 422, "A label needs a name."),
        ({"content": b"x" * 1_000_001, "headers": {"Content-Type": "image/png"}}, 413, "A request can have 1 MB."),
    ],
)
def test_what_cannot_be_added_is_refused_and_leaves_nothing(
    client: TestClient, small_project: Any, monkeypatch: pytest.MonkeyPatch, request_: Any, status: int, detail: str
) -> None:
    monkeypatch.setenv("CURATE_MAX_UPLOAD_MB", "1")
    answer = client.post(URL, **request_)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["detail"].startswith(detail)
    incoming = settings.home() / "incoming"
    assert not incoming.exists() or not list(incoming.iterdir())


@pytest.mark.usefixtures("either_database")
def test_pictures_without_a_label_are_added_listed_labelled_and_taken_back(
    client: TestClient, get: Any, finish: Run, small_project: Any
) -> None:
    job = finish(client.post(URL, params={"unlabelled": True}, files=[("files", ("u.png", tiny_picture(500)))]))
    assert (job["title"], job["outcome"]) == ("Import 1 picture without a label", "1 picture added.")
    packed = zipped({"cats/1.png": tiny_picture(600), "2.png": tiny_picture(601)})
    raw = {"Content-Type": "application/zip"}
    finish(client.post(URL, params={"unlabelled": True, "name": "x.zip"}, content=packed, headers=raw))
    rows = get("projects/pets/images", unlabelled=True)["items"]
    assert [(row["file_name"], row["label"], row["split"]) for row in rows] == [
        ("u.png", None, None), ("2.png", None, None),
    ]  # fmt: skip
    assert get("projects/pets/images/" + str(rows[0]["id"]))["label"] is None
    project = get("projects/pets")
    assert (project["n_images"], project["n_unlabelled"]) == (9, 2)
    decide = {"decisions": [{"action": "relabel", "images": [rows[0]["id"]], "label": "dogs"}]}
    assert client.post("/api/v1/projects/pets/decisions", json=decide).status_code == 200
    take_off = {"decisions": [{"action": "relabel", "images": [small_project.image_ids[0]], "label": None}]}
    (change,) = client.post("/api/v1/projects/pets/decisions", json=take_off).json()["changes"]
    assert (change["decision"], change["label"]) == ("relabel", None)
    version = client.post("/api/v1/projects/pets/apply", json={}).json()["version"]
    assert (version["message"], version["n_images"], version["n_unlabelled"]) == ("1 labelled, 1 unlabelled", 9, 2)
