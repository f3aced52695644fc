"""The job that lays out a project's pictures in the plane, similar ones side by side.

It starts from the last map: known pictures keep roughly their place, and new ones are added.
"""

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from curate.catalog import maps, projects
from curate.catalog.maps import Map, MapFacts
from curate.catalog.tables.core import now
from curate.cores import n_cores
from curate.doubts import projection
from curate.embeddings import map_layout
from curate.embeddings.embed import embed, recipe_of
from curate.errors import BadInput
from curate.jobs.context import JobContext
from curate.jobs.submit import quick_look
from curate.training.phase_timer import PhaseTimer


def run(context: JobContext) -> dict[str, Any]:
    """Make a map; returns {"n": pictures on it, "n_all": active images}. args: {"afresh": ignore the last map}."""
    if context.project_id is None:
        raise BadInput("A map needs a project.")
    project_id = context.project_id
    version_number = projects.find_project(project_id).version_number
    newest = maps.newest_image_id(project_id)  # read before the list: later images are new to the map
    image_ids, shas, n_all = maps.pictures(project_id)
    if len(image_ids) < maps.FEWEST:
        raise BadInput(f"A map needs at least {maps.FEWEST} pictures; the project has {len(image_ids)}.")
    recipe = recipe_of(quick_look.usual(project_id))
    features = _features(context, recipe, [shas[image_id] for image_id in image_ids.tolist()])
    last = None if context.args.get("afresh") else maps.newest(project_id)
    # Embeddings of another network have other neighbours.
    start = start_of(image_ids, maps.find(project_id, last.number)) if last and last.network == recipe.name else None
    places = map_layout.lay_out(
        features,
        lambda words, share: context.step(round(100 * share), 100, words),
        start,
        # Beside other busy programs two threads, which synchronise at every step, took ten times as long as one.
        n_jobs=max(1, n_cores() // 2),
    )
    facts = MapFacts(context.job_id, version_number, recipe.name, now().isoformat(), n_all, newest)
    maps.write(project_id, Map(facts, image_ids, places))
    return {"n": len(image_ids), "n_all": n_all}


def start_of(image_ids: np.ndarray, last: Map) -> np.ndarray:
    """Returns the (N, 2) places of these images on the last map, NaN for new ones; both in ascending order of ids."""
    start = np.full((len(image_ids), 2), np.nan)
    at = np.searchsorted(last.image_ids, image_ids).clip(max=len(last.image_ids) - 1)
    was_there = last.image_ids[at] == image_ids
    start[was_there] = last.places[at[was_there]]
    return start


def _features(context: JobContext, recipe: Any, shas: list[str]) -> np.ndarray:
    embeddings = embed(
        recipe, shas, PhaseTimer({}), lambda done, total: context.step(done, total, "Looking at pictures")
    )
    with threadpool_limits(1):
        return projection.fit(embeddings).apply(embeddings)
