"""What our routes share: who asks, answers made in a thread, refusals in one sentence, and lists as downloads.

A refusal is {"error": sentence, "hint": sentence, "repeat": false} with a 4xx status; `repeat` tells whether the same
request may succeed later (then the status is 503 or 507).
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from curate import whole_number
from curate.errors import BadInput, Conflict, CurateError, JobFailed, NotFound, StoreDown
from curate.review import tokens
from curate.server.gates.turns import WRITERS, Busy, in_turn

MAX_BODY_BYTES = 1_000_000
FRESH = {"Cache-Control": "no-store"}


class NumberConvertor(Convertor[int]):
    """{name:number} in a route's path: 0, which nothing has, for a number that no database can hold."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """The number."""
        return whole_number.parse(value) or 0

    def to_string(self, value: int) -> str:
        """The number as it stands in a path."""
        return str(value)


register_url_convertor("number", NumberConvertor())


class TooLarge(BadInput):
    """A request's body holds more bytes than its route takes."""


_STATUS = {tokens.BadToken: 403, NotFound: 404, Conflict: 409, TooLarge: 413, JobFailed: 422, Busy: 503, StoreDown: 503}


@dataclass(frozen=True)
class Asked:
    """A request of somebody we know.  path: the numbers in its address.  query: what follows the question mark."""

    reviewer: str
    path: Mapping[str, int]
    query: Mapping[str, str]
    body: bytes

    @property
    def project_id(self) -> int:
        """The project in its address."""
        return self.path["project_id"]

    def number(self, name: str) -> int | None:
        """A number of the query; None when it is not there, or no number."""
        return whole_number.parse(self.query.get(name, ""))


Reply = Response | dict[str, Any]
Answer = Callable[[Asked], Reply] | Callable[[Asked], Awaitable[Reply]]
Endpoint = Callable[[Request], Awaitable[Response]]


def answered(answer: Answer, limiter: CapacityLimiter | None = None) -> Endpoint:
    """A route for those who have a token: what `answer` returns, a dict as JSON that is not kept; or why not.

    answer: called in a thread (of `limiter`'s; else what reads is in one of everybody's, what writes in the writers'),
    unless it is a coroutine.
    """

    async def route(request: Request) -> Response:
        try:
            reviewer = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
            asked = Asked(reviewer, request.path_params, request.query_params, await read_body(request))
            if inspect.iscoroutinefunction(answer):
                reply = await answer(asked)
            else:
                reply = await in_turn(limiter or _usual(request.method), answer, asked)
        except ClientDisconnect:
            return Response(status_code=400)
        except CurateError as error:
            return refusal(error)
        return reply if isinstance(reply, Response) else JSONResponse(reply, headers=FRESH)

    return route


def _usual(method: str) -> CapacityLimiter:
    return to_thread.current_default_thread_limiter() if method in ("GET", "HEAD") else WRITERS


async def read_body(request: Request) -> bytes:
    """A request's body; raises TooLarge over `MAX_BODY_BYTES`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"A request can have {MAX_BODY_BYTES:,} bytes.", "Send less at a time.")
    return bytes(body)


def refusal(error: CurateError) -> JSONResponse:
    """The answer to what cannot be done: its sentence, its hint, and the status that goes with its kind."""
    status = _STATUS.get(type(error), 400)
    fields = {"error": str(error), "hint": error.hint, "repeat": status == 503}
    return JSONResponse(fields, status, headers=FRESH | ({"Retry-After": "2"} if status == 503 else {}))


def download(name: str, pieces: Iterable[str], media_type: str) -> Response:
    """A text as a file; its pieces are made in threads as they are sent."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff", **FRESH}
    encoded = (piece.encode("utf-8", "backslashreplace") for piece in pieces)
    return StreamingResponse(encoded, headers=headers, media_type=f"{media_type}; charset=utf-8")


def no_download(sentence: str, status: int = 404) -> Response:
    """Instead of a file, for somebody who followed a link."""
    return PlainTextResponse(sentence, status, headers=FRESH)
