"""Exports by program: started, listed, downloaded."""

import io
import zipfile
from typing import Any

from starlette.testclient import TestClient

from curate.catalog import projects
from curate.jobs.runtime.job_process import run_job

URL = "/api/v1/projects/pets/exports"


def test_a_version_is_exported_listed_and_downloaded(client: TestClient, get: Any, small_project: Any) -> None:
    job = client.post(URL, json={"format": "zip", "version": 1}, headers={"X-Curate-Reviewer": "bea"})
    assert job.status_code == 202, job.text
    (export,) = get("projects/pets/exports")["items"]
    assert (export["format"], export["version"], export["author"], export["has_file"]) == ("zip", 1, "bea", False)
    early = client.get(f"{URL}/{export['id']}/file")
    assert (early.status_code, early.json()["detail"]) == (409, f"Export {export['id']} cannot be downloaded.")
    run_job(job.json()["id"])
    (export,) = get("projects/pets/exports")["items"]
    assert (export["status"], export["n_images"], export["has_file"]) == ("done", 8, True)
    answer = client.get(f"{URL}/{export['id']}/file")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert sum(name.endswith(".png") for name in names) == 8
    projects.create_project("others")
    assert client.get(f"/api/v1/projects/others/exports/{export['id']}/file").status_code == 404
    assert client.get(f"{URL}/99/file").status_code == 404


def test_a_format_or_version_there_is_not_is_refused(client: TestClient, small_project: Any) -> None:
    assert client.post(URL, json={"format": "floppy"}).status_code == 422
    assert client.post(URL, json={"version": 7}).json()["detail"] == "The project has no version 7."
