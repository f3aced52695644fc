"""What the evidence says of every image, and what the next assessment of the same images goes on from."""

from dataclasses import dataclass

import numpy as np

from curate.doubts.heads import HeadsResult
from curate.doubts.neighbours import Neighbours


@dataclass(frozen=True)
class Assessment:
    """Of N images, in row order.

    doubt: float32 in [0, 1], 1 = surely wrong, on average the share estimated wrong; suggested: int64 position, the
    given label where nothing is better;
    p_suggested: float32, how probable it is; outlier: float32 in [0, 1], 1 = far from everything;
    suggests_delete: bool; uncertainty: float32 in [0, 1], 1 = torn between two labels;
    votes_for_suggested of n_models held-out models and neighbours_for_suggested of n_neighbours nearest images are for
    the suggested label (int16); probabilities: (N, C) float32, held-out; reasons: by name, (N,) float32, 1 = doubt;
    joint: (C, C) estimated shares by given (row) and true label, from `noise.joint`.
    heads, nearest: what the next assessment of the same rows begins with.
    """

    doubt: np.ndarray
    suggested: np.ndarray
    p_suggested: np.ndarray
    outlier: np.ndarray
    suggests_delete: np.ndarray
    uncertainty: np.ndarray
    votes_for_suggested: np.ndarray
    n_models: int
    neighbours_for_suggested: np.ndarray
    n_neighbours: int
    probabilities: np.ndarray
    reasons: dict[str, np.ndarray]
    joint: np.ndarray
    heads: HeadsResult
    nearest: Neighbours


@dataclass(frozen=True)
class Start:
    """What `assess` goes on from: as much of an earlier Assessment as it looks at."""

    heads: HeadsResult
    nearest: Neighbours
