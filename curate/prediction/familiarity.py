"""How much a picture resembles the pictures that a run has learnt from: nearest neighbours by the graph's embedding.

A run's folder keeps the directions of its training pictures' embeddings (`write`); the model process compares new
ones with them (`KnownPictures.compare`). A picture is *unfamiliar* when it resembles them less than 95 % of the run's
own held-out pictures do. numpy only.
"""

import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import numpy as np

from curate import store

DIRECTIONS, FACTS = "known_directions.npy", "known_directions.npz"  # the second is written last and marks both whole
N_NEAREST = 10
FALSE_ALARMS = 0.05  # share of the held-out pictures that lie below the threshold
FEWEST_HELD_OUT = 20  # with fewer there is no threshold
MOST_HELD_OUT = 2_000  # drawn from more, for the threshold
_EMBEDDED_AT_ONCE = 256  # pictures
_SHORTEST = 1e-6
_ITSELF = -2.0  # less than any cosine
_BLOCK_ROWS = 4_096  # of known pictures, compared at a time: 21 MB at 1,280 features
_KEPT_BYTES = 4_000_000  # of directions as float32, which stay in memory where that is all; more are read each time


@dataclass(frozen=True)
class Familiarity:
    """How familiar one picture is to a run.

    similarity: mean cosine to the ten nearest training pictures, in [-1, 1], low = unlike all of them. is_unfamiliar:
    it lies below the run's threshold; None = too few pictures were held out to have one. nearest: (image id, cosine),
    nearest first.
    """

    similarity: float
    is_unfamiliar: bool | None
    nearest: list[tuple[int, float]]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"similarity": self.similarity, "is_unfamiliar": self.is_unfamiliar, "nearest": self.nearest}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The other way round."""
        nearest = [(int(image_id), float(cosine)) for image_id, cosine in values["nearest"]]
        return cls(values["similarity"], values["is_unfamiliar"], nearest)


@dataclass(frozen=True)
class KnownPictures:
    """The training pictures of a run.

    image_ids: (N,) int64; keys: (N, 32) uint8, the SHA-256 of each. path: of the (N, D) directions as int8, which times
    `scales`, (N,) float32, have length 1. threshold: of the similarity, NaN = none.

    int8: in float16, which numpy converts four times slower, one picture among 100,000 took 0.6 s of processor time.
    """

    path: Path
    image_ids: np.ndarray
    keys: np.ndarray
    n_features: int
    scales: np.ndarray
    threshold: float

    def compare(self, embeddings: np.ndarray, shas: Sequence[str]) -> list[Familiarity]:
        """The familiarity of each of n pictures. embeddings: (n, D); shas: theirs, none is compared with itself.

        Reads the known directions block by block: memory stays the same at 100,000 pictures.
        """
        cosines, rows = self.nearest(embeddings, shas)
        answers = []
        for own, at in zip(cosines, rows, strict=True):
            is_other = own > _ITSELF
            similarity = float(own[is_other].mean()) if is_other.any() else -1.0
            is_unfamiliar = None if np.isnan(self.threshold) else similarity < self.threshold
            others = zip(at[is_other].tolist(), own[is_other].tolist(), strict=True)
            nearest = [(int(self.image_ids[row]), cosine) for row, cosine in others]
            answers.append(Familiarity(similarity, is_unfamiliar, nearest))
        return answers

    def nearest(self, embeddings: np.ndarray, shas: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(n, k) float32 cosines, highest first, and (n, k) rows of the ten nearest others; k < 10 = no more exist."""
        queries = directions(embeddings)
        own_keys = np.stack([_key(sha) for sha in shas])
        best = np.zeros((len(queries), 0), np.float32)
        rows = np.zeros((len(queries), 0), np.int64)
        for begin, block in self._blocks():
            cosines = (queries @ block.T) * self.scales[begin : begin + len(block)]
            for query, at in zip(*self._same(own_keys, begin, len(block)), strict=True):
                cosines[query, at] = _ITSELF
            best = np.concatenate([best, cosines], axis=1)
            rows = np.concatenate([rows, np.broadcast_to(np.arange(begin, begin + len(block)), cosines.shape)], axis=1)
            order = np.argpartition(-best, min(N_NEAREST, best.shape[1]) - 1, axis=1)[:, :N_NEAREST]
            best, rows = np.take_along_axis(best, order, axis=1), np.take_along_axis(rows, order, axis=1)
        order = np.argsort(-best, axis=1, kind="stable")
        return np.take_along_axis(best, order, axis=1), np.take_along_axis(rows, order, axis=1)

    def _blocks(self) -> Iterable[tuple[int, np.ndarray]]:
        """(first row, rows as float32), in order."""
        is_small = len(self.image_ids) * self.n_features * 4 <= _KEPT_BYTES
        return self._kept_blocks if is_small else self._read_blocks()

    @cached_property
    def _kept_blocks(self) -> list[tuple[int, np.ndarray]]:
        return list(self._read_blocks())

    def _read_blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Read, not mapped: mapped pages would count as the process's own."""
        n_columns = self.n_features
        with self.path.open("rb") as file:
            np.lib.format.read_magic(file)
            np.lib.format.read_array_header_1_0(file)
            for begin in range(0, len(self.image_ids), _BLOCK_ROWS):
                n_rows = min(_BLOCK_ROWS, len(self.image_ids) - begin)
                values = np.fromfile(file, np.int8, n_rows * n_columns)
                yield begin, values.reshape(n_rows, n_columns).astype(np.float32)

    def _same(self, own_keys: np.ndarray, begin: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        """(queries, rows of the block) that are the same picture."""
        first = self.keys[begin : begin + n_rows, :8].copy().view(np.uint64)[:, 0]
        queries, rows = np.nonzero(own_keys[:, :8].copy().view(np.uint64)[:, 0][:, None] == first)
        is_same = (own_keys[queries] == self.keys[begin + rows]).all(axis=1)
        return queries[is_same], rows[is_same]


def load(folder: Path) -> KnownPictures | None:
    """What `write` left in a run's folder; None when it left nothing yet, or a power cut emptied it."""
    try:
        with np.load(folder / FACTS, allow_pickle=False) as facts:
            n_features, threshold = int(facts["n_features"]), float(facts["threshold"])
            arrays = facts["image_ids"], facts["keys"], n_features, facts["scales"]
            return KnownPictures(folder / DIRECTIONS, *arrays, threshold)
    except (FileNotFoundError, EOFError, ValueError, LookupError, zipfile.BadZipFile):
        return None


def is_written(folder: Path) -> bool:
    """Whether a run's known pictures are kept already."""
    return (folder / FACTS).exists() and (folder / FACTS).stat().st_size > 0


def write(
    folder: Path,
    image_ids: np.ndarray,
    shas: Sequence[str],
    is_held_out: np.ndarray,
    embed: Callable[[np.ndarray], np.ndarray],
) -> None:
    """Keep the embeddings of a run's training pictures, and the threshold that its held-out ones set.

    image_ids: (N,); shas: the SHA-256 of each; is_held_out: (N,) bool. embed: rows of these in, (n, D) embeddings out;
    it is asked for a block at a time, and may raise to stop.
    """
    training, held_out = np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
    fresh = folder / f".{DIRECTIONS}.{secrets.token_hex(4)}"
    try:
        scales, n_features = _fill(fresh, training, embed)
        fresh.replace(folder / DIRECTIONS)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    keys = np.stack([_key(shas[row]) for row in training.tolist()])
    known = KnownPictures(folder / DIRECTIONS, image_ids[training], keys, n_features, scales, float("nan"))
    drawn = np.random.default_rng(0).permutation(held_out)[:MOST_HELD_OUT]
    threshold = float("nan")
    if len(drawn) >= FEWEST_HELD_OUT:
        answers = [
            each.similarity
            for rows in _blocks_of(drawn)
            for each in known.compare(embed(rows), [shas[row] for row in rows.tolist()])
        ]
        threshold = float(np.quantile(answers, FALSE_ALARMS))
    facts = BytesIO()
    numbers = np.array(n_features), np.array(threshold)
    arrays = {"image_ids": known.image_ids, "keys": keys, "scales": scales}
    np.savez(facts, allow_pickle=False, n_features=numbers[0], threshold=numbers[1], **arrays)
    store.write_atomic(folder / FACTS, facts.getvalue(), is_derived=True)


def directions(embeddings: np.ndarray) -> np.ndarray:
    """(n, D) float32: the embeddings at length 1.

    Not less their mean: that told held-out from foreign photos a little better with mobilenet_v2 (AUROC 0.997 after
    0.995), a little worse with squeezenet1_1 (0.996 after 1.000) and tf_efficientnet_lite0.
    """
    values = embeddings.astype(np.float32)
    lengths: np.ndarray = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.maximum(lengths, _SHORTEST)


def _fill(path: Path, rows: np.ndarray, embed: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, int]:
    """Write the directions of these rows' pictures; returns their scales and D."""
    values, begin, scales = None, 0, np.zeros(len(rows), np.float32)
    for block in _blocks_of(rows):
        embeddings = directions(embed(block))
        own = np.maximum(np.abs(embeddings).max(axis=1), _SHORTEST) / 127
        if values is None:
            shape = (len(rows), embeddings.shape[1])
            values = np.lib.format.open_memmap(path, "w+", np.int8, shape, version=(1, 0))
        values[begin : begin + len(block)] = np.rint(embeddings / own[:, None])
        scales[begin : begin + len(block)] = own
        begin += len(block)
    assert values is not None
    values.flush()
    return scales, int(values.shape[1])


def _blocks_of(rows: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), _EMBEDDED_AT_ONCE):
        yield rows[start : start + _EMBEDDED_AT_ONCE]


def _key(sha: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(sha), np.uint8)
