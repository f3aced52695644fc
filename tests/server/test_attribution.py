"""The attribution list as a download."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.server import attribution


def test_the_list_comes_as_a_file_of_either_kind(small_project):
    client = TestClient(Starlette(routes=attribution.routes()))
    table = client.get(f"/api/projects/{small_project.id}/attribution.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="attribution_v1.csv"'
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(table.text.splitlines()) == 9
    text = client.get(f"/api/projects/{small_project.id}/attribution.md").text
    assert "- 8 whose licence is not known" in text


def test_an_unknown_project_or_kind_is_not_found(small_project):
    client = TestClient(Starlette(routes=attribution.routes()))
    assert client.get("/api/projects/99/attribution.csv").status_code == 404
    assert client.get(f"/api/projects/{small_project.id}/attribution.pdf").status_code == 404
