"""Keys of labels, set from the grid.

PUT /api/projects/{project_id}/label-keys        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
{"keys": {"12": "q", "13": "w"}}  ->  {}         no keys = 1 to 9 by position again
"""

from typing import Any

from starlette.routing import Route

from curate.catalog.label_keys import set_keys
from curate.server.answering import Asked, answered
from curate.server.bodies import parse_keys


def routes() -> list[Route]:
    """PUT /api/projects/{project_id}/label-keys."""
    return [Route("/api/projects/{project_id:number}/label-keys", answered(_put), methods=["PUT"])]


def _put(asked: Asked) -> dict[str, Any]:
    """Store the keys; see the module's words."""
    keys = parse_keys(asked.body).keys
    set_keys(asked.project_id, {int(label_id): key for label_id, key in keys.items()})
    return {}
