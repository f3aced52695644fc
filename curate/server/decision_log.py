"""Who decided what, as a table that is written while it is sent: GET …/decisions.csv."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from curate import whole_number
from curate.catalog import projects
from curate.errors import NotFound
from curate.review.team import activity
from curate.review.team.activity import DecisionFilter
from curate.server.answering import download, no_download


def routes() -> list[Route]:
    """GET /api/projects/{project_id}/decisions.csv?reviewer=&action=&run_id=&since=, each of them optional."""
    return [Route("/api/projects/{project_id:number}/decisions.csv", get_log)]


# Starlette runs this and the writing in threads, as neither is a coroutine.
def get_log(request: Request) -> Response:
    """The table as a download; 404 for a project there is not, 400 for a filter that makes no sense."""
    try:
        project = projects.find_project(request.path_params["project_id"])
        asked = _asked(request)
    except NotFound:
        return no_download("There is no such project.")
    except (ValueError, OverflowError):
        return no_download("`run_id` is a number and `since` a time with its zone.", 400)
    return download("decisions.csv", activity.to_csv(project.id, asked), "text/csv")


def _asked(request: Request) -> DecisionFilter:
    given = request.query_params
    since = datetime.fromisoformat(given["since"]) if given.get("since") else None
    if since is not None and since.tzinfo is None:
        raise ValueError("no zone")
    if since is not None:
        since.astimezone(UTC)  # OverflowError within a day of the calendar's ends
    run_id = whole_number.parse(given["run_id"]) if given.get("run_id") else None
    if given.get("run_id") and run_id is None or any("\0" in value for value in given.values()):
        raise ValueError("no number, or NUL")
    return DecisionFilter(given.get("reviewer") or None, given.get("action") or None, run_id, since)
