"""A head of stock layers that can begin as kernel ridge regression in closed form. Imports torch.

With unit vectors x and p, the kernel exp(s (x.p - 1)) is ELU(s x.p - s) + 1, for s x.p <= s; LayerNorm brings vectors
whose numbers add up to 0 to one length.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

POOL, PROJECTION, KERNEL, SCORES = 0, 2, 4, 6  # places of layers in the head


@dataclass(frozen=True)
class Size:
    """The numbers of principal directions, and of training pictures that new ones are compared with."""

    n_directions: int
    n_points: int


def size_of(state: dict[str, torch.Tensor]) -> Size:
    """Returns the size of the head in a network's state."""
    n_points, n_directions = state[f"1.{KERNEL}.weight"].shape
    return Size(n_directions - 1, n_points)


def create(n_features: int, size: Size, n_labels: int, keeps_places: bool) -> nn.Sequential:
    """Returns the head with random weights.  keeps_places: the body's answer is (n, D, h, w), not (n, D)."""
    n_numbers = size.n_directions + 1
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1) if keeps_places else nn.Identity(),
        nn.Flatten(),
        nn.Linear(n_features, n_numbers),
        nn.LayerNorm(n_numbers, elementwise_affine=False),
        nn.Linear(n_numbers, size.n_points),
        nn.ELU(),
        nn.Linear(size.n_points, n_labels),
    )


@torch.no_grad()
def fill(head: nn.Sequential, mean: np.ndarray, matrix: np.ndarray, points: np.ndarray, solved: np.ndarray,
         sharpness: float, temperature: float) -> None:  # fmt: skip
    """Make the head compute temperature * (1 / C + exp(sharpness * (x.p - 1)) @ solved).

    x: the features less mean (D,), times matrix (D, d), at length 1; points p: (M, d) at length 1; solved: (M, C).
    """
    turned = _adding_up_to_zero(matrix.shape[1])
    projection, others, n_labels = matrix @ turned, points @ turned, solved.shape[1]
    scale = sharpness / math.sqrt(turned.shape[1])
    values = {
        PROJECTION: (projection.T, -mean @ projection),
        KERNEL: (others * scale, np.full(len(points), -sharpness)),
        SCORES: (temperature * solved.T, temperature * (1 / n_labels + solved.sum(axis=0))),
    }
    for place, (weight, bias) in values.items():
        layer = head[place]
        assert isinstance(layer, nn.Linear)
        layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
        layer.bias.copy_(torch.from_numpy(np.ascontiguousarray(bias)))


def _adding_up_to_zero(d: int) -> np.ndarray:
    """Returns (d, d + 1) orthonormal rows (Helmert's) whose numbers add up to 0: products and lengths stay."""
    rows = np.tril(np.ones((d, d + 1)))
    rows[np.arange(d), np.arange(1, d + 1)] = -np.arange(1, d + 1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
