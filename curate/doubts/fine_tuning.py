"""Predicts every image with networks that were fine-tuned on the other half of the images.

Only the last blocks of a network learn, on cached activations of the blocks before them, with the labels that the heads
consider true. On 10,000 images with 9 % wrong labels that gave an average precision of 0.68; fine-tuning
eleven blocks on the given labels gave 0.54 at several times the cost. Only job processes import this.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from torch import nn

from curate import heaps
from curate.cores import n_cores
from curate.doubts import folds
from curate.doubts.multi_view_features import Pictures
from curate.doubts.split_networks import SIZE_PX, SplitNetwork, load_split
from curate.progress import OnProgress
from curate.training.fitting import device

FOLDS, EPOCHS, BATCH = 2, 5, 64
RATE, BODY_RATE, DROPOUT = 2e-3, 5e-4, 0.2
_CHUNK = 32
_CUT_SEED = 2_000


@dataclass(frozen=True)
class FineTuned:
    """probabilities: (N, C) float32, of each image by the network that did not see it, mirrored and not.

    dynamics: (E, N) float32, the probability of the given label minus the largest other one, in each epoch of the
    network that saw the image, from its training steps.
    """

    probabilities: np.ndarray
    dynamics: np.ndarray


@dataclass(frozen=True)
class _Device:
    kind: str
    type: torch.dtype


def front(pictures: Pictures, n: int, on_progress: OnProgress | None = None) -> np.ndarray:
    """Returns the frozen blocks' activations of n pictures, original and mirrored: (2, n, 8, 8, F) float16.

    F: 112 of tf_efficientnet_lite0, 96 of mobilenet_v2: 29 or 25 KB per picture. Raises NoWeights.
    """
    on_progress = on_progress or (lambda words, share: None)
    where = _choose_device()
    network = load_split()
    blocks = network.front.to(where.kind, where.type).to(memory_format=torch.channels_last)
    activations: np.ndarray | None = None
    mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in (network.mean, network.std))

    @torch.inference_mode()
    def compute(first: int) -> np.ndarray:
        pixels = torch.from_numpy(pictures(first, min(first + _CHUNK, n), SIZE_PX)).permute(0, 3, 1, 2).float() / 255
        seen = ((pixels - mean) / std).to(where.kind, where.type)
        both = [blocks(one.contiguous(memory_format=torch.channels_last)) for one in (seen, seen.flip(-1))]
        return torch.stack(both).permute(0, 1, 3, 4, 2).half().cpu().numpy()

    with ThreadPoolExecutor(n_cores()) as pool:
        for first, part in zip(range(0, n, _CHUNK), pool.map(compute, range(0, n, _CHUNK)), strict=True):
            activations = np.empty((2, n, *part.shape[2:]), dtype=np.float16) if activations is None else activations
            activations[:, first : first + part.shape[1]] = part
            on_progress("Looking at pictures", min(1.0, (first + _CHUNK) / n))
    assert activations is not None
    return activations


def held_out(
    activations: np.ndarray,
    targets: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
    on_progress: OnProgress | None = None,
    epochs: int = EPOCHS,
) -> FineTuned:
    """Fine-tune once on each half of the images and predict the other half.

    activations: from `front`.  targets: (N, C) probabilities of the true label (`assess.true_labels`), rows sum to 1.
    labels: (N,) as given, for the dynamics only.  groups: near-duplicates share a half. The halves are trained in
    parallel, one core each; fixed seeds make them repeatable.
    """
    on_progress = on_progress or (lambda words, share: None)
    cut = folds.assign(len(labels), FOLDS, _CUT_SEED, groups)
    probabilities = np.full(targets.shape, 1 / targets.shape[1], dtype=np.float32)
    dynamics = np.zeros((epochs, len(labels)), dtype=np.float32)
    done, lock = [0], Lock()

    def step_done(n_steps: int) -> None:
        with lock:
            done[0] += 1
            on_progress("Fine-tuning", min(1.0, done[0] / max(1, n_steps * epochs * FOLDS)))

    def one(fold: int) -> None:
        seen, unseen = np.flatnonzero(cut != fold), np.flatnonzero(cut == fold)
        if len(seen) and len(unseen):
            network = _train(activations, targets, labels, seen, dynamics, fold, step_done)
            probabilities[unseen] = network.predict(activations, unseen)

    _choose_device()
    with ThreadPoolExecutor(min(FOLDS, n_cores())) as pool:
        list(pool.map(one, range(FOLDS)))
    return FineTuned(probabilities, dynamics)


class _Tail(nn.Module):
    """The blocks that learn, and a linear head on their averages, initialised with zeros."""

    def __init__(self, network: SplitNetwork, rows: np.ndarray, n_labels: int, where: _Device) -> None:
        super().__init__()
        self.where = where
        self.body = network.tail.to(where.kind).to(memory_format=torch.channels_last)
        with torch.no_grad():
            n_features = self.features(rows).shape[1]
        self.head = nn.Linear(n_features, n_labels).to(where.kind)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def features(self, rows: np.ndarray) -> torch.Tensor:
        """Returns (n, D) float32 features of (n, 8, 8, F) float16 activations."""
        seen = torch.from_numpy(rows).to(self.where.kind).float().permute(0, 3, 1, 2)
        with torch.autocast(self.where.kind, self.where.type, enabled=self.where.type != torch.float32):
            last = self.body(seen)
        return last.float().mean((2, 3))

    @torch.inference_mode()
    def predict(self, activations: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Returns (n, C) probabilities, the mean over the picture and its mirror image."""
        batches = []
        for begin in range(0, len(rows), 4 * _CHUNK):
            part = rows[begin : begin + 4 * _CHUNK]
            both = [self.head(self.features(view[part])).softmax(1) for view in activations]
            batches.append(torch.stack(both).mean(0).cpu().numpy())
        return np.concatenate(batches)


