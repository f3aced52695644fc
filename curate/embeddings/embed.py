"""Every picture embedded once: what a frozen network sees in it, taken from the cache or computed. No torch up here.

As many threads as there are cores each decode a chunk of pictures and send it through the network on one core. Torch's
own threads, which meet hundreds of times in a forward pass, took ten times as long beside one other busy program.
Decoding begins while torch is imported (2.7 s).
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from curate import store
from curate.cores import n_cores
from curate.embeddings import pixel_features
from curate.embeddings.cache import EmbeddingCache
from curate.training.fitting.decoded_cache import read_fitted
from curate.training.networks.architectures import PIXELS
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig

Network = Callable[[np.ndarray], np.ndarray]

CHUNK = 32
_SHARD = 1024  # rows that a kill may cost
_CHUNKS_AHEAD = 100  # so many keep all threads busy while the one that takes their rows does something else
_AHEAD_BYTES = 256_000_000  # of decoded pictures that wait for torch


@dataclass(frozen=True)
class Recipe:
    """How pictures become features: a network (or "pixels"), the side in pixels it sees, and how they are fitted."""

    architecture: str
    size_px: int
    resize: str

    @property
    def name(self) -> str:
        """Of files that belong to it."""
        return f"{self.architecture.replace('/', '-')}-{self.size_px}-{self.resize}"

    def cache(self) -> EmbeddingCache:
        """What is known by this recipe, over all projects."""
        return EmbeddingCache(store.cache_folder("embeddings") / self.name)


def recipe_of(config: TrainConfig) -> Recipe:
    """Returns the embedding recipe for these settings."""
    return Recipe(config.architecture, config.size_px, "crop" if config.resize == "random_crop" else config.resize)


def n_missing(recipe: Recipe, shas: Sequence[str]) -> int:
    """Returns how many of these pictures have to be computed yet."""
    return int((~recipe.cache().has(shas)).sum())


def embed(
    recipe: Recipe,
    shas: Sequence[str],
    parts: PhaseTimer,
    on_embedded: Callable[[int, int], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Returns (N, D) float16 in the order of the pictures' names. Raises NoWeights, BadPicture, NotFound.

    on_embedded: called with how many of the missing pictures are done, and how many were missing; what it raises stops
    the work, and what was computed stays. meanwhile: called once, while other threads do the work.
    """
    with parts.timed("reading"):
        cache = recipe.cache()
        missing = list(dict.fromkeys(sha for sha, has in zip(shas, cache.has(shas), strict=True) if not has))
    if missing:
        _fill(cache, recipe, missing, parts, on_embedded, meanwhile)
    with parts.timed("reading"):
        return cache.read(shas)


def network(recipe: Recipe, is_alone: bool = False) -> Network:
    """The function from (n, H, W, 3) uint8 to (n, D) float16. Raises NoWeights.

    is_alone: it will be called from several threads at once, each of which is to compute on one core.
    """
    if recipe.architecture == PIXELS:
        return pixel_features.features
    from curate.embeddings import backbones

    if is_alone:
        backbones.compute_alone()
    return backbones.Backbone(recipe.architecture, recipe.size_px).features


def _fill(
    cache: EmbeddingCache,
    recipe: Recipe,
    missing: list[str],
    parts: PhaseTimer,
    on_embedded: Callable[[int, int], None],
    meanwhile: Callable[[], None],
) -> None:
    on_embedded(0, len(missing))
    kept = _Kept(cache, missing)
    line = _Line(recipe, missing)
    try:
        with parts.timed("importing"):
            line.start(network(recipe, is_alone=True))
        with parts.timed("embedding"):
            meanwhile()
            for rows in line:
                kept.take(rows)
                on_embedded(kept.n_done, len(missing))
    finally:
        line.stop()
        kept.flush()


class _Kept:
    """Puts rows, which come in order, into the cache, a shard at a time."""

    def __init__(self, cache: EmbeddingCache, shas: list[str]) -> None:
        self._cache, self._shas = cache, shas
        self._rows: list[np.ndarray] = []
        self._begin = self.n_done = 0

    def take(self, rows: np.ndarray) -> None:
        self._rows.append(rows)
        self.n_done += len(rows)
        if self.n_done - self._begin >= _SHARD:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._cache.add(self._shas[self._begin : self.n_done], np.concatenate(self._rows))
            self._rows, self._begin = [], self.n_done


class _Line:
    """Threads that decode and, from `start` on, compute; iterating gives (n, D) rows in order."""

    def __init__(self, recipe: Recipe, shas: list[str]) -> None:
        self._recipe, self._shas = recipe, shas
        self._network: Network | None = None
        self._ahead: deque[Future[np.ndarray]] = deque()
        self._pool = ThreadPoolExecutor(n_cores())
        most = max(n_cores(), _AHEAD_BYTES // (CHUNK * recipe.size_px**2 * 3))
        self._decoded = {start: self._pool.submit(self._read, start) for start in self._starts()[:most]}

    def start(self, network: Network) -> None:
        """Compute what is decoded by now, and then chunk after chunk."""
        self._network = network
        self._decoded = {start: future for start, future in self._decoded.items() if not future.cancel()}
        self._ahead = deque(self._submit(start) for start in self._starts()[:_CHUNKS_AHEAD])

    def __iter__(self) -> Iterator[np.ndarray]:
        for start in self._starts()[_CHUNKS_AHEAD:]:
            yield self._ahead.popleft().result()
            self._ahead.append(self._submit(start))
        while self._ahead:
            yield self._ahead.popleft().result()

    def _submit(self, start: int) -> Future[np.ndarray]:
        return self._pool.submit(self._see, start, self._decoded.pop(start, None))

    def stop(self) -> None:
        """End the threads after what they are at."""
        self._pool.shutdown(cancel_futures=True)

    def _starts(self) -> range:
        return range(0, len(self._shas), CHUNK)

    def _read(self, start: int) -> np.ndarray:
        shas = self._shas[start : start + CHUNK]
        return np.stack([read_fitted(store.blob_path(sha), self._recipe.size_px, self._recipe.resize) for sha in shas])

    def _see(self, start: int, decoded: Future[np.ndarray] | None) -> np.ndarray:
        assert self._network is not None
        return self._network(self._read(start) if decoded is None else decoded.result())
