"""Small pictures of a visitor's tray, for the cards and the table of Predict. The tray's name is the key to it.

GET /trays/{name}/{number}/thumb      -> WebP of at most 320 px a side; /view: of 1,600
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from curate.errors import BadPicture, NotFound
from curate.server.answering import refusal
from curate.server.gates.turns import MAKERS, Busy, in_turn
from curate.server.images import HEADERS
from curate.tray.pictures import find_tray


def routes() -> list[Route]:
    """GET /trays/{name}/{number}/{size}."""
    return [Route("/trays/{name}/{number:number}/{size}", _picture)]


async def _picture(request: Request) -> Response:
    try:
        data = await in_turn(MAKERS, _read, request.path_params)
    except Busy as error:
        return refusal(error)
    if data is None:
        return PlainTextResponse("There is no such picture.", 404, headers={"Cache-Control": "no-store"})
    return Response(data, media_type="image/webp", headers=HEADERS)


def _read(path: dict[str, object]) -> bytes | None:
    try:
        return find_tray(str(path["name"])).small(int(str(path["number"])), str(path["size"]))
    except (BadPicture, NotFound):
        return None
