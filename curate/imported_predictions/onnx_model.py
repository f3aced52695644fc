"""A model from elsewhere as an ONNX file, with the JSON that says how its input is made.

The file is read from bytes, never from a path, and one that keeps weights in other files is refused: such paths can
lead anywhere on the machine (CVE-2022-25882, CVE-2024-27318). It runs in the job's own process.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from curate.errors import BadInput, BadPicture
from curate.imported_predictions.read import Predictions, as_probabilities
from curate.pictures import read_square

_BATCH = 16
_RESIZES, _LAYOUTS, _OUTPUTS = ("crop", "pad", "squish"), ("NCHW", "NHWC"), ("logits", "probabilities")
_EXAMPLE = '{"labels": ["cat", "dog"], "side_px": 224, "resize": "crop", "mean": [0.485, …], "std": [0.229, …]}'


@dataclass(frozen=True)
class Preprocessing:
    """How a square of pixels becomes the model's input, and what its output is.

    labels: (C,) names in the output's order. side_px, resize: of the square, see `square.fit`. Pixels are divided by
    `divisor` (255 makes them 0-1), then mean is taken off and the rest divided by std, a number for each of red, green
    and blue. layout: NCHW or NHWC. output: logits or probabilities; output_name: which one, "" = the first.
    """

    labels: tuple[str, ...]
    side_px: int
    resize: str = "crop"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    divisor: float = 255.0
    layout: str = "NCHW"
    output: str = "logits"
    output_name: str = ""
    dtype: str = "float32"

    @classmethod
    def from_json(cls, text: str) -> "Preprocessing":
        """Reads it, with these defaults. Raises BadInput."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise BadInput(f"The preprocessing is no JSON: {error}.", f"For example: {_EXAMPLE}") from error
        known = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or not {"labels", "side_px"} <= set(values) <= known:
            raise BadInput(
                "The preprocessing needs `labels` and `side_px`.", f"It may have {', '.join(sorted(known))}."
            )
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        read = cls(**(values | lists))
        is_usable = (
            read.resize in _RESIZES and read.layout in _LAYOUTS and read.output in _OUTPUTS and len(read.labels) > 1
            and all(isinstance(label, str) for label in read.labels) and len(read.mean) == len(read.std) == 3
            and isinstance(read.side_px, int) and 8 <= read.side_px <= 2048 and read.dtype in ("float32", "uint8")
        )  # fmt: skip
        if not is_usable:
            raise BadInput("A value of the preprocessing is out of its range.", f"For example: {_EXAMPLE}")
        return read


class OnnxModel:
    """The model in the bytes of an ONNX file. preprocessing: None = as the file itself says, if Curate wrote it."""

    def __init__(self, data: bytes, preprocessing: Preprocessing | None, name: str = "The model") -> None:
        _check(data, name)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has no base class of its own for what it raises
            raise BadInput(f"{name} cannot be loaded: {str(error):.200}") from error
        self.preprocessing = preprocessing or _own(self._session.get_modelmeta().custom_metadata_map, name)
        self._input = self._session.get_inputs()[0]
        batch = self._input.shape[0] if self._input.shape else None
        self._batch = batch if isinstance(batch, int) and batch > 0 else _BATCH

    def predict(self, files: Sequence[Path], on_progress: Callable[[int], None]) -> np.ndarray:
        """(N, C) float64, what the output holds; NaN for pictures that cannot be read. Raises BadInput."""
        answers = np.full((len(files), len(self.preprocessing.labels)), np.nan)
        for start in range(0, len(files), self._batch):
            squares, rows = self._read(files[start : start + self._batch])
            if rows:
                answers[[start + row for row in rows]] = self._run(squares)[: len(rows)]
            on_progress(min(len(files), start + self._batch))
        return answers

    def _read(self, files: Sequence[Path]) -> tuple[list[np.ndarray], list[int]]:
        squares, rows = [], []
        for row, file in enumerate(files):
            try:
                squares.append(read_square(file, self.preprocessing.side_px, self.preprocessing.resize))
                rows.append(row)
            except BadPicture:
                continue
        return squares, rows

    def _run(self, squares: list[np.ndarray]) -> np.ndarray:
        how = self.preprocessing
        filled = (
            squares + [squares[-1]] * (self._batch - len(squares)) if isinstance(self._input.shape[0], int) else squares
        )
        pixels = np.stack(filled)
        if how.dtype == "float32":
            pixels = ((pixels / how.divisor - np.array(how.mean)) / np.array(how.std)).astype(np.float32)
        if how.layout == "NCHW":
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        outputs = [how.output_name] if how.output_name else None
        try:
            answer = np.asarray(self._session.run(outputs, {self._input.name: pixels})[0], np.float64)
        except Exception as error:  # as above
            raise BadInput(
                f"The model does not take its input: {str(error):.200}", "Is its preprocessing right?"
            ) from error
        if answer.ndim != 2 or answer.shape[1] != len(how.labels):
            raise BadInput(
                f"The model's output is {answer.shape}, for {len(how.labels)} labels.", "Name its `output_name`."
            )
        return answer


def predictions(
    model: OnnxModel, shas: list[str], files: Sequence[Path], on_progress: Callable[[int], None]
) -> Predictions:
    """What the model predicts for these files, as a table would hold it: by SHA-256."""
    how = model.preprocessing
    numbers = model.predict(files, on_progress)
    return Predictions(shas, list(how.labels), as_probabilities(numbers, how.output == "logits", "its output"), [])


def _own(metadata: dict[str, str], name: str) -> Preprocessing:
    """The preprocessing of a graph that Curate wrote."""
    if "preprocessing" not in metadata or "labels" not in metadata:
        raise BadInput(f"{name} does not say how its input is made.", f"Add that as JSON, for example: {_EXAMPLE}")
    square: dict[str, Any] = json.loads(metadata["preprocessing"])
    labels = tuple(json.loads(metadata["labels"]))
    return Preprocessing(
        labels, **square, layout="NHWC", output="probabilities", output_name="probabilities", dtype="uint8"
    )


def _check(data: bytes, name: str) -> None:
    """Raise BadInput for what is no ONNX file, or keeps weights elsewhere."""
    try:
        proto = onnx.load_from_string(data)
    except Exception as error:  # protobuf's DecodeError; protobuf is onnx's affair
        raise BadInput(f"{name} is no ONNX file.") from error
    if not proto.graph.node:
        raise BadInput(f"{name} is no ONNX file.")
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in _tensors(proto)):
        raise BadInput(f"{name} keeps weights in other files, which are not read.", "Save it as one file.")


def _tensors(proto: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    waiting: list[Any] = [proto.graph, *proto.functions]
    while waiting:
        graph = waiting.pop()
        yield from getattr(graph, "initializer", ())
        for sparse in getattr(graph, "sparse_initializer", ()):
            yield from (sparse.values, sparse.indices)
        for node in graph.node:
            for attribute in node.attribute:
                yield from (attribute.t, *attribute.tensors)
                waiting += [attribute.g, *attribute.graphs]
