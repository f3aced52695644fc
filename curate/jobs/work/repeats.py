"""The job that repeats a quick look with other seeds: one embedding of every picture, a weighted head for each seed."""

from typing import Any

import numpy as np

from curate import store
from curate.catalog import runs
from curate.embeddings import refit
from curate.embeddings.embed import embed, recipe_of
from curate.embeddings.quick_look_head import MOST_FITTED, points_of
from curate.jobs.context import JobContext
from curate.review.reports.run_comparison import near_duplicates
from curate.review.worth import repeats
from curate.training import saved_model
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"run_id", "n"}. args: {"as_run": id of the quick look, "seeds": one for each repeat}."""
    looked, seeds = runs.find_run(context.args["as_run"]), [int(seed) for seed in context.args["seeds"]]
    chosen = repeats.training_set_of(looked)
    embeddings = embed(
        recipe_of(TrainConfig.from_json(looked.config)),
        chosen.shas,
        PhaseTimer({}),
        lambda done, total: context.step(done, total, "Looking at pictures"),
    )
    head = saved_model.read_weights(store.run_folder(looked.id))
    points = points_of(embeddings, head["mean"], head["matrix"])
    rows, valid = np.flatnonzero(~chosen.is_valid), np.flatnonzero(chosen.is_valid)
    groups = near_duplicates(chosen.image_ids)
    predicted = np.empty((len(seeds), len(valid)), np.int64)
    for place, seed in enumerate(seeds):
        context.step(place, len(seeds), "Fitting with other seeds")
        drawn = np.random.default_rng(seed).permutation(rows)[:MOST_FITTED]
        weights = refit.drawn_weights(groups[drawn], seed)
        fitted = points[drawn], chosen.labels[drawn], len(chosen.label_ids)
        predicted[place] = np.array(chosen.label_ids)[refit.predict_weighted(*fitted, weights, points[valid])]
    repeats.write(looked, seeds, repeats.Predicted(chosen.image_ids[valid], predicted))
    return {"run_id": looked.id, "n": len(seeds)}
