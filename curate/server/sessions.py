"""Review sessions over HTTP, for the grid and for programs; who asks is known by X-Curate-Token, as for decisions.

POST /api/projects/{project_id}/sessions/{session_id}/decisions   as curate.server.decisions, and {"at": image id}
-> {…, "people": [{"reviewer": "bea", "image_id": 12, "position": 3}]}       of a heartbeat: who is there, and where
POST /api/projects/{project_id}/sessions/{session_id}/handful     {"n": 24}
-> {"number": 1, "image_ids": [12, 15]}                           theirs as long as they are heard of; [] = no more
POST /api/projects/{project_id}/sessions/{session_id}/leave       {}
"""

import json
from collections.abc import Callable
from typing import Any

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.errors import BadInput, CurateError, NotFound
from curate.review import tokens
from curate.review.decisions import Change, Op
from curate.review.team import members, opinions, queue, sessions
from curate.server import decisions
from curate.server.decision_body import optional_number, parse_body

_Answer = Callable[[int, str, bytes], dict[str, Any]]
_PATH = "/api/projects/{project_id:int}/sessions/{session_id:int}"


def routes() -> list[Route]:
    """What is asked of a review session."""
    return [
        Route(f"{_PATH}/decisions", _answered_by(_take), methods=["POST"]),
        Route(f"{_PATH}/steps", decisions.get_steps, methods=["GET"]),
        Route(f"{_PATH}/handful", _answered_by(_give), methods=["POST"]),
        Route(f"{_PATH}/leave", _answered_by(_leave), methods=["POST"]),
    ]


def _answered_by(answer: _Answer) -> Callable[[Request], Any]:
    """A route that asks `answer(session id, reviewer, body)` in a thread."""

    async def route(request: Request) -> Response:
        try:
            reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
            raw = await decisions.read_body(request)
            answered = await to_thread.run_sync(_of_session, request.path_params, answer, reviewer, raw)
        except ClientDisconnect:
            return Response(status_code=400)
        except CurateError as error:
            return decisions.refusal(error)
        return JSONResponse(answered, headers={"Cache-Control": "no-store"})

    return route


def _of_session(path: dict[str, int], answer: _Answer, reviewer: str, raw: bytes) -> dict[str, Any]:
    if sessions.project_of(path["session_id"]) != path["project_id"]:
        raise NotFound(f"The project has no review session {path['session_id']}.")
    return answer(path["session_id"], reviewer, raw)


def _take(session_id: int, reviewer: str, raw: bytes) -> dict[str, Any]:
    body = parse_body(raw)

    def take(_project_id: int, name: str, ops: list[Op], client: str, _run_id: int | None) -> None:
        opinions.take(session_id, name, ops, client)

    answer = decisions.answer_to(sessions.project_of(session_id), reviewer, body, take)
    for turn in answer["turns"]:
        if turn["step"]:  # opinions that settle nothing are no decisions, so that no change tells of them
            answer["changes"] += _turned(session_id, reviewer, turn["step"]["key"], answer["revision"])
    if not body["ops"]:
        at = optional_number(json.loads(raw), "at")
        answer["people"] = [_person(one) for one in members.beat(session_id, reviewer, at)]
    return answer


def _turned(session_id: int, reviewer: str, key: str, revision: int) -> list[dict[str, Any]]:
    """What a reviewer now says of the images of their step that was undone or redone."""
    changes = [
        Change(revision, image_id, answer.action, answer.label_id, reviewer)
        if answer
        else Change(revision, image_id, "clear", None, reviewer)
        for image_id, answer in opinions.of_step(session_id, reviewer, key).items()
    ]
    return [decisions.change_fields(change) for change in changes]


def _person(person: members.Person) -> dict[str, Any]:
    return {"reviewer": person.reviewer, "image_id": person.image_id, "position": person.position}


def _give(session_id: int, reviewer: str, raw: bytes) -> dict[str, Any]:
    n = optional_number(_fields(raw), "n")
    given = queue.next_handful(session_id, reviewer, queue.HANDFUL if n is None else max(1, n))
    return {"number": given.number, "image_ids": given.image_ids} if given else {"number": None, "image_ids": []}


def _leave(session_id: int, reviewer: str, _raw: bytes) -> dict[str, Any]:
    members.leave(session_id, reviewer)
    return {"left": True}


def _fields(raw: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(raw or b"{}")
    except ValueError as error:
        raise BadInput("The request is not JSON.") from error
    if not isinstance(fields, dict):
        raise BadInput("The request is not a JSON object.")
    return fields
