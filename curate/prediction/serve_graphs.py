"""The model process that answers from graphs, `python -m curate.prediction.serve_graphs`: onnxruntime, no torch.

Begins in half a second and holds some 100 MB.
"""

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from curate.cores import n_cores
from curate.errors import BadPicture, Busy
from curate.onnx_graph import GRAPH
from curate.prediction import endpoint, loopback
from curate.prediction.batches import Batches
from curate.prediction.graph_model import GraphModel
from curate.prediction.graph_model import load as load_graph

MOST_MODELS = 3
MOST_WAITING = 256  # pictures; beyond, callers come again later


class _Model:
    """A run's graph and the batches that are made for it."""

    def __init__(self, folder: Path) -> None:
        self.graph: GraphModel = load_graph(folder)
        self.batches = Batches(self.graph.predict, n_threads=self.graph.n_at_once)


class _Waiting:
    """How many pictures wait for an answer."""

    def __init__(self) -> None:
        self._n = 0
        self._lock = threading.Lock()

    def add(self, n: int) -> None:
        """Raises Busy when too many wait already."""
        with self._lock:
            if self._n and self._n + n > MOST_WAITING:
                raise Busy("Too many pictures wait for an answer.", "Ask again in a second.")
            self._n += n

    def remove(self, n: int) -> None:
        with self._lock:
            self._n -= n


_waiting = _Waiting()
_decoders = ThreadPoolExecutor(n_cores())


def load() -> Mapping[str, loopback.Answer]:
    """/predict: {"labels", "answers": [{"probabilities": [C] | null, "error": sentence | null}]}."""
    return {"/predict": _predict}


def _predict(request: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    _waiting.add(len(files))
    try:
        model = _model_in(Path(request["folder"]))
        # Each goes to the network as soon as it is decoded, while others still are.
        decoded = [_decoders.submit(_queued, model, data) for data in files]
        return {"labels": model.graph.labels, "answers": [_answer(each) for each in decoded]}
    finally:
        _waiting.remove(len(files))


def _queued(model: _Model, data: bytes) -> "Future[np.ndarray]":
    return model.batches.add(model.graph.prepare(data))


def _answer(decoded: "Future[Future[np.ndarray]]") -> dict[str, Any]:
    try:
        return {"probabilities": decoded.result().result().tolist(), "error": None}
    except BadPicture as error:
        return {"probabilities": None, "error": str(error)}


def _model_in(folder: Path) -> _Model:
    graph = folder / GRAPH
    with _loading:  # two that ask first would both load it
        return _model(folder, graph.stat().st_mtime_ns if graph.exists() else 0)


_loading = threading.Lock()


@lru_cache(maxsize=MOST_MODELS)
def _model(folder: Path, written_at: int) -> _Model:
    return _Model(folder)


if __name__ == "__main__":
    loopback.serve(endpoint.GRAPHS, load)
