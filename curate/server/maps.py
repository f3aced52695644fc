"""Maps for the script that draws them: arrays as bytes, 12 a picture, and what was chosen on them.

    GET  …/maps/{number}/points         -> n × uint32 ids, n × uint16 x, n × uint16 y
    GET  …/maps/{number}/shades?run=3   -> n × uint16 labels, n × uint8 decisions, n × uint8 doubts
    GET  …/maps/cards?ids=4,7           -> [{"id", "sha", "file_name", "label_id"}, …]
    POST …/maps/picked                  body: n × uint32 ids -> {"picked": 5}

All below /api/projects/{project_id}, with X-Curate-Token. Little-endian, one array after the other. x, y: 0 … 65,535, y
upwards. Labels are places in the project's list of them, 65,535 = in the bin. Decisions are places in `maps.DECISIONS`;
doubts 0 … 254, 255 = none.
"""

from collections.abc import Callable

import numpy as np
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.catalog import maps, projects
from curate.catalog.maps import Shades
from curate.errors import BadInput, CurateError, NotFound
from curate.review import picked, tokens

MOST_CARDS = 60
GONE, NO_DOUBT = 65_535, 255
_FINEST = 65_535
_FRESH = {"Cache-Control": "no-store"}
_KEPT = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_STATUS = {tokens.BadToken: 403, NotFound: 404}
_TITLE = "Chosen on the map"


def routes() -> list[Route]:
    """A map's points, their shades, cards of single pictures, and choices."""
    project = "/api/projects/{project_id:int}/maps"
    return [
        Route(f"{project}/{{number:int}}/points", get_points),
        Route(f"{project}/{{number:int}}/shades", get_shades),
        Route(f"{project}/cards", get_cards),
        Route(f"{project}/picked", post_picked, methods=["POST"]),
    ]


async def get_points(request: Request) -> Response:
    """Which picture lies where; a map never changes, so that a browser may keep it."""
    return await _answered(request, _points)


async def get_shades(request: Request) -> Response:
    """What the points are coloured by, as it is now."""
    return await _answered(request, _shades)


async def get_cards(request: Request) -> Response:
    """What is told of single pictures when somebody points at them."""
    return await _answered(request, _cards)


async def post_picked(request: Request) -> Response:
    """Keep what was chosen, under a number that an address can carry."""
    try:
        body = await _read_body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    except CurateError as error:
        return _refusal(error)
    return await _answered(request, lambda asked: _keep(asked, body))


async def _answered(request: Request, answer: Callable[[Request], Response]) -> Response:
    try:
        tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
        return await to_thread.run_sync(answer, request)
    except CurateError as error:
        return _refusal(error)


def _refusal(error: CurateError) -> Response:
    said = {"error": str(error), "hint": error.hint}
    return JSONResponse(said, _STATUS.get(type(error), 400), headers=_FRESH)


def _points(request: Request) -> Response:
    made = _find(request)
    fine = np.round(made.places.astype(np.float64) * _FINEST).astype("<u2")
    body = made.image_ids.astype("<u4").tobytes() + fine[:, 0].tobytes() + fine[:, 1].tobytes()
    return Response(body, media_type="application/octet-stream", headers=_KEPT)


def _shades(request: Request) -> Response:
    given = request.query_params.get("run", "")
    run_id = int(given) if given.isdecimal() and len(given) < 18 else None
    found = maps.shades(_find(request).image_ids, run_id)
    order = [label.id for label in projects.labels(request.path_params["project_id"])]
    return Response(as_bytes(found, order), media_type="application/octet-stream", headers=_FRESH)


def as_bytes(found: Shades, label_ids: list[int]) -> bytes:
    """The shades as they travel; label_ids: the project's, in their order."""
    place = {label_id: position for position, label_id in enumerate(label_ids)}
    labels = np.array([place.get(label_id, GONE) for label_id in found.label_ids.tolist()], "<u2")
    doubts = np.where(np.isnan(found.doubt), NO_DOUBT, np.round(np.nan_to_num(found.doubt) * 254)).astype(np.uint8)
    return labels.tobytes() + found.decisions.tobytes() + doubts.tobytes()


def _cards(request: Request) -> Response:
    given = request.query_params.get("ids", "").split(",")
    ids = [int(number) for number in given[:MOST_CARDS] if number.isdecimal() and len(number) < 18]
    return JSONResponse(maps.cards(request.path_params["project_id"], ids), headers=_FRESH)


def _keep(request: Request, body: bytes) -> Response:
    if len(body) % 4:
        raise BadInput("What was chosen did not arrive whole.", "Choose it again.")
    by = tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
    number = picked.keep(request.path_params["project_id"], np.frombuffer(body, "<u4"), _TITLE, by)
    return JSONResponse({"picked": number}, headers=_FRESH)


def _find(request: Request) -> maps.Map:
    return maps.find(request.path_params["project_id"], request.path_params["number"])


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > 4 * maps.MOST:
            raise BadInput(f"At most {maps.MOST:,} pictures can be chosen on a map.")
    return bytes(body)
