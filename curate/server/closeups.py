"""What is shown beside one picture, by GET, so that a script can fetch the next picture's ahead of time.

    GET /api/projects/{project_id}/images/{image_id}/closeup?run=3        -> JSON, see `_as_json`
    GET /api/projects/{project_id}/images/{image_id}/near?run=3           -> {"given": [...], "rival": [...]}
    GET /api/projects/{project_id}/images/{image_id}/heat?run=3&label=2   -> a PNG to lay over the picture

All with X-Curate-Token: they tell names and stories. Refusals are {"error": sentence, "hint": sentence}.
"""

from dataclasses import asdict
from typing import Any

from anyio import CapacityLimiter
from starlette.responses import Response
from starlette.routing import Route

from curate.catalog import projects, runs
from curate.embeddings.embed import recipe_of
from curate.errors import JobFailed, NotFound
from curate.jobs.submit import quick_look
from curate.prediction import heat
from curate.review.image import closeup, nearest
from curate.review.image.closeup import CloseUp, Event
from curate.review.image.nearest import Near
from curate.server.answering import Asked, answered
from curate.training.settings.config import TrainConfig

# Threads that wait for heat maps: the model process makes one at a time, and its start takes 10 s.
_HEATERS = CapacityLimiter(2)
_KEPT = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}


def routes() -> list[Route]:
    """GET …/closeup, …/near and …/heat of an image."""
    image = "/api/projects/{project_id:number}/images/{image_id:number}"
    return [
        Route(f"{image}/closeup", answered(_closeup)),
        Route(f"{image}/near", answered(_near)),
        Route(f"{image}/heat", answered(_heat, _HEATERS)),
    ]


def _closeup(asked: Asked) -> dict[str, Any]:
    """Facts, origin, camera, story and the run's probabilities of one image."""
    return _as_json(_find(asked))


def _near(asked: Asked) -> dict[str, Any]:
    """The nearest pictures of the label it is filed under, and of the one that stands against it."""
    found, project_id = _find(asked), asked.project_id
    rival = found.thought.rival_id if found.thought else None
    run_id = asked.number("run")
    config = runs.find_run(run_id).config if run_id is not None else {}
    is_quick = config.get("method") == "quick_look"
    recipe = recipe_of(TrainConfig.from_json(config) if is_quick else quick_look.usual(project_id))
    counts = {label.id: label.n_train + label.n_valid for label in projects.labels(project_id)}

    def of(label_id: int | None) -> list[dict[str, Any]]:
        if label_id is None:
            return []
        near = nearest.nearest(project_id, recipe, found.image.sha, label_id, counts.get(label_id, 0))
        return [_near_json(each) for each in near]

    return {"given": of(found.image.label_id), "rival": of(rival), "rival_id": rival}


def _heat(asked: Asked) -> Response:
    """Where in the picture the run's model finds what speaks for a label; waits for the model process to come up."""
    found, run_id, label_id = _find(asked), asked.number("run"), asked.number("label")
    columns = found.thought.columns if found.thought else []
    if run_id is None or label_id not in columns:
        raise NotFound("There is no heat map: this run does not know the picture or the label.")
    assert found.thought is not None
    config = TrainConfig.from_json(runs.find_run(run_id).config)
    others = [columns.index(label) for label in (found.image.label_id, found.thought.rival_id) if label in columns]
    size = (found.image.width, found.image.height)
    try:
        png = heat.layer(run_id, found.image.sha, columns.index(label_id), config, size, others)
    except JobFailed as error:  # its hint is the end of the process's log, which is no sentence
        raise JobFailed(str(error), "It is started again when you ask again.") from error
    return Response(png, media_type="image/png", headers=_KEPT)


def _find(asked: Asked) -> CloseUp:
    return closeup.find(asked.project_id, asked.path["image_id"], asked.number("run"))


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
