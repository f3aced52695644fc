"""Notes, flags, questions and reasons, said from the grid.

POST /api/projects/{project_id}/notes        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
{"image_ids": [12], "kind": "question", "text": "A lynx?", "asked": "bea"}  ->  {}
                                             kind: note | flag | question | reason (of one's last decisions on them)
GET /api/projects/{project_id}/people        ->  {"people": ["ann", "bea"]}, who can be asked, the reader left out
"""

from typing import Any

from starlette.routing import Route

from curate.errors import BadInput
from curate.review.team import activity, notes
from curate.server.answering import Asked, answered, json_object

MOST_IMAGES = 1_000  # in one request; a page has fewer
_KINDS = ("note", "flag", "question", "reason")


def routes() -> list[Route]:
    """POST /api/projects/{project_id}/notes, GET /api/projects/{project_id}/people."""
    return [
        Route("/api/projects/{project_id:int}/notes", answered(_note), methods=["POST"]),
        Route("/api/projects/{project_id:int}/people", answered(_people)),
    ]


def _note(asked: Asked) -> dict[str, Any]:
    """Store what was said; see the module's words."""
    _say(asked.project_id, asked.reviewer, _parse(asked.body))
    return {}


def _people(asked: Asked) -> dict[str, Any]:
    """The names of those who can be asked."""
    return {"people": [name for name in notes.people(asked.project_id) if name != asked.reviewer]}


def _say(project_id: int, reviewer: str, body: dict[str, Any]) -> None:
    image_ids, text = body["image_ids"], body["text"]
    if body["kind"] == "note":
        notes.note(project_id, image_ids, reviewer, text)
    elif body["kind"] == "flag":
        notes.flag(project_id, image_ids, reviewer, text)
    elif body["kind"] == "question":
        notes.ask(project_id, image_ids, reviewer, body["asked"], text)
    else:
        activity.give_reason(project_id, image_ids, reviewer, text)


def _parse(raw: bytes) -> dict[str, Any]:
    """The body, checked."""
    given = json_object(raw)
    if given.get("kind") not in _KINDS:
        raise BadInput(f"`kind` is one of {', '.join(_KINDS)}.")
    image_ids = given.get("image_ids")
    numbers = image_ids if isinstance(image_ids, list) else []
    if not 1 <= len(numbers) <= MOST_IMAGES or not all(type(one) is int and 0 < one < 2**63 for one in numbers):
        raise BadInput(f"`image_ids` holds 1 to {MOST_IMAGES:,} numbers of images.")
    text, asked = given.get("text", ""), given.get("asked") or ""
    if not isinstance(text, str) or not isinstance(asked, str):
        raise BadInput("`text` and `asked` are words.")
    return {"kind": given["kind"], "image_ids": numbers, "text": text, "asked": asked}
