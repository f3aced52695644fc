"""The attribution list of a project's current version, written while it is sent: GET …/attribution.md and .csv."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from curate.catalog import attribution, projects
from curate.errors import NotFound
from curate.server.answering import download, no_download

_TYPES = {"csv": "text/csv", "md": "text/markdown"}


def routes() -> list[Route]:
    """GET /api/projects/{project_id}/attribution.{md or csv}."""
    return [Route("/api/projects/{project_id:number}/attribution.{kind}", get_attribution)]


# Starlette runs this and the writing in threads, as neither is a coroutine.
def get_attribution(request: Request) -> Response:
    """The list as a download; 404 for a project or kind there is not."""
    kind = request.path_params["kind"]
    try:
        project = projects.find_project(request.path_params["project_id"])
        write = attribution.FORMATS[kind]
    except (NotFound, KeyError):
        return no_download("There is no such list.")
    return download(f"attribution_v{project.version_number}.{kind}", write(project.id), _TYPES[kind])
