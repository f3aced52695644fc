"""Streamlit's own upload endpoint, which holds files in memory: for known visitors only, and within a limit.

`POST /api/uploads` takes large files; pages' small fields go here.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import exists, get_instance

from curate import whole_number
from curate.review.visitors import NotLoggedIn
from curate.server.gates.visitors import visitor

PATH = "/_stcore/upload_file/"
MAX_VISITOR_BYTES = 100_000_000  # of one open page
MAX_BYTES = 250_000_000  # of all of them


class PageUploads:
    """ASGI middleware around Streamlit's upload endpoint."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._arriving: dict[object, tuple[str, int]] = {}  # (session, bytes) of uploads under way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an upload on when its sender is known and it fits; 403, 411 or 413 before a byte is read."""
        if scope["type"] != "http" or PATH not in scope["path"] or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        request, upload = Request(scope), object()
        session = scope["path"].partition(PATH)[2].partition("/")[0]
        if refusal := self._refusal(request, session):
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, send)
            return
        self._arriving[upload] = (session, int(request.headers["content-length"]))
        try:
            await self._app(scope, receive, send)
        finally:
            del self._arriving[upload]

    def _refusal(self, request: Request, session: str) -> tuple[int, str] | None:
        try:
            visitor(request)
        except NotLoggedIn as error:
            return 403, str(error)
        n_bytes = whole_number.parse(request.headers.get("content-length", ""))
        if n_bytes is None:
            return 411, "An upload has to say its size."
        held = [*self._arriving.values(), *_held_bytes().items()]
        if n_bytes + sum(size for _, size in held) > MAX_BYTES:
            _forget_closed_pages()
            held = [*self._arriving.values(), *_held_bytes().items()]
        if n_bytes + sum(size for name, size in held if name == session) > MAX_VISITOR_BYTES:
            return 413, f"A page holds {MAX_VISITOR_BYTES // 1_000_000} MB of uploads at most."
        if n_bytes + sum(size for _, size in held) > MAX_BYTES:
            return 413, "Others are uploading as much as the server holds; try again later."
        return None


def _files() -> Mapping[str, Mapping[str, Any]]:
    """{session: {file id: file}} as Streamlit holds them; empty where it does not run."""
    return getattr(get_instance().uploaded_file_mgr, "file_storage", {}) if exists() else {}


def _held_bytes() -> dict[str, int]:
    return {session: sum(len(file.data) for file in files.values()) for session, files in _files().items()}


def _forget_closed_pages() -> None:
    """Drop the files of sessions that nobody is connected to; Streamlit keeps them for two minutes and more."""
    for session in list(_files()):
        if not get_instance().is_active_session(session):
            get_instance().uploaded_file_mgr.remove_session_files(session)
