"""Jobs by program: trainings are started, watched and cancelled."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from curate.catalog import jobs as job_rows
from curate.catalog import projects
from curate.jobs.submit import presets

URL = "/api/v1/projects/pets/trainings"


@pytest.mark.usefixtures("either_database")
def test_a_training_is_started_watched_and_cancelled(client: TestClient, get: Any, small_project: Any) -> None:
    body = {"settings": {"architecture": "small_cnn", "pretrained": False, "size_px": 32, "epochs": 1}}
    started = client.post(URL, json=body, headers={"X-Curate-Reviewer": "bea"})
    assert started.status_code == 202, started.text
    job = started.json()
    assert (job["kind"], job["status"], job["submitted_by"], job["project"]) == ("train", "queued", "bea", "pets")
    assert job_rows.find_job(job["id"]).args["config"]["epochs"] == 1
    job_rows.start(job["id"])
    job_rows.report(job["id"], {"done": 3, "total": 10, "message": "Epoch 1"})
    assert get(f"jobs/{job['id']}")["progress"] == {"done": 3, "total": 10, "message": "Epoch 1"}
    cancelled = client.post(f"/api/v1/jobs/{job['id']}/cancel", json={"how": "keep"})
    assert cancelled.status_code == 202 and job_rows.find_job(job["id"]).cancel == "keep"


def test_a_training_begins_with_a_preset_as_on_the_page(client: TestClient, small_project: Any) -> None:
    for name in ("quick look", "standard", "thorough"):
        job = client.post(URL, json={"preset": name, "settings": {"seed": 7}}).json()
        config = job_rows.find_job(job["id"]).args["config"]
        expected = presets.find(projects.find_project(small_project.id), name).config.to_json()
        assert config == expected | {"seed": 7}


def test_jobs_come_in_parts_newest_first(client: TestClient, get: Any, small_project: Any) -> None:
    for _ in range(3):
        client.post(URL, json={"preset": "quick look"})
    first = get("jobs", limit=2, project="pets", status="queued")
    rest = get("jobs", limit=2, after=first["next"])
    assert [job["id"] for job in [*first["items"], *rest["items"]]] == [3, 2, 1]
    assert rest["next"] is None
    assert get("jobs", status="done")["items"] == []


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"settings": {"epochs": 0.5}}, "Epochs must be"),
        ({"settings": {"epochs": "many"}}, "Epochs must be"),
        ({"settings": {"epochs": None}}, "Epochs must be"),
        ({"settings": {"pretrained": "yes"}}, "Pretrained must be true or false, not 'yes'."),
        ({"settings": {"architecture": 7}}, "Architecture must be a name, not 7."),
        ({"settings": {"wings": 2}}, "A training has no setting `wings`."),
        ({"preset": "standard", "like": 1}, "A training begins with a preset or with the settings of a run"),
        ({"preset": "slow"}, "The request has values that cannot be used."),
        ({"settings": {"epochs": [1]}}, "The request has values that cannot be used."),
    ],
)
def test_settings_that_cannot_work_are_refused(
    client: TestClient, small_project: Any, body: dict[str, Any], detail: str
) -> None:
    answer = client.post(URL, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"].startswith(detail)
    assert job_rows.list_jobs() == []


def test_a_job_there_is_not_is_said(client: TestClient) -> None:
    for answer in (client.get("/api/v1/jobs/7"), client.post("/api/v1/jobs/7/cancel", json={})):
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no job 7.")
