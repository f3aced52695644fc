"""The job that suggests labels for unlabelled images, and the orders in which to label them.

Features and groups of alike images are kept, so that a refit after some decisions needs neither torch nor
scikit-learn: at 10,000 images it takes about a second.
"""

import json
import time
import zipfile
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np

from curate import store
from curate.embeddings import suggestions as fitting
from curate.embeddings.embed import Recipe, embed, recipe_of
from curate.embeddings.suggestions import Groups
from curate.errors import BadInput
from curate.jobs.context import JobContext
from curate.jobs.submit import quick_look
from curate.review.deciding.decisions import revision
from curate.review.labelling import accepted, pictures, suggestions
from curate.review.labelling.pictures import Pictures
from curate.review.labelling.suggestions import Facts, Suggestions
from curate.training.phase_timer import PhaseTimer

_FILE = "features.npz"


@dataclass(frozen=True)
class Kept:
    """Features (N, d) float16 of these images, and the groups of alike ones among them."""

    network: str
    image_ids: np.ndarray
    features: np.ndarray
    groups: Groups


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"n": unlabelled images, "n_given": labelled images that it learnt from}. It has no args that count."""
    if context.project_id is None:
        raise BadInput("Suggestions need a project.")
    project_id, up_to = context.project_id, revision(context.project_id)
    chosen = pictures.of_project(project_id)
    if not chosen.is_unlabelled.any():
        raise BadInput("Every picture of the project has a label.")
    recipe = recipe_of(quick_look.usual(project_id))
    kept = _read(project_id, recipe, chosen) or _make(context, recipe, chosen)
    began = time.monotonic()
    context.step(0, None, "Suggesting labels")
    made = suggest(chosen, kept, Facts(context.job_id, up_to, int((chosen.label_ids != 0).sum()), recipe.name, 0.0))
    suggestions.write(project_id, accepted.note_judged(made, suggestions.find(project_id), chosen))
    return {"n": len(made.image_ids), "n_given": made.facts.n_given, "seconds": time.monotonic() - began}


def suggest(chosen: Pictures, kept: Kept, facts: Facts) -> Suggestions:
    """Returns the suggestions for the unlabelled ones of `chosen`, all of which are in `kept`."""
    at = np.searchsorted(kept.image_ids, chosen.image_ids)
    points = fitting.as_points(kept.features[at])
    is_given = chosen.label_ids != 0
    given, unlabelled = points[is_given], points[chosen.is_unlabelled]
    of_unlabelled = at[chosen.is_unlabelled]
    groups = Groups(kept.groups.group[of_unlabelled], kept.groups.distance[of_unlabelled])
    predictions = fitting.predict(unlabelled, given, chosen.label_ids[is_given])
    held_out = fitting.measure(given, chosen.label_ids[is_given], chosen.is_confirmed[is_given])
    fitted = given[np.random.default_rng(0).permutation(len(given))[: fitting.MOST_FITTED]]
    return Suggestions(
        replace(
            facts, n_held_out=held_out.n, n_right=held_out.n_right, n_fixed=held_out.n_fixed, n_broken=held_out.n_broken
        ),
        chosen.image_ids[chosen.is_unlabelled],
        predictions.predicted,
        predictions.p,
        fitting.find_novelty(unlabelled, fitted),
        fitting.rank_useful(unlabelled, predictions, groups),
        groups.group,
        groups.distance,
    )


def _make(context: JobContext, recipe: Recipe, chosen: Pictures) -> Kept:
    """Embeds what is new, projects all of it, groups it, and keeps the result."""
    from threadpoolctl import threadpool_limits

    from curate.doubts import projection

    assert context.project_id is not None
    embeddings = embed(
        recipe, chosen.shas, PhaseTimer({}), lambda done, total: context.step(done, total, "Looking at pictures")
    )
    context.step(0, None, "Putting alike pictures together")
    with threadpool_limits(1):
        features = projection.fit(embeddings).apply(embeddings)
        kept = Kept(recipe.name, chosen.image_ids, features, fitting.make_groups(fitting.as_points(features)))
    file = BytesIO()
    network = np.frombuffer(json.dumps(recipe.name).encode(), np.uint8)
    np.savez(
        file, network=network, image_ids=kept.image_ids, features=features, group=kept.groups.group,
        distance=kept.groups.distance,
    )  # fmt: skip
    store.write_atomic(store.labelling_folder(context.project_id) / _FILE, file.getvalue(), is_derived=True)
    return kept


def _read(project_id: int, recipe: Recipe, chosen: Pictures) -> Kept | None:
    """Returns what was kept, if it holds all these images."""
    try:
        with np.load(store.labelling_folder(project_id) / _FILE, allow_pickle=False) as file:
            network, image_ids = json.loads(file["network"].tobytes()), file["image_ids"]
            if network != recipe.name or not np.isin(chosen.image_ids, image_ids).all():
                return None
            return Kept(network, image_ids, file["features"], Groups(file["group"], file["distance"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
