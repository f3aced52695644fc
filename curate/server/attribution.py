"""The attribution list of a project's current version, written while it is sent: GET …/attribution.md and .csv."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from curate.catalog import attribution, projects
from curate.errors import NotFound

_TYPES = {"csv": "text/csv; charset=utf-8", "md": "text/markdown; charset=utf-8"}


def routes() -> list[Route]:
    """GET /api/projects/{project_id}/attribution.{md or csv}."""
    return [Route("/api/projects/{project_id:int}/attribution.{kind}", get_attribution)]


# Starlette runs this and the writing in threads, as neither is a coroutine.
def get_attribution(request: Request) -> Response:
    """The list as a download; 404 for a project or kind there is not."""
    kind = request.path_params["kind"]
    try:
        project = projects.find_project(request.path_params["project_id"])
        write = attribution.FORMATS[kind]
    except (NotFound, KeyError):
        return PlainTextResponse("There is no such list.", 404, headers={"Cache-Control": "no-store"})
    name = f"attribution_v{project.version_number}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    headers["X-Content-Type-Options"] = "nosniff"
    return StreamingResponse(_encoded(write(project.id)), headers=headers, media_type=_TYPES[kind])


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    return (piece.encode("utf-8", "backslashreplace") for piece in pieces)
