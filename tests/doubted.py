"""Doubts made by hand, stored as a training's job stores them."""

from collections.abc import Mapping, Sequence

import numpy as np

from curate import store
from curate.catalog import runs


def add_doubted_run(
    project_id: int,
    probabilities: Sequence[tuple[float, ...]],
    doubt: Sequence[float],
    suggested: Mapping[int, int] | None = None,
    uncertainty: Sequence[float] | None = None,
    suggests_delete: Sequence[int] = (),
    asks_again: Sequence[int] = (),
) -> int:
    """Id of a finished run over the project's images, everything in id order.

    suggested: {image's place: label's place}, with a probability of 0.8 each.  suggests_delete, asks_again: places.
    """
    chosen = runs.training_set(project_id)
    n, places = len(chosen.labels), np.arange(len(chosen.labels))
    probs = np.array(probabilities, np.float32)
    run_id = runs.create_run(project_id, {"architecture": "resnet18"}, chosen, None)
    np.save(store.run_folder(run_id) / "probabilities.npy", probs)
    better = np.array([(suggested or {}).get(place, -1) for place in range(n)])
    doubts = runs.Doubts(
        doubt=np.array(doubt, float),
        suggested=better,
        p_suggested=np.full(n, 0.8),
        suggests_delete=np.isin(places, suggests_delete),
        uncertainty=np.array(uncertainty if uncertainty is not None else doubt, float),
        asks_again=np.isin(places, asks_again),
    )
    losses = -np.log(probs[places, chosen.labels])
    runs.finish_run(run_id, chosen, losses, probs, {"device": "CPU"}, doubts=doubts)
    return run_id
