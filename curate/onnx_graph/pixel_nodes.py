"""The features of `embeddings.pixel_features` as nodes of a graph: the same numbers, without Python."""

import math

import numpy as np

from curate.embeddings.pixel_features import CELLS, DIRECTIONS, SIDE
from curate.onnx_graph.nodes import Nodes

_GREY = np.array([0.299, 0.587, 0.114], np.float32)


def add_features(nodes: Nodes, pixels: str, side_px: int) -> str:
    """(n, 432) float32 of (n, side_px, side_px, 3) uint8."""
    colours = nodes.add("Div", nodes.add("Cast", pixels, to=1), 255.0)
    grey = nodes.reshaped(nodes.add("MatMul", colours, _GREY[:, None]), 0, 1, side_px, side_px)
    by_channel = nodes.add("Transpose", colours, perm=[0, 3, 1, 2])
    edges = _averaged(nodes, _edges(nodes, grey, side_px), side_px, CELLS)
    edges = nodes.add("Div", edges, nodes.add("Add", nodes.length(edges), 0.01))
    parts = [_averaged(nodes, grey, side_px, SIDE), _averaged(nodes, by_channel, side_px, CELLS), edges]
    return nodes.add("Concat", *(nodes.reshaped(part, 0, -1) for part in parts), axis=1)


def _averaged(nodes: Nodes, values: str, side_px: int, n_parts: int) -> str:
    """(n, n_parts, n_parts, K) means of (n, K, side_px, side_px) over the parts of a grid."""
    edges = np.linspace(0, side_px, n_parts + 1).astype(int)
    share = np.zeros((n_parts, side_px), np.float32)
    for part, (first, last) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        share[part, first:last] = 1 / (last - first)
    means = nodes.add("MatMul", nodes.add("MatMul", share, values), share.T)
    return nodes.add("Transpose", means, perm=[0, 2, 3, 1])


def _edges(nodes: Nodes, grey: str, side_px: int) -> str:
    """(n, 8, H, W): how strong each pixel's gradient is in each direction, of (n, 1, H, W)."""
    slope = np.asarray(np.gradient(np.eye(side_px, dtype=np.float32), axis=0))  # as a matrix: np.gradient is linear
    down, right = nodes.add("MatMul", slope, grey), nodes.add("MatMul", grey, slope.T)
    strength = nodes.add("Sqrt", nodes.add("Add", nodes.add("Mul", down, down), nodes.add("Mul", right, right)))
    turn = nodes.add("Mul", _angle(nodes, down, right, strength), DIRECTIONS / (2 * math.pi))
    away = nodes.add("Abs", nodes.add("Sub", turn, np.arange(DIRECTIONS).reshape(1, -1, 1, 1)))
    away = nodes.add("Min", away, nodes.add("Abs", nodes.add("Sub", away, float(DIRECTIONS))))  # the shorter way round
    return nodes.add("Mul", strength, nodes.add("Relu", nodes.add("Sub", 1.0, away)))


def _angle(nodes: Nodes, y: str, x: str, length: str) -> str:
    """arctan2, which ONNX lacks, from half the angle; 0 where both are 0."""
    is_right = nodes.add("Greater", x, 0.0)
    over = nodes.add("Where", is_right, y, nodes.add("Sub", length, x))
    under = nodes.add("Where", is_right, nodes.add("Add", length, x), y)
    under = nodes.add("Where", nodes.add("Equal", under, 0.0), 1e-30, under)
    return nodes.add("Mul", nodes.add("Atan", nodes.add("Div", over, under)), 2.0)
