"""What monitors ask: whether the process answers, whether it can serve, and its numbers."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate import api_tokens, jobs
from curate.catalog import jobs as job_rows
from curate.review.deciding.decisions import Op, decide
from curate.server import app


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=app.routes(), middleware=app.middleware()), base_url="http://localhost")


def samples(client: TestClient, **headers: str) -> dict[str, float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        f"{sample.name}{sorted(sample.labels.items()) or ''}": sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.usefixtures("either_database")
def test_the_numbers_are_those_of_the_catalog_and_of_the_requests(client: TestClient, small_project: Any) -> None:
    before = samples(client)
    jobs.enqueue("rehearsal", None, {})
    job_rows.start(jobs.enqueue("rehearsal", None, {}))
    decide(small_project.id, "ann", [Op(1, tuple(small_project.image_ids[:3]), "keep")], "ann's browser")
    client.get("/api/v1/projects")
    client.get("/api/v1/projects/cows")
    after = samples(client)
    assert after["curate_jobs[('status', 'queued')]"] == after["curate_jobs[('status', 'running')]"] == 1
    assert after["curate_jobs[('status', 'failed')]"] == 0
    assert after["curate_decisions_total"] - before["curate_decisions_total"] == 3
    assert after["curate_predict_waiting_pictures"] == after["curate_predict_waiting_bytes"] == 0
    for key in ("list_projects'), ('status', '200", "get_project'), ('status', '404"):
        name = f"curate_api_request_seconds_count[('operation', '{key}')]"
        assert after[name] - before.get(name, 0) == 1
    assert after["process_resident_memory_bytes"] > 0


def test_where_people_log_in_the_numbers_need_a_token(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_USER_HEADER", "X-Forwarded-User")
    assert client.get("/metrics").status_code == 401
    token = api_tokens.create_token("prometheus", "ann", ["read"])
    assert samples(client, Authorization=f"Bearer {token}")
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").json() == {"ready": True, "database": True, "scheduler": False}


def test_while_the_catalog_does_not_answer_it_is_alive_and_not_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(job_rows, "count_jobs", fail)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert client.get("/metrics").status_code == 503
