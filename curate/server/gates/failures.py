"""Answers where a route fails through no fault of the sender: a sentence, and whether repeating the request helps."""

import errno
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

FULL_DISK = "The server's disk is full."
FULL = "The server's disk is full; what you decide is kept in this browser."
NO_CATALOG = "The catalog does not answer: it is locked, or its server is down."
_FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT})


def has_no_room(error: OSError) -> bool:
    """Whether a file could not be written since the disk, the quota, or a file of the file system's is full."""
    return error.errno in _FULL_ERRORS or error.errno == errno.EFBIG


def no_room(sentence: str) -> Response:
    """507 with this sentence: the same request may succeed once there is room."""
    return _answer(507, sentence)


async def _database(_request: Request, error: Exception) -> Response:
    if "disk is full" in str(error):
        return _answer(507, FULL)
    return _answer(503, NO_CATALOG)


async def _system(request: Request, error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in _FULL_ERRORS:
        return _answer(507, FULL)
    raise error


async def _mistake(_request: Request, _error: Exception) -> Response:
    """Starlette raises the error again afterwards, so that its trace is in the log."""
    return _answer(500, "The server made a mistake; its log has the trace.", repeat=False)


def _answer(status: int, sentence: str, repeat: bool = True) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if repeat else {})
    return JSONResponse({"error": sentence, "hint": "", "repeat": repeat}, status, headers=headers)


HANDLERS: Mapping[Any, Any] = MappingProxyType({OperationalError: _database, OSError: _system, Exception: _mistake})
