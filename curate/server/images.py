"""Pictures by their SHA-256. The address names the content, so a browser may keep what it got for ever."""

import os
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from textwrap import wrap

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from curate import store
from curate.errors import BadPicture, NotFound, StoreDown
from curate.server.answering import refusal
from curate.server.gates.turns import FETCHERS, MAKERS, PICTURES, Busy, in_turn

HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_SHA = re.compile(r"[0-9a-f]{64}", re.ASCII)


def routes() -> list[Route]:
    """/images/{sha}/thumb and /view, as WebP to look at; /original, the bytes as they came in, to keep."""
    return [
        Route("/images/{sha}/thumb", thumbnail),
        Route("/images/{sha}/view", view),
        Route("/images/{sha}/original", original),
    ]


async def thumbnail(request: Request) -> Response:
    """The small picture of a card; 404 when there is no such blob."""
    return await _picture(request, store.find_thumbnail, store.thumbnail_path)


async def view(request: Request) -> Response:
    """The picture at screen size; 404 when there is no such blob."""
    return await _picture(request, store.find_view, store.view_path)


async def original(request: Request) -> Response:
    """The blob itself, always as a download, since it is whatever somebody imported; `?name=` names the file."""
    sha = request.path_params["sha"]
    try:
        path = await in_turn(PICTURES, _path, sha, store.blob_path)
    except (Busy, StoreDown) as error:
        return refusal(error)
    if path is None:
        return _absent()
    name = request.query_params.get("name") or sha
    return FileResponse(path, headers=HEADERS, media_type="application/octet-stream", filename=name)


async def _picture(request: Request, find: Callable[[str], Path | None], make: Callable[[str], Path]) -> Response:
    """What is made already waits for nobody who makes one."""
    sha = request.path_params["sha"]
    try:
        data = await in_turn(PICTURES, _read, sha, find) or await in_turn(_makers(), _read, sha, make)
    except Busy as error:
        return refusal(error)
    except StoreDown as error:
        return _lost(error) if "image/" in request.headers.get("Accept", "") else refusal(error)
    return Response(data, media_type="image/webp", headers=HEADERS) if data else _absent()


def _read(sha: str, path_of: Callable[[str], Path | None]) -> bytes | None:
    path = _path(sha, path_of)
    return path.read_bytes() if path else None


def _path(sha: str, path_of: Callable[[str], Path | None]) -> Path | None:
    if not _SHA.fullmatch(sha):
        return None
    try:
        path = path_of(sha)
    except (NotFound, BadPicture, FileNotFoundError):
        return None
    return path if path and path.is_file() else None


def _absent() -> Response:
    return PlainTextResponse("There is no such picture.", 404, headers={"Cache-Control": "no-store"})


def _makers() -> CapacityLimiter:
    """Threads that decode. With an object store they mostly wait: a page's pictures come side by side."""
    return FETCHERS if os.environ.get("CURATE_STORE") else MAKERS


def _lost(error: StoreDown) -> Response:
    """A picture of the sentence: browsers show it in place of the picture, whatever the status is."""
    lines = "".join(
        f'<tspan x="160" dy="1.3em">{escape(line)}</tspan>' for line in wrap(f"{error} Nothing is lost.", 34)
    )
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 320" width="320" height="320">'
        '<rect width="320" height="320" fill="#8883"/>'
        f'<text y="90" font-family="sans-serif" font-size="17" fill="#888" text-anchor="middle">{lines}</text></svg>'
    )
    return Response(drawn, 503, media_type="image/svg+xml", headers={"Cache-Control": "no-store", "Retry-After": "5"})
