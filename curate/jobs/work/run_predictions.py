"""The job in which a finished run predicts the images that have no label."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from curate import store
from curate.catalog import runs
from curate.cores import n_cores
from curate.embeddings.embed import embed, recipe_of
from curate.embeddings.quick_look_head import QuickHead
from curate.jobs.context import JobContext
from curate.jobs.work import graph
from curate.onnx_graph import GRAPH
from curate.prediction import graph_model
from curate.review.labelling import pictures, run_predictions
from curate.training import saved_model
from curate.training.phase_timer import PhaseTimer

_AT_ONCE = 4  # pictures in one pass of a graph, as the model process takes them
_STORED = 20_000  # pictures after which the predictions so far are stored


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"run_id", "n": images predicted now}. args: {"run_id"}. Images that it has predicted are left out."""
    run_row = runs.find_run(int(context.args["run_id"]))
    image_ids, shas = pictures.unlabelled_of(run_row.project_id)
    known = run_predictions.find(run_row.id)
    is_new = np.array([store.has_blob(sha) for sha in shas], bool)
    if known is not None:
        is_new &= ~np.isin(image_ids, known.image_ids)
    rows = np.flatnonzero(is_new)
    predictor = None
    for start in range(0, len(rows), _STORED):
        some = rows[start : start + _STORED]
        predictor = predictor or _Predictor(context, run_row.id, len(rows))
        probabilities = predictor.predict([shas[row] for row in some.tolist()], start)
        new = run_predictions.from_probabilities(image_ids[some], probabilities, run_row.label_ids)
        known = run_predictions.merge(known, new)
        run_predictions.write(run_row.id, known)
    return {"run_id": run_row.id, "n": len(rows)}


class _Predictor:
    """A run's model over stored pictures: a quick look's head on cached embeddings, else the graph, else torch."""

    def __init__(self, context: JobContext, run_id: int, n_all: int) -> None:
        self._context, self._n_all = context, n_all
        self._folder = store.run_folder(run_id)
        self._config = saved_model.read_facts(self._folder).config
        self._is_quick = self._config.method == "quick_look"
        if self._is_quick:
            self._head = QuickHead(**saved_model.read_weights(self._folder))
        else:
            graph.write(run_id)  # where it cannot have one, its folder says why
            self._model = self._load()

    def predict(self, shas: Sequence[str], n_done: int) -> np.ndarray:
        """Returns (n, C) probabilities. n_done: pictures before these, for the progress."""
        if self._is_quick:
            recipe = recipe_of(self._config)
            embeddings = embed(recipe, shas, PhaseTimer({}), lambda done, _: self._report(n_done + done))
            return self._head.predict(embeddings)
        batches = [shas[at : at + _AT_ONCE] for at in range(0, len(shas), _AT_ONCE)]
        parts = []
        with ThreadPoolExecutor(n_cores() if (self._folder / GRAPH).exists() else 1) as pool:
            for number, part in enumerate(pool.map(self._answer, batches)):
                parts.append(part)
                self._report(n_done + number * _AT_ONCE)
        return np.concatenate(parts)

    def _load(self) -> Any:
        if (self._folder / GRAPH).exists():
            return graph_model.load(self._folder)
        from curate.prediction.model import load_model  # torch and fastai, 10 s

        return load_model(self._folder)

    def _answer(self, shas: Sequence[str]) -> np.ndarray:
        answer: np.ndarray = self._model.predict([self._model.prepare(store.blob_path(sha)) for sha in shas])
        return answer

    def _report(self, n_done: int) -> None:
        self._context.step(n_done, self._n_all, "Predicting pictures without a label")
