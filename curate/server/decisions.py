"""Decisions by POST: one small request per key press, outside Streamlit, so that no rerun can delay or lose it.

    POST /api/projects/{project_id}/decisions        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
    {"client": "9f…", "since": 41, "run_id": 3, "ops": [{"seq": 7, "image_ids": [12], "action": "keep"}]}
    -> {"acked": 7, "revision": 42, "changes": [{"revision": 42, "image_id": 12, "decision": "keep", …}], "more": false}

Sending the same client and seq again changes nothing, so a script may repeat itself until it is answered. No ops make
a heartbeat: what others decided since. Ops that share a "step" (with a "step_name") are undone as one; {"seq": 8,
"action": "undo" | "redo", "step": "…"} turns a step, without one the reviewer's newest, and "turns" says what came of
it; GET …/steps lists them. Refusals are {"error": sentence, "hint": sentence} with a 4xx status.
"""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.errors import BadInput, Conflict, CurateError, NotFound
from curate.review import steps, tokens
from curate.review.decisions import Change, Op, changes_since, decide, revision
from curate.server.decision_body import Turning, parse_body

MAX_BODY_BYTES = 1_000_000
MAX_CHANGES = 500  # in one answer; "more" says that there are others
FAR_BEHIND = 5_000  # decisions
MAX_STEPS = 100  # in a list: as far as a menu is read
TURN_S = 5.0  # an undo that takes longer answers unacknowledged, and goes on when it is asked for again
Take = Callable[[int, str, list[Op], str, int | None], object]  # as `decide`
_STATUS = {BadInput: 400, tokens.BadToken: 403, NotFound: 404, Conflict: 409}


class TooLarge(BadInput):
    """A request's body is over `MAX_BODY_BYTES`."""


def routes() -> list[Route]:
    """POST /api/projects/{project_id}/decisions, GET /api/projects/{project_id}/steps."""
    return [
        Route("/api/projects/{project_id:int}/decisions", post_decisions, methods=["POST"]),
        Route("/api/projects/{project_id:int}/steps", get_steps, methods=["GET"]),
    ]


async def get_steps(request: Request) -> Response:
    """{"steps": [{"key", "name", "n_images", "is_undone"}, …]}: the reviewer's last steps, newest first."""
    try:
        reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
    except CurateError as error:
        return refusal(error)
    found = await to_thread.run_sync(steps.list_steps, request.path_params["project_id"], reviewer, MAX_STEPS)
    return JSONResponse({"steps": [step_fields(step) for step in found]}, headers={"Cache-Control": "no-store"})


async def post_decisions(request: Request) -> Response:
    """Store what a reviewer decided and answer with what changed since; see the module's words."""
    try:
        reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
        body = parse_body(await read_body(request))
        answer = await to_thread.run_sync(answer_to, request.path_params["project_id"], reviewer, body)
    except ClientDisconnect:
        return Response(status_code=400)
    except CurateError as error:
        return refusal(error)
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def answer_to(project_id: int, reviewer: str, body: dict[str, Any], take: Take = decide) -> dict[str, Any]:
    """Do what a body (see `parse_body`) asks, decisions through `take`, and say what changed since."""
    acked, turns = _carry_out(project_id, reviewer, body, take)
    return {"acked": acked, "turns": turns, **_news(project_id, body["since"])}


def _news(project_id: int, since: int) -> dict[str, Any]:
    """What was decided since; after a bulk, only that the page has to be asked for anew."""
    changes, version_id = changes_since(project_id, since, MAX_CHANGES)
    # What this answer brings the reader up to, which is not the newest when there is more.
    up_to, has_more = changes[-1].revision if changes else since, len(changes) == MAX_CHANGES
    if has_more and (newest := revision(project_id)) - up_to > FAR_BEHIND:
        return {"revision": newest, "changes": [], "more": False, "reload": True, "version": version_id}
    told = [change_fields(change) for change in changes]
    return {"revision": up_to, "changes": told, "more": has_more, "version": version_id}


def _carry_out(project_id: int, reviewer: str, body: dict[str, Any], take: Take) -> tuple[int, list[dict[str, Any]]]:
    """Do what was asked, in order; the number of the last that is done (0 = none), and what came of undo and redo."""
    client, acked, turns = body["client"], 0, []
    for is_turning, ops in groupby(body["ops"], lambda op: isinstance(op, Turning)):
        if not is_turning:
            decisions = list(ops)
            take(project_id, reviewer, decisions, client, body["run_id"])
            acked = decisions[-1].seq
            continue
        for op in ops:
            ask = steps.undo if op.is_undo else steps.redo
            turn = ask(project_id, reviewer, op.key, steps.Sent(client, op.seq), TURN_S)
            turns.append(_turn(turn, op.seq, reviewer))
            if not turn.is_complete:
                return acked, turns
            acked = op.seq
    return acked, turns


def _turn(turn: steps.Turn, seq: int, reviewer: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "step": None if turn.step is None else step_fields(turn.step),
        "words": steps.in_words(turn, reviewer),
        "n_left": turn.n_applied + sum((turn.left or {}).values()),
        "is_complete": turn.is_complete,
    }


def step_fields(step: steps.StepRow) -> dict[str, Any]:
    """A step as scripts read it."""
    return {"key": step.key, "name": step.name, "n_images": step.n_images, "is_undone": step.is_undone}


def change_fields(change: Change) -> dict[str, Any]:
    """What became of an image, as scripts read it."""
    return {
        "revision": change.revision,
        "image_id": change.image_id,
        "decision": None if change.action == "clear" else change.action,
        "label_id": change.label_id,
        "reviewer": change.reviewer,
    }


async def read_body(request: Request) -> bytes:
    """A request's body; raises TooLarge over `MAX_BODY_BYTES`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"A request can have {MAX_BODY_BYTES:,} bytes.", "Send fewer decisions at a time.")
    return bytes(body)


def refusal(error: CurateError) -> JSONResponse:
    """The answer to what cannot be done: its sentence, its hint, and the status that goes with its kind."""
    status = 413 if isinstance(error, TooLarge) else _STATUS.get(type(error), 400)
    return JSONResponse({"error": str(error), "hint": error.hint}, status)
