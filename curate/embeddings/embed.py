"""Embeds pictures with a frozen network, each once: embeddings come from the cache or are computed.

As many threads as there are cores each decode a chunk of pictures and compute it on one core. Torch's own threads
synchronise hundreds of times per forward pass, and took ten times as long beside one other busy program. Decoding
starts while torch is imported (2.7 s); this module imports it only when needed.
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
from curate.training.networks.architectures import PIXELS, find
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig

Network = Callable[[np.ndarray], np.ndarray]

CHUNK = 32
_SHARD = 1024  # rows that a kill may lose
_CHUNKS_AHEAD = 100  # so many keep all threads busy while their consumer does something else
_AHEAD_BYTES = 256_000_000  # of decoded pictures that wait for the import of torch


@dataclass(frozen=True)
class Recipe:
    """How pictures become features: a network (or "pixels"), the side of its input in pixels, and the resizing."""

    architecture: str
    size_px: int
    resize: str

    @property
    def name(self) -> str:
        """The name of its files."""
        # Version 0.2.0 kept only the last layer of timm's networks, later ones only the class token of transformers.
        network = None if self.architecture == PIXELS else find(self.architecture)
        features = "" if network is None or network.library != "timm" else "-tokens" if network.fixed_px else "-stages"
        return f"{self.architecture.replace('/', '-')}-{self.size_px}-{self.resize}{features}"

    def cache(self) -> EmbeddingCache:
        """Returns the cache of this recipe, shared by all projects."""
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
    timer: PhaseTimer,
    on_embedded: Callable[[int, int], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Returns (N, D) float16 in the order of the pictures' names. Raises NoWeights, BadPicture, NotFound.

    on_embedded: receives (done, missing) pictures, and may raise to stop; computed rows stay. meanwhile: called once,
    while other threads do the work.
    """
    with timer.timed("reading"):
        cache = recipe.cache()
        missing = list(dict.fromkeys(sha for sha, has in zip(shas, cache.has(shas), strict=True) if not has))
    if missing:
        _fill(cache, recipe, missing, timer, on_embedded, meanwhile)
    with timer.timed("reading"):
        return cache.read(shas)


def load_network(recipe: Recipe, is_alone: bool = False) -> Network:
    """Returns the function from (n, H, W, 3) uint8 to (n, D) float16. Raises NoWeights.

    is_alone: several threads will call it at once, each on one core.
    """
    if recipe.architecture == PIXELS:
        return pixel_features.features
    from curate.embeddings import backbones

    if is_alone:
        backbones.use_one_thread()
    return backbones.Backbone(recipe.architecture, recipe.size_px).features


def _fill(
    cache: EmbeddingCache,
    recipe: Recipe,
    missing: list[str],
    timer: PhaseTimer,
    on_embedded: Callable[[int, int], None],
    meanwhile: Callable[[], None],
) -> None:
    on_embedded(0, len(missing))
    writer = _ShardWriter(cache, missing)
    pipeline = _Pipeline(recipe, missing)
    try:
        with timer.timed("importing"):
            pipeline.start(load_network(recipe, is_alone=True))
        with timer.timed("embedding"):
            meanwhile()
            for rows in pipeline:
                writer.take(rows)
                on_embedded(writer.n_done, len(missing))
    finally:
        pipeline.stop()
        writer.flush()


class _ShardWriter:
    """Adds rows, which come in order, to the cache, a shard at a time."""

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


class _Pipeline:
    """Threads that decode and, from `start` on, compute; iteration yields (n, D) rows in order."""

    def __init__(self, recipe: Recipe, shas: list[str]) -> None:
        self._recipe, self._shas = recipe, shas
        self._network: Network | None = None
        self._ahead: deque[Future[np.ndarray]] = deque()
        self._pool = ThreadPoolExecutor(n_cores())
        most = max(n_cores(), _AHEAD_BYTES // (CHUNK * recipe.size_px**2 * 3))
        self._decoded = {start: self._pool.submit(self._read, start) for start in self._starts()[:most]}

    def start(self, network: Network) -> None:
        """Start computing: the decoded chunks first, then the others."""
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
        return self._pool.submit(self._compute, start, self._decoded.pop(start, None))

    def stop(self) -> None:
        """End the threads after their present chunks."""
        self._pool.shutdown(cancel_futures=True)

    def _starts(self) -> range:
        return range(0, len(self._shas), CHUNK)

    def _read(self, start: int) -> np.ndarray:
        shas = self._shas[start : start + CHUNK]
        return np.stack([read_fitted(store.blob_path(sha), self._recipe.size_px, self._recipe.resize) for sha in shas])

    def _compute(self, start: int, decoded: Future[np.ndarray] | None) -> np.ndarray:
        assert self._network is not None
        return self._network(self._read(start) if decoded is None else decoded.result())
