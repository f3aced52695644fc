"""Refusals as RFC 9457 has them: application/problem+json with a status, a sentence and a hint."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import Field, ValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from curate.errors import BadInput, BadPicture, Busy, Conflict, CurateError, JobFailed, NotFound, NoWeights
from curate.server.answering import FRESH, TooLarge
from curate.server.api.fields import Answer
from curate.server.gates import failures, turns

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)


class Mistake(Answer):
    """A value of a request that cannot be used."""

    where: str = Field(description="its place, such as `query.limit` or `body.decisions.0.action`")
    why: str


class Problem(Answer):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(default="about:blank", description="always `about:blank`: the status says what kind it is")
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(default="", description="what is wrong, in a sentence")
    hint: str = Field(default="", description="what to do about it")
    errors: list[Mistake] = Field(default=[], description="the values that cannot be used")


class Unauthorized(CurateError):
    """No token came with the request, or one that is not valid."""


class Forbidden(CurateError):
    """The token lacks the scope that the operation needs."""


class Unsupported(CurateError):
    """The body is of a type that the operation does not take."""


class TooSlow(CurateError):
    """The body stopped to arrive."""


class Unusable(CurateError):
    """Values of the request cannot be used; `mistakes` says which."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("The request has values that cannot be used.")
        self.mistakes = list(mistakes)


# The first that fits. A sentence of the model process comes as a plain CurateError.
_STATUSES: Sequence[tuple[type[CurateError], int]] = (
    (Unauthorized, 401), (Forbidden, 403), (NotFound, 404), (TooSlow, 408), (Conflict, 409), (TooLarge, 413),
    (Unsupported, 415), (Busy, 429), (turns.Busy, 503), (JobFailed, 503), (NoWeights, 503), (BadPicture, 422),
    (BadInput, 422), (CurateError, 422),
)  # fmt: skip
_PASSING = (429, 503, 507)  # the same request may succeed later
_WAIT_S = 2


def problem(
    status: int,
    detail: str = "",
    hint: str = "",
    mistakes: Sequence[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer to a request that was refused."""
    fields = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, hint=hint, errors=list(mistakes)
    ).model_dump()
    fields["errors"] = fields["errors"] or None
    content = {name: value for name, value in fields.items() if value not in ("", None)}
    waiting = {"Retry-After": str(_WAIT_S)} if status in _PASSING else {}
    return JSONResponse(content, status, headers=FRESH | waiting | dict(headers or {}), media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> JSONResponse:
    """The answer to an error: a status and a sentence for those that have one, else 500, with the trace in the log."""
    if isinstance(error, Unusable):
        return problem(422, str(error), mistakes=error.mistakes)
    if isinstance(error, CurateError):
        return _of_curate(error)
    if isinstance(error, ClientDisconnect):
        return problem(400, "The request broke off.")
    if isinstance(error, HTTPException):
        return problem(error.status_code, error.detail, headers=error.headers)
    if isinstance(error, OperationalError):
        is_full = "disk is full" in str(error)
        return problem(507, failures.FULL_DISK) if is_full else problem(503, failures.NO_CATALOG)
    if isinstance(error, OSError) and failures.has_no_room(error):
        return problem(507, failures.FULL_DISK)
    _LOG.error("The API made a mistake.", exc_info=error)
    return problem(500, "The server made a mistake; its log has the trace.")


def _of_curate(error: CurateError) -> JSONResponse:
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    headers = {}
    if isinstance(error, Busy):
        headers = {"Retry-After": str(max(1, round(error.retry_after_s)))}
    if status == 401:
        headers = {"WWW-Authenticate": 'Bearer realm="Curate"'}
    if status == 403:
        headers = {"WWW-Authenticate": 'Bearer realm="Curate", error="insufficient_scope"'}
    return problem(status, str(error), error.hint, headers=headers)


def mistakes_of(error: ValidationError, where: str) -> list[Mistake]:
    """Every value that Pydantic refused; where: `query` or `body`."""
    return [
        Mistake(where=".".join([where, *map(str, each["loc"])]), why=each["msg"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
