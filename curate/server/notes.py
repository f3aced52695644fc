"""Notes, flags, questions and reasons, said from the grid.

POST /api/projects/{project_id}/notes        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
{"image_ids": [12], "kind": "question", "text": "A lynx?", "asked": "bea"}  ->  {}
                                             kind: note | flag | question | reason (of one's last decisions on them)
GET /api/projects/{project_id}/people        ->  {"people": ["ann", "bea"]}, who can be asked, the reader left out
"""

import json
from typing import Any

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.errors import BadInput, CurateError
from curate.review import tokens
from curate.review.team import log, notes
from curate.server.decisions import read_body, refusal

MOST_IMAGES = 1_000  # in one request; a page has fewer
_KINDS = ("note", "flag", "question", "reason")


def routes() -> list[Route]:
    """POST /api/projects/{project_id}/notes, GET /api/projects/{project_id}/people."""
    return [
        Route("/api/projects/{project_id:int}/notes", post_note, methods=["POST"]),
        Route("/api/projects/{project_id:int}/people", get_people, methods=["GET"]),
    ]


async def post_note(request: Request) -> Response:
    """Store what was said; see the module's words."""
    try:
        reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
        body = _parse(await read_body(request))
        await to_thread.run_sync(_say, request.path_params["project_id"], reviewer, body)
    except ClientDisconnect:
        return Response(status_code=400)
    except CurateError as error:
        return refusal(error)
    return JSONResponse({})


async def get_people(request: Request) -> Response:
    """The names of those who can be asked."""
    try:
        reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
    except CurateError as error:
        return refusal(error)
    names = await to_thread.run_sync(notes.people, request.path_params["project_id"])
    others = [name for name in names if name != reviewer]
    return JSONResponse({"people": others}, headers={"Cache-Control": "no-store"})


def _say(project_id: int, reviewer: str, body: dict[str, Any]) -> None:
    image_ids, text = body["image_ids"], body["text"]
    if body["kind"] == "note":
        notes.note(project_id, image_ids, reviewer, text)
    elif body["kind"] == "flag":
        notes.flag(project_id, image_ids, reviewer, text)
    elif body["kind"] == "question":
        notes.ask(project_id, image_ids, reviewer, body["asked"], text)
    else:
        log.give_reason(project_id, image_ids, reviewer, text)


def _parse(raw: bytes) -> dict[str, Any]:
    """The body, checked."""
    try:
        given: Any = json.loads(raw)
    except ValueError as error:
        raise BadInput("The request is not JSON.") from error
    if not isinstance(given, dict) or given.get("kind") not in _KINDS:
        raise BadInput(f"`kind` is one of {', '.join(_KINDS)}.")
    image_ids = given.get("image_ids")
    numbers = image_ids if isinstance(image_ids, list) else []
    if not 1 <= len(numbers) <= MOST_IMAGES or not all(type(one) is int and 0 < one < 2**63 for one in numbers):
        raise BadInput(f"`image_ids` holds 1 to {MOST_IMAGES:,} numbers of images.")
    text, asked = given.get("text", ""), given.get("asked") or ""
    if not isinstance(text, str) or not isinstance(asked, str):
        raise BadInput("`text` and `asked` are words.")
    return {"kind": given["kind"], "image_ids": numbers, "text": text, "asked": asked}
