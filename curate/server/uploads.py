"""Large files by POST, streamed to disk: Streamlit's own uploader would hold a 2 GB archive in memory.

    POST /api/uploads        X-Curate-Token: <curate.review.tokens.sign(reviewer)>        body: the file, as it is
    -> {"upload": "9f…", "bytes": 123}
    POST /api/uploads?into=9f…&number=1      a further file of the same upload

The answer's `upload` goes to the import job: {"incoming": "9f…", "names": ["photos.zip"]}. No name becomes a path.
A file has its place once it is whole, so that two bodies for one place never mix: the later one stays.
"""

import secrets
from pathlib import Path

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate import settings, store, whole_number
from curate.errors import BadInput, CurateError
from curate.review import tokens
from curate.server.answering import FRESH, TooLarge, refusal
from curate.server.gates import failures

WRITE_BYTES = 1_000_000  # gathered before a thread is asked to write them


def routes() -> list[Route]:
    """POST /api/uploads."""
    return [Route("/api/uploads", post_upload, methods=["POST"])]


async def post_upload(request: Request) -> Response:
    """Store the body as a file of an incoming folder, a fresh one when none is named; what breaks off is removed."""
    try:
        tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
        _check_size(whole_number.parse(request.headers.get("content-length", "")) or 0)
        number = whole_number.parse(request.query_params.get("number", "0").removeprefix("-"))
        if number is None:
            raise BadInput("The number of a file is a whole number.")
        into = request.query_params.get("into")
        folder = await to_thread.run_sync(store.find_incoming if into else _fresh, into or "")
    except CurateError as error:
        return refusal(error)
    unfinished = folder / f".{number}.{secrets.token_hex(4)}"
    try:
        n_bytes = await _write_body(request, unfinished)
        await to_thread.run_sync(unfinished.replace, folder / str(number))
    except (ClientDisconnect, CurateError, OSError) as error:
        await to_thread.run_sync(_take_back, folder, unfinished, bool(into))
        return _failure(error)
    return JSONResponse({"upload": folder.name, "bytes": n_bytes}, headers=FRESH)


def _failure(error: Exception) -> Response:
    if isinstance(error, CurateError):
        return refusal(error)
    if isinstance(error, ClientDisconnect):
        return Response(status_code=400)
    if isinstance(error, OSError) and failures.has_no_room(error):
        return failures.no_room("The server's disk has no room for this upload; nothing of it was kept.")
    raise error


def _fresh(_name: str) -> Path:
    return store.incoming_folder()


def _take_back(folder: Path, path: Path, has_others: bool) -> None:
    path.unlink(missing_ok=True)
    if not has_others:
        store.remove_incoming(folder)


async def _write_body(request: Request, path: Path) -> int:
    n_bytes, waiting = 0, bytearray()
    with path.open("xb") as file:
        async for chunk in request.stream():
            waiting += chunk
            n_bytes += len(chunk)
            _check_size(n_bytes)
            if len(waiting) >= WRITE_BYTES:
                await to_thread.run_sync(file.write, bytes(waiting))
                waiting.clear()
        await to_thread.run_sync(file.write, bytes(waiting))
    return n_bytes


def _check_size(n_bytes: int) -> None:
    most = settings.max_upload_bytes()
    if n_bytes > most:
        raise TooLarge(
            f"The upload is larger than {most / 1e6:,.0f} MB.",
            "Raise CURATE_MAX_UPLOAD_MB, or import it from a folder on the server.",
        )
