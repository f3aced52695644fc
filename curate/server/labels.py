"""New labels and the keys of labels, set from the grid.

PUT /api/projects/{project_id}/label-keys        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
{"keys": {"12": "q", "13": "w"}}  ->  {}         no keys = 1 to 9 by position again
POST /api/projects/{project_id}/labels
{"name": "glass"}  ->  {"id": 12, "name": "glass"}      the label of that name; it is added if it is missing
"""

from typing import Any

from starlette.routing import Route

from curate.catalog import projects
from curate.catalog.label_keys import set_keys
from curate.server.answering import Asked, answered
from curate.server.bodies import parse_keys, parse_label


def routes() -> list[Route]:
    """PUT /api/projects/{project_id}/label-keys, POST /api/projects/{project_id}/labels."""
    return [
        Route("/api/projects/{project_id:number}/label-keys", answered(_put_keys), methods=["PUT"]),
        Route("/api/projects/{project_id:number}/labels", answered(_post), methods=["POST"]),
    ]


def _put_keys(asked: Asked) -> dict[str, Any]:
    """Store the keys; see the module's words."""
    keys = parse_keys(asked.body).keys
    set_keys(asked.project_id, {int(label_id): key for label_id, key in keys.items()})
    return {}


def _post(asked: Asked) -> dict[str, Any]:
    """Add the label; see the module's words."""
    name = projects.clean_name(parse_label(asked.body).name, "label")
    return {"id": projects.add_label(asked.project_id, name), "name": name}
