"""GET /api/docs: the API's description, for people and programs. The viewer is served from here, from no other host."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from anyio import to_thread
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from curate.server.api.openapi import document
from curate.server.api.operations import Operation

VIEWER = Path(__file__).parent / "viewer"
_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


def routes(operations: Callable[[], Sequence[Operation]]) -> list[Route]:
    """GET /api/docs, the viewer's files, and /api/openapi.json."""

    @lru_cache(maxsize=1)
    def made() -> bytes:
        return to_json(document(operations()))

    async def get_document(_request: Request) -> Response:
        return Response(await to_thread.run_sync(made), headers=_HEADERS, media_type="application/json")

    return [
        Route("/api/docs", get_page),
        Route("/api/docs/{file}", get_file),
        Route("/api/openapi.json", get_document),
    ]


async def get_page(_request: Request) -> Response:
    """The page that shows the document."""
    return _file("index.html")


async def get_file(request: Request) -> Response:
    """A script or style of the page."""
    return _file(request.path_params["file"])


def _file(name: str) -> Response:
    path = VIEWER / name
    if path.name not in _names() or path.parent != VIEWER:
        return Response("There is no such file.", 404, media_type="text/plain")
    return FileResponse(path, headers=_HEADERS, media_type=_TYPES.get(path.suffix, "text/plain"))


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(path.name for path in VIEWER.iterdir())
