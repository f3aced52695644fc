"""The embedding cache on disk, shared by all projects: rows of float16, keyed by the picture's SHA-256.

A cache is a folder of shards, each a file of keys and one of values in the same order. Shards are only added. A shard
counts once its keys, which are written last, exist. So two processes may add at once (a picture that both add is stored
twice), and a kill loses only what was not added yet. A look-up reads keys only.
"""

import secrets
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np

from curate import store

_KEY = np.dtype([("first", "<u8"), ("second", "<u8")])  # 128 of a SHA-256's 256 bits
_KEYS, _VALUES = ".keys", ".npy"
_STALE_S = 3600.0


class EmbeddingCache:
    """The rows of one recipe: those present when the cache was opened, and those added through it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        _remove_orphans(folder)
        self._shards = sorted(path.stem for path in folder.glob(f"*{_KEYS}"))
        self._parts = [np.fromfile(folder / f"{name}{_KEYS}", _KEY) for name in self._shards]
        self._made: _Index | None = None

    def has(self, shas: Sequence[str]) -> np.ndarray:
        """Returns (N,) bool: the picture with that SHA-256 (hexadecimal) has a row."""
        return self._index.places(_keys(shas))[0] >= 0

    def read(self, shas: Sequence[str]) -> np.ndarray:
        """Reads (N, D) float16 rows, in order, and no others. Raises KeyError for a picture without a row."""
        shards, rows = self._index.places(_keys(shas))
        if (shards < 0).any():
            raise KeyError(shas[int(np.flatnonzero(shards < 0)[0])])
        result: np.ndarray | None = None
        for number in np.unique(shards).tolist():
            values = np.load(self._folder / f"{self._shards[number]}{_VALUES}", mmap_mode="r")
            here = np.flatnonzero(shards == number)
            if result is None:
                result = np.empty((len(shas), values.shape[1]), np.float16)
            result[here] = values[rows[here]]
        return np.empty((0, 0), np.float16) if result is None else result

    def add(self, shas: Sequence[str], values: np.ndarray) -> None:
        """Add (n, D) rows atomically."""
        name, keys = secrets.token_hex(8), _keys(shas)
        array = BytesIO()
        np.save(array, values.astype(np.float16, copy=False), allow_pickle=False)
        # Not synced: a power cut may truncate a file; then the shard is ignored (see `_remove_orphans`).
        store.write_atomic(self._folder / f"{name}{_VALUES}", array.getvalue(), is_derived=True)
        store.write_atomic(self._folder / f"{name}{_KEYS}", keys.tobytes(), is_derived=True)
        self._shards.append(name)
        self._parts.append(keys)
        self._made = None

    @property
    def _index(self) -> "_Index":
        """The index, sorted at the first look-up after an addition."""
        if self._made is None:
            self._made = _Index(self._parts)
        return self._made


class _Index:
    """The sorted keys of all shards; 32 bytes per picture in memory."""

    def __init__(self, parts: list[np.ndarray]) -> None:
        joined = np.concatenate(parts) if parts else np.empty(0, _KEY)
        self._order = np.argsort(joined["first"], kind="stable")
        self._sorted = joined[self._order]
        self._ends = np.cumsum([len(part) for part in parts])

    def places(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (n,) number of the shard, -1 = none, and (n,) row in it."""
        if not len(self._sorted):
            return np.full(len(keys), -1), np.zeros(len(keys), np.int64)
        at = np.searchsorted(self._sorted["first"], keys["first"]).clip(max=len(self._sorted) - 1)
        is_there = self._sorted[at] == keys  # of two keys with an equal first half, one is missed and made again
        overall = self._order[at]
        shard = np.searchsorted(self._ends, overall, side="right")
        begin = np.concatenate([[0], self._ends])[shard]
        return np.where(is_there, shard, -1), overall - begin


def _keys(shas: Sequence[str]) -> np.ndarray:
    return np.frombuffer(bytes.fromhex("".join(sha[:32] for sha in shas)), _KEY)


def _remove_orphans(folder: Path) -> None:
    """Remove remains of a kill or a power cut: values without keys after an hour, keys of truncated values at once."""
    for keys in folder.glob(f"*{_KEYS}"):
        if not _is_whole(keys):
            keys.unlink(missing_ok=True)
    for path in folder.iterdir():
        is_old = time.time() - path.stat().st_mtime > _STALE_S
        if path.suffix != _KEYS and is_old and not (folder / f"{path.stem}{_KEYS}").exists():
            path.unlink(missing_ok=True)


def _is_whole(keys: Path) -> bool:
    try:
        values = np.load(keys.with_suffix(_VALUES), mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return False
    return values.ndim == 2 and len(values) * _KEY.itemsize == keys.stat().st_size > 0
