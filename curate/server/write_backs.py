"""A write-back's journal, written while it is sent: GET /api/write-backs/{number}.csv."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from curate.catalog import write_backs
from curate.errors import NotFound
from curate.write_back import listing


def routes() -> list[Route]:
    """GET /api/write-backs/{number}.csv."""
    return [Route("/api/write-backs/{number:int}.csv", get_journal)]


# Starlette runs this and the writing in threads, as neither is a coroutine.
def get_journal(request: Request) -> Response:
    """Every file of the write-back as a download; 404 for a number there is not."""
    try:
        row = write_backs.find(request.path_params["number"])
    except NotFound:
        return PlainTextResponse("There is no such list.", 404, headers={"Cache-Control": "no-store"})
    headers = {"Content-Disposition": f'attachment; filename="write_back_{row.id}.csv"', "Cache-Control": "no-store"}
    headers["X-Content-Type-Options"] = "nosniff"
    return StreamingResponse(_encoded(listing.as_csv(row.id)), headers=headers, media_type="text/csv; charset=utf-8")


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    return (piece.encode("utf-8", "backslashreplace") for piece in pieces)
