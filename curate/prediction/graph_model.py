"""A run's graph, answering by onnxruntime. No torch: begins in half a second."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from curate.cores import n_cores
from curate.errors import BadInput, NotFound
from curate.onnx_graph import GRAPH, INPUT
from curate.pictures import Source, read_square

# Threads within a picture meet at every layer; pictures side by side never do.
_MOST_AT_ONCE = 8


class GraphModel:
    """A session of the graph at `path`, with its labels and how its squares are made.

    `predict` may be called by `n_at_once` threads at a time, which then share the cores.
    """

    def __init__(self, path: Path) -> None:
        self.n_at_once = min(n_cores(), _MOST_AT_ONCE)
        self._session = _open(path, max(1, n_cores() // self.n_at_once))
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
        arrays: list[np.ndarray] = self._session.run(outputs, {INPUT: np.stack(squares)})
        return arrays


def load(folder: Path) -> GraphModel:
    """The graph in a run's folder. Raises NotFound where there is none, BadInput when it is damaged."""
    return GraphModel(folder / GRAPH)


def _open(path: Path, n_threads: int) -> onnxruntime.InferenceSession:
    if not path.exists():
        raise NotFound("This run has no graph yet.", "It is written when somebody asks the run for the first time.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.log_severity_level = 3  # errors: it warns of constants that it could fold itself
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.OnnxRuntimeException as error:
        raise BadInput("The run's graph is damaged.", "Remove its model.onnx; it is then written anew.") from error
