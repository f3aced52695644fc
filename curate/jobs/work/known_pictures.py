"""Keeps the embeddings of the pictures that a run has learnt from, so that unfamiliar ones are recognised."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from curate import store
from curate.catalog import runs
from curate.cores import n_cores
from curate.embeddings.embed import recipe_of
from curate.prediction import familiarity, graph_model
from curate.prediction.graph_model import GraphModel
from curate.training import saved_model

_AT_ONCE = 4  # pictures in one pass, as the model process takes them

OnProgress = Callable[[int, int], None]  # (done, total) pictures; may raise to stop


def ensure(run_id: int, on_progress: OnProgress = lambda done, total: None) -> bool:
    """Whether the known pictures of a finished run with a graph are kept, computed now unless they were.

    Those of a quick look come from the embedding cache; others are computed by the graph: 5 ms each on one core.
    """
    folder = store.run_folder(run_id)
    if familiarity.is_written(folder):
        return True
    image_ids, shas, is_valid = runs.scored_pictures(run_id)
    is_here = np.array([store.has_blob(sha) for sha in shas], bool)
    if not (is_here & ~is_valid).any():
        return False
    here = np.flatnonzero(is_here)
    names = [shas[row] for row in here]
    embed = _counted(_embedder(run_id), names, on_progress)
    familiarity.write(folder, image_ids[here], names, is_valid[here], embed)
    return True


def _embedder(run_id: int) -> Callable[[Sequence[str]], np.ndarray]:
    """From SHA-256s to (n, D) embeddings as the run's graph gives them."""
    folder = store.run_folder(run_id)
    config, model = saved_model.read_facts(folder).config, graph_model.load(folder)
    if config.method != "quick_look":
        return lambda shas: _by_graph(model, shas)
    cache, n_features = recipe_of(config).cache(), len(saved_model.read_weights(folder)["mean"])
    return lambda shas: cache.read(shas)[:, -n_features:] if cache.has(shas).all() else _by_graph(model, shas)


def _by_graph(model: GraphModel, shas: Sequence[str]) -> np.ndarray:
    def embed(part: Sequence[str]) -> np.ndarray:
        return model.embed([model.prepare(store.blob_path(sha)) for sha in part])

    with ThreadPoolExecutor(n_cores()) as pool:
        return np.concatenate(list(pool.map(embed, [shas[i : i + _AT_ONCE] for i in range(0, len(shas), _AT_ONCE)])))


def _counted(
    embed: Callable[[Sequence[str]], np.ndarray], shas: Sequence[str], on_progress: OnProgress
) -> Callable[[np.ndarray], np.ndarray]:
    """The same by rows of `shas`; says how many are done."""
    n_done = 0

    def by_rows(rows: np.ndarray) -> np.ndarray:
        nonlocal n_done
        on_progress(n_done, len(shas))
        n_done += len(rows)
        return embed([shas[row] for row in rows])

    return by_rows