def _train(
    activations: np.ndarray,
    targets: np.ndarray,
    labels: np.ndarray,
    seen: np.ndarray,
    dynamics: np.ndarray,
    seed: int,
    step_done: Callable[[int], None],
) -> _Tail:
    """Returns the trained network; writes the rows `seen` of the dynamics."""
    tail = _Tail(load_split(), activations[0, :1], targets.shape[1], _choose_device())
    rng = np.random.default_rng(seed)
    size = min(BATCH, len(seen))
    n_steps = len(seen) // size
    groups = [{"params": tail.body.parameters(), "lr": BODY_RATE}, {"params": tail.head.parameters(), "lr": RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=1e-2, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [BODY_RATE, RATE], total_steps=n_steps * len(dynamics) + 1, pct_start=0.25
    )
    for margins in dynamics:
        order = rng.permutation(seen)
        for rows in np.array_split(order[: n_steps * size], n_steps):
            features = tail.features(activations[rng.integers(2), rows])
            # Not nn.Dropout: threads share its random numbers, so that results would not be repeatable.
            kept = torch.from_numpy((rng.random(features.shape) >= DROPOUT).astype(np.float32) / (1 - DROPOUT))
            logits = tail.head(features * kept.to(features.device)).log_softmax(1)
            wanted = torch.from_numpy(targets[rows].astype(np.float32)).to(logits.device)
            (-(wanted * logits).sum(1).mean()).backward()
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            margins[rows] = _margins(logits.detach().exp().cpu().numpy(), labels[rows])
            step_done(n_steps)
    return tail


def _margins(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns (n,) probability of the given label minus the largest other one."""
    every = np.arange(len(labels))
    own, others = probabilities[every, labels], probabilities.copy()
    others[every, labels] = -1.0
    return own - np.maximum(others.max(axis=1), 0.0)


def _choose_device() -> _Device:
    heaps.keep_freed()
    torch.set_num_threads(1)  # the two halves and the chunks of pictures run in parallel
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    return _Device(kind, torch.bfloat16 if device.fast_precision(kind) == "bfloat16" else torch.float32)
