"""Keys of labels, set from the grid.

PUT /api/projects/{project_id}/label-keys        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
{"keys": {"12": "q", "13": "w"}}  ->  {}         no keys = 1 to 9 by position again
"""

import json
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.catalog.label_keys import set_keys
from curate.errors import BadInput, CurateError
from curate.review import tokens
from curate.server.decisions import read_body, refusal


def routes() -> list[Route]:
    """PUT /api/projects/{project_id}/label-keys."""
    return [Route("/api/projects/{project_id:int}/label-keys", put_keys, methods=["PUT"])]


async def put_keys(request: Request) -> Response:
    """Store the keys; see the module's words."""
    try:
        tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
        keys = _parse(await read_body(request))
        await to_thread.run_sync(set_keys, request.path_params["project_id"], keys)
    except CurateError as error:
        return refusal(error)
    return JSONResponse({})


def _parse(raw: bytes) -> dict[int, str]:
    try:
        body: Any = json.loads(raw)
    except ValueError as error:
        raise BadInput("The request is not JSON.") from error
    keys = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(keys, dict) or not all(name.isdecimal() and isinstance(key, str) for name, key in keys.items()):
        raise BadInput("`keys` is an object of label numbers and their keys.")
    return {int(name): key for name, key in keys.items()}
