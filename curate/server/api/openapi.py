"""The OpenAPI 3.1 document, made from the operations and their models."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from curate.server.api import adding, addresses, callers, problems
from curate.server.api.operations import Operation
from curate.server.api.problems import Problem

_REFERENCE = "#/components/schemas/{model}"
_USUAL_REFUSALS = (401, 403, 422, 429, 500, 503)
_TITLE, _VERSION = "Curate", "1"
_DESCRIPTION = """Curate's projects for programs.

Where people log in, each request needs a token: `Authorization: Bearer curate_…`. A token has scopes; each operation
names the one that it needs. Refusals are `application/problem+json` (RFC 9457). With 429 and 503, `Retry-After` says
when to try again.
"""


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document as JSON values; its server's address is relative to /api/openapi.json."""
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = re.sub(r":\w+}", "}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": _VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "v1"}],
        "security": [{"token": []}, {}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": _problem_response("The request was refused.")},
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """({(model, mode): its schema}, {name: schema} of all that they refer to)."""
    models: dict[tuple[type[BaseModel], Any], None] = {(Problem, "serialization"): None}
    models[addresses.AddressBody, "validation"] = models[adding.AddressesBody, "validation"] = None
    for operation in operations:
        if not isinstance(operation.reply, str):
            models[operation.reply, "serialization"] = None
        if operation.body:
            models[operation.body, "validation"] = None
    schemas, shared = models_json_schema(list(models), ref_template=_REFERENCE)
    return schemas, shared["$defs"]


def _describe(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.section],
        "summary": operation.summary,
        "description": f"{operation.description}\n\nScope: `{operation.scope}`.".strip(),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_name_parameter(operation)],
        "responses": _responses(operation, schemas),
    }
    if operation.body:
        schema = schemas[operation.body, "validation"]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    elif operation.content:
        content = {media_type: {"schema": schema} for media_type, schema in operation.content.items()}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    kinds = {"number": {"type": "integer", "minimum": 1}, "": {"type": "string", "minLength": 1}}
    return [
        {"name": name, "in": "path", "required": True, "schema": kinds[kind]}
        | ({"description": "its slug or its number"} if name == "project" else {})
        for name, kind in re.findall(r"{(\w+):?(\w*)}", operation.path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    properties = operation.query.model_json_schema(ref_template=_REFERENCE).get("properties", {})
    return [
        {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}
        | ({"description": schema["description"]} if "description" in schema else {})
        for name, schema in properties.items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: the parameter is left out instead."""
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "description", "title", "default")}
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    default = {"default": schema["default"]} if schema.get("default") is not None else {}
    return kept | (kinds[0] if kinds else {}) | default


def _name_parameter(operation: Operation) -> list[dict[str, Any]]:
    if operation.method == "GET" or operation.scope == "predict":
        return []
    words = "who does it, where no token is needed"
    return [{"name": callers.NAME_HEADER, "in": "header", "schema": {"type": "string"}, "description": words}]


def _responses(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    if isinstance(operation.reply, str):
        content: dict[str, Any] = {operation.reply: {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": schemas[operation.reply, "serialization"]}}
    responses: dict[str, Any] = {
        str(operation.status): {"description": HTTPStatus(operation.status).phrase, "content": content}
    }
    not_found = (404,) if "{" in operation.path else ()
    bodies = (408, 413, 415) if operation.body or operation.content else ()
    for status in sorted({*_USUAL_REFUSALS, *operation.refusals, *not_found, *bodies}):
        responses[str(status)] = _problem_response(HTTPStatus(status).phrase)
    return responses | {"default": {"$ref": "#/components/responses/Problem"}}


def _problem_response(description: str) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(model=Problem.__name__)}
    return {"description": description, "content": {problems.MEDIA_TYPE: {"schema": schema}}}
