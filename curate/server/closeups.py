"""What is shown beside one picture, by GET, so that a script can fetch the next picture's ahead of time.

    GET /api/projects/{project_id}/images/{image_id}/closeup?run=3        -> JSON, see `_answer`
    GET /api/projects/{project_id}/images/{image_id}/near?run=3           -> {"given": [...], "rival": [...]}
    GET /api/projects/{project_id}/images/{image_id}/heat?run=3&label=2   -> a PNG to lay over the picture

All with X-Curate-Token: they tell names and stories. Refusals are {"error": sentence, "hint": sentence}.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from curate.catalog import projects, runs
from curate.errors import CurateError, JobFailed, NotFound
from curate.jobs import quick_looks
from curate.prediction import heat
from curate.review import closeup, nearest, tokens
from curate.review.closeup import CloseUp, Event
from curate.review.nearest import Near
from curate.training.config import TrainConfig
from curate.training.embedding import recipe_of

_HEATERS = 2  # threads that wait for heat maps: the model process makes one at a time, and its start takes 10 s
_FRESH = {"Cache-Control": "no-store"}
_KEPT = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
_STATUS = {tokens.BadToken: 403, NotFound: 404}


def routes() -> list[Route]:
    """GET …/closeup, …/near and …/heat of an image."""
    image = "/api/projects/{project_id:int}/images/{image_id:int}"
    return [
        Route(f"{image}/closeup", get_closeup),
        Route(f"{image}/near", get_near),
        Route(f"{image}/heat", get_heat),
    ]


async def get_closeup(request: Request) -> Response:
    """Facts, origin, camera, story and the run's probabilities of one image."""
    return await _answered(request, _closeup)


async def get_near(request: Request) -> Response:
    """The nearest pictures of the label it is filed under, and of the one that stands against it."""
    return await _answered(request, _near)


async def get_heat(request: Request) -> Response:
    """Where in the picture the run's model finds what speaks for a label; waits for the model process to come up."""
    return await _answered(request, _heat, _heating)


_limits: list[CapacityLimiter] = []


def _heating() -> CapacityLimiter:
    """Made in the server's event loop, at the first question."""
    if not _limits:
        _limits.append(CapacityLimiter(_HEATERS))
    return _limits[0]


async def _answered(
    request: Request, answer: Callable[[Request], Response], limiter: Callable[[], CapacityLimiter] | None = None
) -> Response:
    try:
        tokens.reviewer_of(request.headers.get(tokens.HEADER, ""))
        return await to_thread.run_sync(answer, request, limiter=limiter() if limiter else None)
    except CurateError as error:
        # A process's failure has its log's end for a hint, which is no sentence.
        hint = "It is started again when you ask again." if isinstance(error, JobFailed) else error.hint
        said = {"error": str(error), "hint": hint}
        return JSONResponse(said, _STATUS.get(type(error), 422), headers=_FRESH)


def _closeup(request: Request) -> Response:
    return JSONResponse(_as_json(_find(request)), headers=_FRESH)


def _near(request: Request) -> Response:
    found = _find(request)
    project_id = request.path_params["project_id"]
    rival = found.thought.rival_id if found.thought else None
    run_id = _number(request, "run")
    config = runs.find_run(run_id).config if run_id is not None else {}
    is_quick = config.get("method") == "quick_look"
    recipe = recipe_of(TrainConfig.from_json(config) if is_quick else quick_looks.usual(project_id))
    counts = {label.id: label.n_train + label.n_valid for label in projects.labels(project_id)}

    def of(label_id: int | None) -> list[dict[str, Any]]:
        if label_id is None:
            return []
        near = nearest.nearest(project_id, recipe, found.image.sha, label_id, counts.get(label_id, 0))
        return [_near_json(each) for each in near]

    said = {"given": of(found.image.label_id), "rival": of(rival), "rival_id": rival}
    return JSONResponse(said, headers=_FRESH)


def _heat(request: Request) -> Response:
    found, run_id, label_id = _find(request), _number(request, "run"), _number(request, "label")
    columns = found.thought.columns if found.thought else []
    if run_id is None or label_id not in columns:
        raise NotFound("There is no heat map: this run does not know the picture or the label.")
    assert found.thought is not None
    config = TrainConfig.from_json(runs.find_run(run_id).config)
    others = [columns.index(label) for label in (found.image.label_id, found.thought.rival_id) if label in columns]
    size = (found.image.width, found.image.height)
    png = heat.layer(run_id, found.image.sha, columns.index(label_id), config, size, others)
    return Response(png, media_type="image/png", headers=_KEPT)


def _find(request: Request) -> CloseUp:
    place = request.path_params
    return closeup.find(place["project_id"], place["image_id"], _number(request, "run"))


def _number(request: Request, name: str) -> int | None:
    given = request.query_params.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 18 else None


def _as_json(found: CloseUp) -> dict[str, Any]:
    image, thought = found.image, found.thought
    return {
        "width": image.width,
        "height": image.height,
        "bytes": image.n_bytes,
        "format": image.format,
        "image_id": image.id,
        "camera": found.camera,
        "origin": found.origin,
        "story": [_event_json(event) for event in found.story],
        "thought": None if thought is None else asdict(thought),
    }


def _event_json(event: Event) -> dict[str, Any]:
    return asdict(event) | {"at": event.at.isoformat()}


def _near_json(near: Near) -> dict[str, Any]:
    return asdict(near) | {"similarity": round(near.similarity, 3)}
