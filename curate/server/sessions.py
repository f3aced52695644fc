"""Review sessions over HTTP, for the grid and for programs; who asks is known by X-Curate-Token, as for decisions.

POST /api/projects/{project_id}/sessions/{session_id}/decisions   as curate.server.decisions, and {"at": image id}
-> {…, "people": [{"reviewer": "bea", "image_id": 12, "position": 3}]}       of a heartbeat: who is there, and where
POST /api/projects/{project_id}/sessions/{session_id}/handful     {"n": 24}
-> {"number": 1, "image_ids": [12, 15]}                           theirs as long as they are heard of; [] = no more
POST /api/projects/{project_id}/sessions/{session_id}/leave       {}
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.errors import BadInput, CurateError, NotFound
from curate.review import tokens
from curate.review.decisions import Change, Op
from curate.review.team import members, opinions, queue, sessions
from curate.review.team.saying import Saying
from curate.server import decisions
from curate.server.combining import Combiner
from curate.server.decision_body import optional_number, parse_body
from curate.server.news import Listener, News


@dataclass(frozen=True)
class _Asked:
    project_id: int
    session_id: int
    reviewer: str
    raw: bytes


_PATH = "/api/projects/{project_id:int}/sessions/{session_id:int}"


def routes() -> list[Route]:
    """What is asked of a review session."""
    return [
        Route(f"{_PATH}/decisions", _answered_by(_take), methods=["POST"]),
        Route(f"{_PATH}/steps", decisions.get_steps, methods=["GET"]),
        Route(f"{_PATH}/handful", _answered_by(_give), methods=["POST"]),
        Route(f"{_PATH}/leave", _answered_by(_leave), methods=["POST"]),
    ]


def _answered_by(answer: Callable[[_Asked], Awaitable[dict[str, Any]]]) -> Callable[[Request], Any]:
    """A route that answers what is asked of a session."""

    async def route(request: Request) -> Response:
        try:
            reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
            asked = _Asked(**request.path_params, reviewer=reviewer, raw=await decisions.read_body(request))
            answered = await answer(asked)
        except ClientDisconnect:
            return Response(status_code=400)
        except CurateError as error:
            return decisions.refusal(error)
        return JSONResponse(answered, headers={"Cache-Control": "no-store"})

    return route


async def _take(asked: _Asked) -> dict[str, Any]:
    body = parse_body(asked.raw)
    ops = body["ops"]
    if ops and all(isinstance(op, Op) for op in ops):
        return await _combiner.ask(asked.project_id, (asked, body))
    return await to_thread.run_sync(_turn_or_beat, asked, body)


def _check(asked: _Asked) -> None:
    """Raises NotFound for a session that is not of that project."""
    if sessions.project_of(asked.session_id) != asked.project_id:
        raise NotFound(f"The project has no review session {asked.session_id}.")


def _misplaced(asked: _Asked) -> CurateError | None:
    try:
        _check(asked)
    except CurateError as error:
        return error
    return None


def _take_all(asked: Sequence[tuple[_Asked, dict[str, Any]]]) -> list[dict[str, Any] | Exception]:
    """What several people of one project said at the same moment, and what changed since each of them last asked."""
    project_id = asked[0][0].project_id
    misplaced = [_misplaced(one) for one, _ in asked]
    sayings = [
        Saying(one.session_id, one.reviewer, body["ops"], body["client"])
        for (one, body), error in zip(asked, misplaced, strict=True)
        if error is None
    ]
    outcomes = iter(opinions.take_all(project_id, sayings))
    refused = [error or next(outcomes) for error in misplaced]
    listeners = [Listener(one.session_id, one.reviewer, body["since"]) for one, body in asked]
    news = News(project_id, listeners)
    return [
        refusal or {"acked": body["ops"][-1].seq, "turns": [], **news.of(listener)}
        for (_, body), refusal, listener in zip(asked, refused, listeners, strict=True)
    ]


_combiner = Combiner[tuple[_Asked, dict[str, Any]], dict[str, Any]](_take_all)


def _turn_or_beat(asked: _Asked, body: dict[str, Any]) -> dict[str, Any]:
    _check(asked)

    def take(_project_id: int, reviewer: str, ops: list[Op], client: str, _run_id: int | None) -> None:
        opinions.take(Saying(asked.session_id, reviewer, ops, client))

    answer = decisions.answer_to(asked.project_id, asked.reviewer, body, take)
    for turn in answer["turns"]:
        if turn["step"]:  # opinions that settle nothing are no decisions, so that no change tells of them
            answer["changes"] += _turned(asked.session_id, asked.reviewer, turn["step"]["key"], answer["revision"])
    if not body["ops"]:
        at = optional_number(json.loads(asked.raw), "at")
        answer["people"] = [_person(one) for one in members.beat(asked.session_id, asked.reviewer, at)]
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


async def _give(asked: _Asked) -> dict[str, Any]:
    return await to_thread.run_sync(_handful, asked)


def _handful(asked: _Asked) -> dict[str, Any]:
    _check(asked)
    n = optional_number(_fields(asked.raw), "n")
    given = queue.next_handful(asked.session_id, asked.reviewer, queue.HANDFUL if n is None else max(1, n))
    return {"number": given.number, "image_ids": given.image_ids} if given else {"number": None, "image_ids": []}


async def _leave(asked: _Asked) -> dict[str, Any]:
    await to_thread.run_sync(_check, asked)
    await to_thread.run_sync(members.leave, asked.session_id, asked.reviewer)
    return {"left": True}


def _fields(raw: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(raw or b"{}")
    except ValueError as error:
        raise BadInput("The request is not JSON.") from error
    if not isinstance(fields, dict):
        raise BadInput("The request is not a JSON object.")
    return fields
