"""The API's description: an OpenAPI 3.1 document of every operation, and a viewer that asks no other host."""

import re
from typing import Any

from starlette.testclient import TestClient

from curate.server.api import app
from curate.server.api.documentation import VIEWER


def test_every_operation_is_described(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(each.method, re.sub(r":\w+}", "}", each.path)) for each in app.operations()}
    ids = [methods[method]["operationId"] for methods in document["paths"].values() for method in methods]
    assert len(ids) == len(set(ids))


def test_all_references_lead_somewhere(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    for reference in set(references(document)):
        part: Any = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def references(part: Any) -> Any:
    if isinstance(part, dict):
        yield from ([part["$ref"]] if "$ref" in part else [])
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_viewer_comes_from_here(client: TestClient) -> None:
    page = client.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses == ["docs/swagger-ui.css", "data:,", "docs/swagger-ui-bundle.js", "docs/docs.js"]
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "docs.js", "swagger-ui.LICENSE.txt"):
        answer = client.get(f"/api/docs/{name}")
        assert answer.content == (VIEWER / name).read_bytes()
    assert client.get("/api/docs/..%2fapp.py").status_code == 404
    assert client.get("/api/docs/nothing.js").status_code == 404
