"""ONNX files of others: what they predict, and which are refused."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from curate.errors import BadInput
from curate.imported_predictions.onnx_model import OnnxModel, Preprocessing, predictions

WEIGHTS = np.array([[4.0, -4.0], [0.0, 1.0], [1.0, 0.0]], np.float32)
HOW = Preprocessing(("red", "other"), 8, mean=(0.5, 0.5, 0.5), std=(0.25, 0.5, 1.0))


def model(batch: int | str = "n", weights: np.ndarray = WEIGHTS) -> onnx.ModelProto:
    """Logits from the mean of each colour."""
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
            helper.make_node("Flatten", ["mean"], ["flat"]),
            helper.make_node("MatMul", ["flat", "w"], ["y"]),
        ],
        "colours",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 2])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def pictures(tmp_path: Path) -> list[Path]:
    paths = []
    for number, colour in enumerate([(255, 0, 0), (0, 128, 255), (51, 51, 51)]):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (16, 12), colour).save(paths[-1])
    (tmp_path / "bad.png").write_bytes(b"no picture")
    return [*paths, tmp_path / "bad.png"]


@pytest.mark.parametrize("batch", ["n", 1, 3])
def test_it_predicts_what_is_worked_out_by_hand_whatever_batch_it_takes(tmp_path: Path, batch: int | str) -> None:
    done: list[int] = []
    asked = OnnxModel(model(batch).SerializeToString(), HOW)
    read = predictions(asked, ["a", "b", "c", "d"], pictures(tmp_path), done.append)
    colours = np.array([[1, 0, 0], [0, 128 / 255, 1], [0.2, 0.2, 0.2]])
    logits = ((colours - 0.5) / [0.25, 0.5, 1.0]) @ WEIGHTS
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(read.probabilities[:3], expected, atol=1e-5)
    assert np.isnan(read.probabilities[3]).all()
    assert (read.keys, read.labels, done[-1]) == (["a", "b", "c", "d"], ["red", "other"], 4)


def test_weights_in_other_files_are_refused_wherever_in_the_graph_they_are(tmp_path: Path) -> None:
    outside = model(weights=np.zeros((3, 2), np.float32))
    onnx.save(outside, tmp_path / "m.onnx", save_as_external_data=True, location="w.bin", size_threshold=0)
    with pytest.raises(BadInput, match="keeps weights in other files"):
        OnnxModel((tmp_path / "m.onnx").read_bytes(), HOW)
    inner = model()
    tensor = inner.graph.node[0].attribute.add(name="value", type=onnx.AttributeProto.TENSOR).t
    tensor.data_location = TensorProto.EXTERNAL
    with pytest.raises(BadInput, match="keeps weights in other files"):
        OnnxModel(inner.SerializeToString(), HOW)


def test_what_is_no_model_or_does_not_fit_says_so(tmp_path: Path) -> None:
    for data in (b"", b"\x80\x04 a pickle", BytesIO(b"x" * 99).getvalue()):
        with pytest.raises(BadInput, match="is no ONNX file"):
            OnnxModel(data, HOW, "m.onnx")
    files = pictures(tmp_path)
    with pytest.raises(
        BadInput, match=r"The model's output is \(4, 2\), for 3 labels|output is \(3, 2\), for 3 labels"
    ):
        OnnxModel(model().SerializeToString(), Preprocessing(("a", "b", "c"), 8)).predict(files, print)
    with pytest.raises(BadInput, match="does not take its input"):
        OnnxModel(model().SerializeToString(), Preprocessing(("a", "b"), 16)).predict(files, print)
    with pytest.raises(BadInput, match="does not say how its input is made"):
        OnnxModel(model().SerializeToString(), None, "m.onnx")


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"labels": ["a", "b"]}', '{"labels": ["a", "b"], "side_px": 8, "more": 1}',
     '{"labels": ["a", "b"], "side_px": 8, "resize": "stretch"}', '{"labels": ["a"], "side_px": 8}',
     '{"labels": ["a", "b"], "side_px": "8"}'],
)  # fmt: skip
def test_preprocessing_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="preprocessing"):
        Preprocessing.from_json(text)


def test_preprocessing_reads_lists_and_defaults() -> None:
    read = Preprocessing.from_json(json.dumps({"labels": ["a", "b"], "side_px": 8, "std": [1, 2, 3]}))
    assert (read.labels, read.std, read.layout, read.divisor) == (("a", "b"), (1, 2, 3), "NCHW", 255)
