"""A run's graph, answering by onnxruntime. No torch: begins in half a second."""

import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime

from curate.cores import n_cores
from curate.errors import BadInput, NotFound
from curate.onnx_graph import GRAPH, INPUT
from curate.pictures import Source, read_square

_MOST_AT_ONCE = 8
_MOST_FOR_ONE = 4  # threads; they meet at every layer


class GraphModel:
    """A session of the graph at `path`, with its labels and how its squares are made.

    `predict` may be called by `n_at_once` threads at a time, which then share the cores. A picture alone has
    several: on two cores squeezenet1_1 at 224 px then takes 2.7 ms, not 4.6 (side by side 3.0 each, not 2.4).
    """

    def __init__(self, path: Path) -> None:
        self.n_at_once = min(n_cores(), _MOST_AT_ONCE)
        self._path = path
        self._session = _open(path, max(1, n_cores() // self.n_at_once))
        self._n_running, self._counting = 0, threading.Lock()
        facts = self._session.get_modelmeta().custom_metadata_map
        self.labels: list[str] = json.loads(facts["labels"])
        preprocessing = json.loads(facts["preprocessing"])
        self.side_px: int = preprocessing["side_px"]
        self.resize: str = preprocessing["resize"]

    def prepare(self, source: Source) -> np.ndarray:
        """(side_px, side_px, 3) uint8. Raises BadPicture."""
        return read_square(source, self.side_px, self.resize)

    def predict(self, squares: Sequence[np.ndarray]) -> np.ndarray:
        """(n, C) float32 probabilities of prepared pictures, at least one; rows sum to 1."""
        return self._run(squares, "probabilities")[0]

    def embed(self, squares: Sequence[np.ndarray]) -> np.ndarray:
        """(n, D) float32 embeddings of prepared pictures, at least one."""
        return self._run(squares, "embedding")[0]

    def answer(self, squares: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """The (C,) probabilities and the (D,) embedding of each prepared picture, at least one."""
        return list(zip(*self._run(squares, "probabilities", "embedding"), strict=True))

    def _run(self, squares: Sequence[np.ndarray], *outputs: str) -> list[np.ndarray]:
        with self._counting:
            self._n_running += 1
            is_alone = len(squares) == 1 == self._n_running
        try:
            session = self._for_one if is_alone else self._session
            arrays: list[np.ndarray] = session.run(outputs, {INPUT: np.stack(squares)})
            return arrays
        finally:
            with self._counting:
                self._n_running -= 1

    @cached_property
    def _for_one(self) -> onnxruntime.InferenceSession:
        """The session for a picture alone: twice the file's size in memory, so it is there once it is needed."""
        return _open(self._path, min(n_cores(), _MOST_FOR_ONE))


def load(folder: Path) -> GraphModel:
    """The graph in a run's folder. Raises NotFound where there is none, BadInput when it is damaged."""
    return GraphModel(folder / GRAPH)


def _open(path: Path, n_threads: int) -> onnxruntime.InferenceSession:
    if not path.exists():
        raise NotFound("This run has no graph yet.", "It is written when somebody asks the run for the first time.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.add_session_config_entry("session.force_spinning_stop", "1")  # as soon as a picture is done
    options.log_severity_level = 3  # errors: it warns of constants that it could fold itself
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.OnnxRuntimeException as error:
        raise BadInput("The run's graph is damaged.", "Remove its model.onnx; it is then written anew.") from error
