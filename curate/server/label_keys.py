"""Keys of labels, set from the grid.

PUT /api/projects/{project_id}/label-keys        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
{"keys": {"12": "q", "13": "w"}}  ->  {}         no keys = 1 to 9 by position again
"""

from typing import Any

from starlette.routing import Route

from curate.catalog.label_keys import set_keys
from curate.errors import BadInput
from curate.server.answering import Asked, answered, json_object


def routes() -> list[Route]:
    """PUT /api/projects/{project_id}/label-keys."""
    return [Route("/api/projects/{project_id:int}/label-keys", answered(_put), methods=["PUT"])]


def _put(asked: Asked) -> dict[str, Any]:
    """Store the keys; see the module's words."""
    set_keys(asked.project_id, _parse(asked.body))
    return {}


def _parse(raw: bytes) -> dict[int, str]:
    keys = json_object(raw).get("keys")
    if not isinstance(keys, dict) or not all(name.isdecimal() and isinstance(key, str) for name, key in keys.items()):
        raise BadInput("`keys` is an object of label numbers and their keys.")
    return {int(name): key for name, key in keys.items()}
