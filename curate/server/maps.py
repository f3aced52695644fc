"""Maps for the script that draws them: arrays as bytes, 12 a picture, and what was chosen on them.

    GET  …/maps/{number}/points         -> n × uint32 ids, n × uint16 x, n × uint16 y
    GET  …/maps/{number}/shades?run=3   -> n × uint16 labels, n × uint8 decisions, n × uint8 doubts
    GET  …/maps/cards?ids=4,7           -> [{"id", "sha", "file_name", "label_id"}, …]
    POST …/maps/picked                  body: n × uint32 ids -> {"picked": 5}

All below /api/projects/{project_id}, with X-Curate-Token. Little-endian, one array after the other. x, y: 0 … 65,535, y
upwards. Labels are places in the project's list of them, 65,535 = in the bin. Decisions are places in `maps.DECISIONS`;
doubts 0 … 254, 255 = none.
"""

from typing import Any

import numpy as np
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate import whole_number
from curate.catalog import maps, projects
from curate.catalog.maps import Shades
from curate.errors import BadInput
from curate.review.listing import selections
from curate.server.answering import FRESH, Asked, answered

MOST_CARDS = 60
GONE, NO_DOUBT = 65_535, 255
_FINEST = 65_535
_KEPT = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_TITLE = "Chosen on the map"


def routes() -> list[Route]:
    """A map's points, their shades, cards of single pictures, and choices."""
    project = "/api/projects/{project_id:number}/maps"
    return [
        Route(f"{project}/{{number:number}}/points", answered(_points)),
        Route(f"{project}/{{number:number}}/shades", answered(_shades)),
        Route(f"{project}/cards", answered(_cards)),
        Route(f"{project}/picked", answered(_keep), methods=["POST"]),
    ]


def _points(asked: Asked) -> Response:
    """Which picture lies where; a map never changes, so that a browser may keep it."""
    made = _find(asked)
    fine = np.round(made.places.astype(np.float64) * _FINEST).astype("<u2")
    body = made.image_ids.astype("<u4").tobytes() + fine[:, 0].tobytes() + fine[:, 1].tobytes()
    return Response(body, media_type="application/octet-stream", headers=_KEPT)


def _shades(asked: Asked) -> Response:
    """What the points are coloured by, as it is now."""
    found = maps.shades(_find(asked).image_ids, asked.number("run"))
    order = [label.id for label in projects.labels(asked.project_id)]
    return Response(as_bytes(found, order), media_type="application/octet-stream", headers=FRESH)


def as_bytes(found: Shades, label_ids: list[int]) -> bytes:
    """The shades as they travel; label_ids: the project's, in their order."""
    place = {label_id: position for position, label_id in enumerate(label_ids)}
    labels = np.array([place.get(label_id, GONE) for label_id in found.label_ids.tolist()], "<u2")
    doubts = np.where(np.isnan(found.doubt), NO_DOUBT, np.round(np.nan_to_num(found.doubt) * 254)).astype(np.uint8)
    return labels.tobytes() + found.decisions.tobytes() + doubts.tobytes()


def _cards(asked: Asked) -> Response:
    """What is told of single pictures when somebody points at them."""
    given = asked.query.get("ids", "").split(",")
    ids = [number for one in given[:MOST_CARDS] if (number := whole_number.parse(one)) is not None]
    return JSONResponse(maps.cards(asked.project_id, ids), headers=FRESH)


def _keep(asked: Asked) -> dict[str, Any]:
    """Keep what was chosen, under a number that an address can carry."""
    if len(asked.body) > 4 * maps.MOST:
        raise BadInput(f"At most {maps.MOST:,} pictures can be chosen on a map.")
    if len(asked.body) % 4:
        raise BadInput("What was chosen did not arrive whole.", "Choose it again.")
    projects.find_project(asked.project_id)
    return {"picked": selections.keep(asked.project_id, np.frombuffer(asked.body, "<u4"), _TITLE, asked.reviewer)}


def _find(asked: Asked) -> maps.Map:
    return maps.find(asked.project_id, asked.path["number"])
