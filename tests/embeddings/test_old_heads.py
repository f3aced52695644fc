"""Heads that were fitted when only the last layer of timm's networks was kept go on to answer the same."""

import numpy as np
import onnxruntime

from curate.embeddings import quick_look_head
from curate.embeddings.quick_look_head import QuickHead
from curate.onnx_graph import INPUT, nodes


def fitted(embeddings: np.ndarray) -> QuickHead:
    labels = np.arange(len(embeddings)) % 2
    n = embeddings.shape[1]
    return quick_look_head.fit(np.zeros(n, np.float32), np.eye(n, dtype=np.float32), embeddings, labels, 2)


def test_a_head_of_the_last_features_does_not_mind_what_comes_before_them() -> None:
    last = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    wide = np.concatenate([np.full((20, 3), 7, np.float32), last], axis=1)
    head = fitted(last)
    assert np.array_equal(head.predict(wide), head.predict(last))
    assert np.array_equal(head.gradient(wide[0], 1)[-6:], head.gradient(last[0], 1))


def test_a_graph_takes_the_last_columns() -> None:
    model = nodes.empty_model(2)
    made = nodes.Nodes(model.graph)
    flat = made.reshaped(made.add("Cast", INPUT, to=1), 0, -1)
    last = made.last_columns(flat, 5)
    del model.graph.output[:]
    model.graph.output.append(nodes._value(last, 1, ["n", 5]))
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
    (found,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {INPUT: pixels})
    assert found.tolist() == [[7, 8, 9, 10, 11], [19, 20, 21, 22, 23]]
