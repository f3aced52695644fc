"""Pictures by their SHA-256. The address names the content, so a browser may keep what it got for ever."""

import re
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from curate import store
from curate.errors import BadPicture, NotFound

HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_SHA = re.compile(r"[0-9a-f]{64}", re.ASCII)


def routes() -> list[Route]:
    """/images/{sha}/thumb and /view, as WebP to look at; /original, the bytes as they came in, to keep."""
    return [
        Route("/images/{sha}/thumb", thumbnail),
        Route("/images/{sha}/view", view),
        Route("/images/{sha}/original", original),
    ]


# Starlette runs these in threads, as they are not coroutines: making a missing thumbnail holds up nobody else.


def thumbnail(request: Request) -> Response:
    """The small picture of a card; 404 when there is no such blob."""
    return _picture(request, store.thumbnail_path)


def view(request: Request) -> Response:
    """The picture at screen size; 404 when there is no such blob."""
    return _picture(request, store.view_path)


def original(request: Request) -> Response:
    """The blob itself, always as a download, since it is whatever somebody imported; `?name=` names the file."""
    path = _found(request, store.blob_path)
    if path is None:
        return _absent()
    name = request.query_params.get("name") or request.path_params["sha"]
    return FileResponse(path, headers=HEADERS, media_type="application/octet-stream", filename=name)


def _picture(request: Request, path_of: Callable[[str], Path]) -> Response:
    path = _found(request, path_of)
    return Response(path.read_bytes(), media_type="image/webp", headers=HEADERS) if path else _absent()


def _found(request: Request, path_of: Callable[[str], Path]) -> Path | None:
    sha = request.path_params["sha"]
    if not _SHA.fullmatch(sha):
        return None
    try:
        path = path_of(sha)
    except (NotFound, BadPicture, FileNotFoundError):
        return None
    return path if path.is_file() else None


def _absent() -> Response:
    return PlainTextResponse("There is no such picture.", 404, headers={"Cache-Control": "no-store"})
