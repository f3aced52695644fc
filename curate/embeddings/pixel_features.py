"""Features of pictures without a network: for tiny pictures, and without weights. It imports no torch."""

import numpy as np

SIDE = 16  # parts of a side in which grey is averaged
CELLS = 4  # parts of a side in which colours and edges are summed up
DIRECTIONS = 8
N_FEATURES = SIDE**2 + CELLS**2 * (3 + DIRECTIONS)


def features(pictures: np.ndarray) -> np.ndarray:
    """Returns (n, 432) float16 of (n, H, W, 3) uint8, H and W at least 16.

    These are 16 x 16 greys, 4 x 4 colours, and in each of those 16 cells the strength of edges in 8 directions.

    Source of the edges: Dalal and Triggs (2005), histograms of oriented gradients; each part's are scaled to length 1.
    """
    colours = pictures.astype(np.float32) / 255
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    parts = [_averaged(grey[..., None], SIDE), _averaged(colours, CELLS), _averaged(_edges(grey), CELLS)]
    strength = np.linalg.norm(parts[2], axis=-1, keepdims=True)
    parts[2] = parts[2] / (strength + 0.01)
    return np.concatenate([part.reshape(len(pictures), -1) for part in parts], axis=1).astype(np.float16)


def _averaged(values: np.ndarray, n_parts: int) -> np.ndarray:
    """Returns (n, n_parts, n_parts, K) means of (n, H, W, K) over the cells of a grid."""
    for axis in (1, 2):
        edges = np.linspace(0, values.shape[axis], n_parts + 1).astype(int)
        shape = [-1 if place == axis else 1 for place in range(4)]
        values = np.add.reduceat(values, edges[:-1], axis=axis) / np.diff(edges).reshape(shape)
    return values


def _edges(grey: np.ndarray) -> np.ndarray:
    """Returns (n, H, W, 8): the strength of each pixel's gradient, divided between the two nearest directions."""
    down, right = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(down, right)
    turn = (np.arctan2(down, right) / (2 * np.pi) * DIRECTIONS) % DIRECTIONS
    first = np.floor(turn).astype(int) % DIRECTIONS
    share = turn - np.floor(turn)
    every = np.arange(DIRECTIONS)
    to_first = np.where(every == first[..., None], (strength * (1 - share))[..., None], 0)
    return to_first + np.where(every == ((first + 1) % DIRECTIONS)[..., None], (strength * share)[..., None], 0)
