"""The model process that answers from graphs, `python -m curate.prediction.serve_graphs`: onnxruntime, no torch.

Begins in half a second and holds some 100 MB.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from curate import heaps
from curate.cores import n_cores
from curate.errors import BadPicture, Busy
from curate.onnx_graph import GRAPH
from curate.prediction import endpoint, familiarity, loopback
from curate.prediction.batches import Batches
from curate.prediction.graph_model import GraphModel
from curate.prediction.graph_model import load as load_graph

MOST_MODELS = 3
MOST_WAITING = 256  # pictures; beyond, callers come again later


_Answer = tuple[np.ndarray, np.ndarray]  # (C,) probabilities, (D,) embedding


class _Model:
    """A run's graph, the batches that are made for it, and the pictures it has learnt from, once those are kept."""

    def __init__(self, folder: Path) -> None:
        self.graph: GraphModel = load_graph(folder)
        self.batches = Batches(self.graph.answer, n_threads=self.graph.n_at_once)
        self.known = familiarity.load(folder)


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
_decoding = threading.BoundedSemaphore(n_cores())


def load() -> Mapping[str, loopback.Answer]:
    """What is answered: /predict.

    {"labels", "answers": [{"probabilities": [C] | null, "error": sentence | null, "familiarity": … | null}]}; the last
    as `Familiarity.to_json`, where the run's known pictures are kept.
    """
    return {"/predict": _predict}


def _predict(request: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    _waiting.add(len(files))
    try:
        model = _model_in(Path(request["folder"]))
        if len(files) == 1:
            answers = [_answer(lambda: model.batches.ask(_square(model, files[0])))]
        else:  # each goes to the network as soon as it is decoded, while others still are
            decoded = [_decoders.submit(_queued, model, data) for data in files]
            answers = [_answer(lambda: each.result().result()) for each in decoded]  # noqa: B023 (called at once)
        return {"labels": model.graph.labels, "answers": _described(model, answers, files)}
    finally:
        _waiting.remove(len(files))


def _queued(model: _Model, data: bytes) -> "Future[_Answer]":
    return model.batches.add(_square(model, data))


def _square(model: _Model, data: bytes) -> np.ndarray:
    with _decoding:
        return model.graph.prepare(data)


def _answer(find: Callable[[], _Answer]) -> _Answer | str:
    """The answer, or why there is none."""
    try:
        return find()
    except BadPicture as error:
        return str(error)


def _described(model: _Model, answers: Sequence[_Answer | str], files: Sequence[bytes]) -> list[dict[str, Any]]:
    """Each answer as JSON, with how familiar the picture is."""
    good = [(answer[1], data) for answer, data in zip(answers, files, strict=True) if not isinstance(answer, str)]
    compared: list[familiarity.Familiarity] = []
    if model.known and good:
        shas = [hashlib.sha256(data).hexdigest() for _, data in good]
        compared = model.known.compare(np.stack([embedding for embedding, _ in good]), shas)
    rest = iter(compared)
    described: list[dict[str, Any]] = []
    for answer in answers:
        if isinstance(answer, str):
            described.append({"probabilities": None, "error": answer, "familiarity": None})
        else:
            own = next(rest, None)
            described.append(
                {
                    "probabilities": answer[0].tolist(),
                    "error": None,
                    "familiarity": own.to_json() if own else None,
                }
            )
    return described


def _model_in(folder: Path) -> _Model:
    written_at = _written_at(folder / GRAPH), _written_at(folder / familiarity.FACTS)
    with _loading:  # two that ask first would both load it
        return _model(folder, *written_at)


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


_loading = threading.Lock()


@lru_cache(maxsize=MOST_MODELS)
def _model(folder: Path, graph_written_at: int, known_written_at: int) -> _Model:
    return _Model(folder)


if __name__ == "__main__":
    heaps.limit()  # each of 32 callers has a thread
    loopback.serve(endpoint.GRAPHS, load)
