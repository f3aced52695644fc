"""A quick look's graph: the frozen network of its settings, or `pixels`, with the fitted head behind it."""

from pathlib import Path

import onnx

from curate import store
from curate.embeddings.embed import Recipe
from curate.embeddings.quick_look_head import SHARPNESS, SHORTEST, QuickHead
from curate.onnx_graph import INPUT
from curate.onnx_graph.nodes import Nodes, empty_model, name_outputs
from curate.onnx_graph.pixel_nodes import add_features
from curate.training.networks.architectures import PIXELS


def build(recipe: Recipe, head: QuickHead) -> onnx.ModelProto:
    """The whole graph. Loads torch only for a network that is not in the cache yet. Raises NoWeights, BadInput."""
    if recipe.architecture == PIXELS:
        model = empty_model(recipe.size_px)
        nodes = Nodes(model.graph)
        features = add_features(nodes, INPUT, recipe.size_px)
    else:
        model = onnx.load_from_string(_network(recipe))
        nodes, features = Nodes(model.graph), model.graph.output[0].name
    _add_head(nodes, nodes.as_float16(nodes.last_columns(features, len(head.mean)), "embedding"), head)
    name_outputs(model, head.solved.shape[1])
    return model


def is_at_hand(recipe: Recipe) -> bool:
    """Whether `build` needs no torch."""
    return recipe.architecture == PIXELS or _is_whole(_file(recipe))


def _network(recipe: Recipe) -> bytes:
    """The network's graph: made once on this machine, as its embeddings are."""
    file = _file(recipe)
    if not _is_whole(file):
        from curate.onnx_graph import network

        store.write_atomic(file, network.export_backbone(recipe.architecture, recipe.size_px), is_derived=True)
    return file.read_bytes()


def _is_whole(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0  # it may be empty after a power cut


def _file(recipe: Recipe) -> Path:
    return store.cache_folder("graphs") / f"{recipe.name}.onnx"


def _add_head(nodes: Nodes, embedding: str, head: QuickHead) -> None:
    """What `QuickHead.predict` computes."""
    points = nodes.add("MatMul", nodes.add("Sub", embedding, head.mean), head.matrix)
    points = nodes.add("Div", points, nodes.add("Max", nodes.length(points), SHORTEST))
    cosines = nodes.add("MatMul", points, head.points.T)
    kernel = nodes.add("Exp", nodes.add("Mul", nodes.add("Sub", cosines, 1.0), SHARPNESS))
    scores = nodes.add("Add", nodes.add("MatMul", kernel, head.solved), 1 / head.solved.shape[1])
    logits = nodes.add("Mul", scores, head.temperature, name="logits")
    nodes.add("Softmax", logits, name="probabilities", axis=1)
