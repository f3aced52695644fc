"""Picture files of a request: many as multipart/form-data, or one as the body itself; too large ones are refused."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from anyio import fail_after
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from curate import whole_number
from curate.errors import BadInput
from curate.server.answering import TooLarge
from curate.server.api.problems import TooSlow

SILENCE_S = 30.0  # for which a body may stop to arrive
MAX_FIELDS = 50
FORM = "multipart/form-data"
RAW = ("application/octet-stream", "image/")

BINARY: dict[str, Any] = {}  # bytes of whatever kind, as OpenAPI 3.1 writes it
_FILE = {"type": "string", "format": "binary"}
FORM_SCHEMA = {
    "type": "object",
    "required": ["files"],
    "properties": {
        "files": {"type": "array", "minItems": 1, "items": _FILE, "description": "picture files; any field name does"}
    },
}


@dataclass(frozen=True)
class Limit:
    """The most that a body may hold.  count: called with the bytes of each piece as it arrives; may raise."""

    max_bytes: int
    max_files: int
    count: Callable[[int], None] = lambda n_bytes: None


async def stream(request: Request, limit: Limit) -> AsyncGenerator[bytes, None]:
    """The body in pieces. Raises TooLarge, TooSlow, and what `limit.count` raises."""
    announced = whole_number.parse(request.headers.get("content-length", "")) or 0
    n_bytes = 0
    _check_size(announced, limit)
    pieces = request.stream()
    while True:
        try:
            with fail_after(SILENCE_S):
                piece = await anext(pieces, None)
        except TimeoutError as error:
            raise TooSlow(f"Nothing more of the body arrived for {SILENCE_S:.0f} s.") from error
        if piece is None:
            return
        n_bytes += len(piece)
        _check_size(n_bytes, limit)
        limit.count(len(piece))
        yield piece


async def read_form(request: Request, limit: Limit) -> tuple[list[UploadFile], dict[str, str]]:
    """(files, {field: text}) of a multipart/form-data body; files over 1 MB lie on the disk.

    Raises BadInput for a broken one, TooLarge, TooSlow, and what `limit.count` raises.
    """
    try:
        form = await _WholeForm(request, limit).parse()
    except MultiPartException as error:
        raise BadInput(f"The form cannot be read: {error.message}") from error
    parts = form.multi_items()
    files = [value for _, value in parts if isinstance(value, UploadFile)]
    if not files:
        raise BadInput("The form has no files.", "Each file is a part with a file name, whatever the field's name is.")
    return files, {name: value for name, value in parts if isinstance(value, str)}


class _WholeForm(MultiPartParser):
    """Refuses a form without its last boundary, whose last file would be left out silently."""

    def __init__(self, request: Request, limit: Limit) -> None:
        pieces = self._until_the_end(stream(request, limit))
        super().__init__(request.headers, pieces, max_files=limit.max_files, max_fields=MAX_FIELDS)
        self._is_whole = False

    def on_end(self) -> None:
        """The last boundary was read."""
        self._is_whole = True

    async def _until_the_end(self, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async for piece in pieces:
            yield piece
        if not self._is_whole:
            raise MultiPartException("It ends too early.")


def _check_size(n_bytes: int, limit: Limit) -> None:
    if n_bytes > limit.max_bytes:
        raise TooLarge(f"A request can have {limit.max_bytes / 1e6:,.0f} MB.", "Send fewer files at a time.")
