"""Embeddings of two frozen networks at several sizes and mirrored: the best ones for doubts.

The last layer of mobilenet_v2 at 160 px finds wrong labels with an average precision of 0.54, all of these with 0.64
(one linear head, cifar10n, 9 % wrong). Only job processes import this.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from curate import heaps
from curate.doubts.projection import Principal
from curate.progress import OnProgress
from curate.training.fitting import device
from curate.training.networks import weights

# (first, last, size_px) -> (last - first, size_px, size_px, 3) uint8
Pictures = Callable[[int, int, int], np.ndarray]

# Side in pixels, mirrored. Average precision of one linear head (9 % wrong): these 0.641; 224 px as well 0.648 at twice
# the cost; 128 px mirrored and not with 160 px 0.622; without 160 px 0.615.
VIEWS = ((96, False), (128, True), (160, False))
N_DIRECTIONS = 512
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CHUNK = 32
_SAMPLE = 20_000


@dataclass(frozen=True)
class FeatureExtractor:
    """Two frozen networks, shared by all threads."""

    mobilenet: nn.Sequential
    squeezenet: nn.Sequential
    kind: torch.dtype

    @torch.inference_mode()
    def features(self, pixels: np.ndarray, mirrored: bool) -> np.ndarray:
        """Returns (n, 2752) float32 of (n, H, W, 3) uint8: averages of four stages of one, the other's last layer."""
        pictures = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
        pictures = (pictures - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
        seen = (pictures.flip(-1) if mirrored else pictures).to(self.kind).contiguous(memory_format=torch.channels_last)
        parts, layer = [], seen
        for number, block in enumerate(self.mobilenet):
            layer = block(layer)
            if number in (6, 13, 17, 18):
                parts.append(layer.float().mean((2, 3)))
        last = self.squeezenet(seen).float()
        return torch.cat([*parts, last.mean((2, 3)), last.amax((2, 3))], dim=1).numpy()


def load_extractor() -> FeatureExtractor:
    """Loads both networks with their pretrained weights. Raises NoWeights."""
    import torchvision

    heaps.keep_freed()
    torch.set_num_threads(1)  # the threads of the pool run in parallel instead
    kind = torch.bfloat16 if device.fast_precision("cpu") == "bfloat16" else torch.float32
    bodies = []
    for name in ("mobilenet_v2", "squeezenet1_1"):
        network = getattr(torchvision.models, name)()
        weights.load_pretrained(network, name)
        bodies.append(network.features.eval().to(kind, memory_format=torch.channels_last))
    return FeatureExtractor(bodies[0], bodies[1], kind)


def describe(pictures: Pictures, n: int, on_progress: OnProgress | None = None, n_threads: int = 2) -> np.ndarray:
    """Returns (n, at most 512) float16 embeddings of n pictures. Raises NoWeights, and what `pictures` raises.

    A random sample of up to 20,000 pictures determines the principal directions; the rest is projected chunk by chunk.
    A million pictures take 1 GB, and 440 MB for the sample.
    """
    extractor = load_extractor()
    on_progress = on_progress or (lambda words, share: None)
    sample = np.sort(np.random.default_rng(0).permutation(n)[:_SAMPLE])
    chunks = [range(first, min(first + _CHUNK, n)) for first in range(0, n, _CHUNK)]
    if n <= _SAMPLE:
        rows = np.concatenate(list(extract(extractor, pictures, chunks, n, on_progress, n_threads)))
        return Principal.fit(rows, N_DIRECTIONS).apply(rows)
    some = [range(row, row + 1) for row in sample]
    principal = Principal.fit(
        np.concatenate(list(extract(extractor, pictures, some, n, on_progress, n_threads))), N_DIRECTIONS
    )
    embeddings = np.empty((n, N_DIRECTIONS), dtype=np.float16)
    for chunk, rows in zip(chunks, extract(extractor, pictures, chunks, n, on_progress, n_threads), strict=True):
        embeddings[chunk.start : chunk.stop] = principal.apply(rows)
    return embeddings


def extract(
    network: FeatureExtractor, pictures: Pictures, chunks: list[range], n: int, on_progress: OnProgress, n_threads: int
) -> Iterator[np.ndarray]:
    """Yields (len(chunk), D) float16 of every chunk, all views side by side, in order."""

    def extract_chunk(chunk: range) -> np.ndarray:
        sizes = {size: pictures(chunk.start, chunk.stop, size) for size in {size for size, _ in VIEWS}}
        seen = [network.features(sizes[size], mirrored) for size, mirrored in VIEWS]
        return np.concatenate(seen, axis=1).astype(np.float16)

    with ThreadPoolExecutor(n_threads) as pool:
        done = 0
        for group in range(0, len(chunks), 4 * n_threads):  # no more than these wait in memory
            for rows in pool.map(extract_chunk, chunks[group : group + 4 * n_threads]):
                done += len(rows)
                on_progress("Looking at pictures", min(1.0, done / n))
                yield rows
