"""Exports to be downloaded: GET /api/exports/{number}/download, a folder as a zip that is made while it is sent."""

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from curate.catalog import exports
from curate.catalog.exports import ExportRow
from curate.data_export import zip_stream
from curate.errors import NotFound
from curate.jobs.submit.export import path_of
from curate.server.answering import FRESH, no_download

_ASCII = re.compile(r"[^\w.,~ -]", re.ASCII)


def routes() -> list[Route]:
    """GET /api/exports/{number}/download."""
    return [Route("/api/exports/{number:number}/download", get_export)]


# Starlette runs this and the reading in threads, as neither is a coroutine.
def get_export(request: Request) -> Response:
    """The export as a file; 404 for one that is not there, not whole, or in somebody's folder."""
    try:
        row = exports.find(request.path_params["number"])
    except NotFound:
        return no_download("There is no such export (any more).")
    return file_of(row) or no_download("This export cannot be downloaded.")


def file_of(row: ExportRow, zip_type: str = "application/zip") -> Response | None:
    """The export as a file, a folder as a zip of that media type; None for one not whole or in somebody's folder."""
    path = path_of(row)
    if row.path is not None or row.status != "done" or not path.exists():
        return None
    if path.is_file():
        return FileResponse(path, headers=_headers(path.name), media_type="application/octet-stream")
    pieces = zip_stream.of_folder(path, path.name)
    return StreamingResponse(pieces, headers=_headers(f"{path.name}.zip"), media_type=zip_type)


def _headers(name: str) -> dict[str, str]:
    """The name in ASCII for all, and letter by letter for those who read RFC 6266."""
    plain = _ASCII.sub("_", name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff", **FRESH}
