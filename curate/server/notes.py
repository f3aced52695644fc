"""Notes, flags, questions and reasons, said from the grid.

POST /api/projects/{project_id}/notes        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
{"image_ids": [12], "kind": "question", "text": "A lynx?", "asked": "bea"}  ->  {}
                                             kind: note | flag | question | reason (of one's last decisions on them)
GET /api/projects/{project_id}/people        ->  {"people": ["ann", "bea"]}, who can be asked, the reader left out
"""

from typing import Any

from starlette.routing import Route

from curate.review.team import activity, notes
from curate.server.answering import Asked, answered
from curate.server.bodies import NoteBody, parse_note


def routes() -> list[Route]:
    """POST /api/projects/{project_id}/notes, GET /api/projects/{project_id}/people."""
    return [
        Route("/api/projects/{project_id:number}/notes", answered(_note), methods=["POST"]),
        Route("/api/projects/{project_id:number}/people", answered(_people)),
    ]


def _note(asked: Asked) -> dict[str, Any]:
    """Store what was said; see the module's words."""
    _say(asked.project_id, asked.reviewer, parse_note(asked.body))
    return {}


def _people(asked: Asked) -> dict[str, Any]:
    """The names of those who can be asked."""
    return {"people": [name for name in notes.people(asked.project_id) if name != asked.reviewer]}


def _say(project_id: int, reviewer: str, body: NoteBody) -> None:
    if body.kind == "note":
        notes.note(project_id, body.image_ids, reviewer, body.text)
    elif body.kind == "flag":
        notes.flag(project_id, body.image_ids, reviewer, body.text)
    elif body.kind == "question":
        notes.ask(project_id, body.image_ids, reviewer, body.asked, body.text)
    else:
        activity.set_reason(project_id, body.image_ids, reviewer, body.text)
