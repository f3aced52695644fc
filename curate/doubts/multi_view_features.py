"""Embeddings of several frozen networks at several sizes and mirrored: the best ones for doubts.

Average precision of the heads on cifar10n (10,000 images, 9 and 40 % wrong): tf_efficientnet_lite0 at three sizes 0.681
and 0.919; joined with tf_efficientnet_lite2 and mobilenet_v2, at 160 px 0.734 and 0.938, at two sizes 0.740 and 0.939.
Networks differ more in what they miss than sizes do. For job processes only.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from curate.doubts.projection import Principal
from curate.embeddings import backbones
from curate.embeddings.backbones import Backbone
from curate.progress import OnProgress
from curate.training.networks import architectures

# (first, last, size_px) -> (last - first, size_px, size_px, 3) uint8
Pictures = Callable[[int, int, int], np.ndarray]
View = tuple[Backbone, int, bool]  # a network, the side of its pictures in pixels, mirrored

NETWORKS = ("tf_efficientnet_lite0", "tf_efficientnet_lite2", "mobilenet_v2")
SIZES = ((160, False), (128, True))  # side in pixels, mirrored
N_DIRECTIONS = 512
_CHUNK = 32
_SAMPLE = 20_000


def load_views() -> list[View]:
    """Returns all views of those networks whose weights are at hand; without any, of the first. Raises NoWeights."""
    backbones.use_one_thread()  # the threads of the pool run in parallel instead
    names = [name for name in NETWORKS if architectures.find_weights(name)] or NETWORKS[:1]
    return [(Backbone(name, size), size, is_mirrored) for name in names for size, is_mirrored in SIZES]


def describe(pictures: Pictures, n: int, on_progress: OnProgress | None = None, n_threads: int = 2) -> np.ndarray:
    """Returns (n, at most 512) float16 embeddings of n pictures. Raises NoWeights, and what `pictures` raises.

    A sample of up to 20,000 pictures, in chunks drawn at random, determines the principal directions; the rest is
    projected chunk by chunk. A million pictures take 1 GB, and 400 MB for the sample.
    """
    views = load_views()
    on_progress = on_progress or (lambda words, share: None)
    chunks = [range(first, min(first + _CHUNK, n)) for first in range(0, n, _CHUNK)]
    if n <= _SAMPLE:
        rows = np.concatenate(list(extract(views, pictures, chunks, n, on_progress, n_threads)))
        return Principal.fit(rows, N_DIRECTIONS).apply(rows)
    some = [chunks[i] for i in np.sort(np.random.default_rng(0).permutation(len(chunks))[: _SAMPLE // _CHUNK])]
    principal = Principal.fit(
        np.concatenate(list(extract(views, pictures, some, n, on_progress, n_threads))), N_DIRECTIONS
    )
    embeddings = np.empty((n, N_DIRECTIONS), dtype=np.float16)
    for chunk, rows in zip(chunks, extract(views, pictures, chunks, n, on_progress, n_threads), strict=True):
        embeddings[chunk.start : chunk.stop] = principal.apply(rows)
    return embeddings


def extract(
    views: Sequence[View], pictures: Pictures, chunks: list[range], n: int, on_progress: OnProgress, n_threads: int
) -> Iterator[np.ndarray]:
    """Yields (len(chunk), D) float16 of every chunk, all views side by side, in order."""

    def extract_chunk(chunk: range) -> np.ndarray:
        by_size = {size: pictures(chunk.start, chunk.stop, size) for size in {size for _, size, _ in views}}
        seen = []
        for network, size, is_mirrored in views:
            pixels = by_size[size]
            seen.append(network.features(np.ascontiguousarray(pixels[:, :, ::-1]) if is_mirrored else pixels))
        return np.concatenate(seen, axis=1)

    with ThreadPoolExecutor(n_threads) as pool:
        done = 0
        for group in range(0, len(chunks), 4 * n_threads):  # no more than these wait in memory
            for rows in pool.map(extract_chunk, chunks[group : group + 4 * n_threads]):
                done += len(rows)
                on_progress("Looking at pictures", min(1.0, done / n))
                yield rows
