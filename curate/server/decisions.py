"""Decisions by POST: one small request per key press, outside Streamlit, so that no rerun can delay or lose it.

    POST /api/projects/{project_id}/decisions        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
    {"client": "9f…", "since": 41, "run_id": 3, "ops": [{"seq": 7, "image_ids": [12], "action": "keep"}]}
    -> {"acked": 7, "revision": 42, "changes": [{"revision": 42, "image_id": 12, "decision": "keep", …}], "more": false}

Sending the same client and seq again changes nothing, so a script may repeat itself until it is answered. No ops make
a heartbeat: what others decided since. Refusals are {"error": sentence, "hint": sentence} with a 4xx status.
"""

import json
from typing import Any, TypeGuard

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.errors import BadInput, Conflict, CurateError, NotFound
from curate.review import tokens
from curate.review.decisions import Change, Op, changes_since, decide

MAX_BODY_BYTES = 1_000_000
MAX_OPS = 500
MAX_CHANGES = 500  # in one answer; "more" says that there are others
_STATUS = {BadInput: 400, tokens.BadToken: 403, NotFound: 404, Conflict: 409}


class TooLarge(BadInput):
    """A request's body is over `MAX_BODY_BYTES`."""


def routes() -> list[Route]:
    """POST /api/projects/{project_id}/decisions."""
    return [Route("/api/projects/{project_id:int}/decisions", post_decisions, methods=["POST"])]


async def post_decisions(request: Request) -> Response:
    """Store what a reviewer decided and answer with what changed since; see the module's words."""
    try:
        reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
        body = parse_body(await _read_body(request))
        answer = await to_thread.run_sync(_answer, request.path_params["project_id"], reviewer, body)
    except ClientDisconnect:
        return Response(status_code=400)
    except CurateError as error:
        return _refusal(error)
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def parse_body(raw: bytes) -> dict[str, Any]:
    """{client: str, since: int, run_id: int | None, ops: list[Op]} from a request's body.

    Raises BadInput naming the first field that is missing or not what it should be.
    """
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise BadInput("The request is not JSON.") from error
    if not isinstance(body, dict):
        raise BadInput("The request is not a JSON object.")
    ops = body.get("ops")
    if not isinstance(ops, list) or len(ops) > MAX_OPS:
        raise BadInput(f"`ops` is a list of at most {MAX_OPS} decisions.")
    return {
        "client": _client(body),
        "since": _whole_number(body, "since"),
        "run_id": _optional_number(body, "run_id"),
        "ops": [_op(op) for op in ops],
    }


def _answer(project_id: int, reviewer: str, body: dict[str, Any]) -> dict[str, Any]:
    ops: list[Op] = body["ops"]
    if ops:
        decide(project_id, reviewer, ops, body["client"], body["run_id"])
    changes = changes_since(project_id, body["since"], MAX_CHANGES)
    return {
        "acked": max((op.seq for op in ops), default=0),
        # What this answer brings the reader up to, which is not the newest when there is more.
        "revision": changes[-1].revision if changes else body["since"],
        "changes": [_change(change) for change in changes],
        "more": len(changes) == MAX_CHANGES,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "revision": change.revision,
        "image_id": change.image_id,
        "decision": None if change.action == "clear" else change.action,
        "label_id": change.label_id,
        "reviewer": change.reviewer,
    }


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"A request can have {MAX_BODY_BYTES:,} bytes.", "Send fewer decisions at a time.")
    return bytes(body)


def _refusal(error: CurateError) -> JSONResponse:
    status = 413 if isinstance(error, TooLarge) else _STATUS.get(type(error), 400)
    return JSONResponse({"error": str(error), "hint": error.hint}, status)


def _client(body: dict[str, Any]) -> str:
    client = body.get("client")
    if not isinstance(client, str) or not 8 <= len(client) <= 40 or not client.isascii():
        raise BadInput("`client` is 8 to 40 letters that name the sender.")
    return client


def _op(op: Any) -> Op:
    if not isinstance(op, dict):
        raise BadInput("A decision is a JSON object.")
    action, image_ids = op.get("action"), op.get("image_ids")
    if not isinstance(action, str):
        raise BadInput("`action` is keep, delete, relabel or clear.")
    if not isinstance(image_ids, list) or not all(_is_id(image_id) for image_id in image_ids):
        raise BadInput("`image_ids` is a list of image numbers.")
    return Op(_whole_number(op, "seq"), tuple(image_ids), action, _optional_number(op, "label_id"))


def _optional_number(fields: dict[str, Any], name: str) -> int | None:
    return None if fields.get(name) is None else _whole_number(fields, name)


def _whole_number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if not _is_id(value):
        raise BadInput(f"`{name}` is a whole number, 0 or more.")
    return value


def _is_id(value: Any) -> TypeGuard[int]:
    """Whether `value` is a whole number that fits a database's 63 bits; True and 1.0 are not."""
    return type(value) is int and 0 <= value < 2**63
