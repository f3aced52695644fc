"""A write-back's journal, written while it is sent: GET /api/write-backs/{number}.csv."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from curate.catalog import write_backs
from curate.errors import NotFound
from curate.server.answering import download, no_download
from curate.write_back import listing


def routes() -> list[Route]:
    """GET /api/write-backs/{number}.csv."""
    return [Route("/api/write-backs/{number:number}.csv", get_journal)]


# Starlette runs this and the writing in threads, as neither is a coroutine.
def get_journal(request: Request) -> Response:
    """Every file of the write-back as a download; 404 for a number there is not."""
    try:
        row = write_backs.find(request.path_params["number"])
    except NotFound:
        return no_download("There is no such list.")
    return download(f"write_back_{row.id}.csv", listing.as_csv(row.id), "text/csv")
