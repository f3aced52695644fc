"""Nodes written by hand: for what no torch module computes."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from curate.onnx_graph import INPUT, OPSET, OUTPUTS


class Nodes:
    """Appends nodes and constants to a graph; every method returns the name of what it made."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.graph = graph
        self._n = 0

    def add(self, kind: str, *inputs: "str | float | np.ndarray", name: str = "", **attributes: Any) -> str:
        """The output of a new node. inputs: names, or numbers and arrays that become float32 constants."""
        names = [each if isinstance(each, str) else self.constant(np.asarray(each, np.float32)) for each in inputs]
        made = name or self._name(kind)
        self.graph.node.append(helper.make_node(kind, names, [made], name=f"by_hand/{made}", **attributes))
        return made

    def constant(self, values: np.ndarray) -> str:
        """A constant of the array's own type."""
        made = self._name("constant")
        self.graph.initializer.append(numpy_helper.from_array(values, made))
        return made

    def reshaped(self, values: str, *shape: int) -> str:
        """0 = as it is, -1 = the rest."""
        return self.add("Reshape", values, self.constant(np.array(shape, np.int64)))

    def last_columns(self, values: str, n: int) -> str:
        """The last n columns of (rows, columns)."""
        starts, ends, axes = (self.constant(np.array([place], np.int64)) for place in (-n, np.iinfo(np.int64).max, 1))
        return self.add("Slice", values, starts, ends, axes)

    def length(self, values: str) -> str:
        """The Euclidean length along the last axis, which stays as 1."""
        return self.add("ReduceL2", values, self.constant(np.array([-1], np.int64)), keepdims=1)

    def as_float16(self, values: str, name: str = "") -> str:
        """Rounded as embeddings are stored, in float32."""
        half = self.add("Cast", values, to=onnx.TensorProto.FLOAT16)
        return self.add("Cast", half, name=name, to=onnx.TensorProto.FLOAT)

    def _name(self, kind: str) -> str:
        self._n += 1
        return f"by_hand_{kind}_{self._n}"


def empty_model(side_px: int) -> onnx.ModelProto:
    """A model that has its input and nothing else yet."""
    graph = helper.make_graph([], "curate", [_value(INPUT, onnx.TensorProto.UINT8, ["n", side_px, side_px, 3])], [])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def name_outputs(model: onnx.ModelProto, n_labels: int) -> None:
    """Let probabilities, logits and embedding be what the model gives, whatever it gave before."""
    shapes: list[int | str] = [n_labels, n_labels, "features"]
    del model.graph.output[:]
    for name, n_columns in zip(OUTPUTS, shapes, strict=True):
        model.graph.output.append(_value(name, onnx.TensorProto.FLOAT, ["n", n_columns]))


def _value(name: str, kind: int, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
