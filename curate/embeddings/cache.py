"""What frozen networks saw in pictures, kept on disk over all projects: rows of float16, found by the picture's name.

A cache is a folder of shards, each a file of keys and a file of values in the same order. Shards are only ever added,
and one counts from the moment its keys are there, which are written last: two processes may add at once (a picture
that both add lies there twice, alike), and a kill loses what was not added yet. Looking up reads keys only.
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
    """The rows of one network at one size; knows what was there when it was opened and what it added itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        _remove_orphans(folder)
        self._shards = sorted(path.stem for path in folder.glob(f"*{_KEYS}"))
        self._parts = [np.fromfile(folder / f"{name}{_KEYS}", _KEY) for name in self._shards]
        self._made: _Index | None = None

    def has(self, shas: Sequence[str]) -> np.ndarray:
        """(N,) whether the picture of that name (SHA-256 in hexadecimal) has a row."""
        return self._index.places(_keys(shas))[0] >= 0

    def read(self, shas: Sequence[str]) -> np.ndarray:
        """(N, D) float16, in order; raises KeyError for a picture without a row. No other rows are read."""
        shards, rows = self._index.places(_keys(shas))
        if (shards < 0).any():
            raise KeyError(shas[int(np.flatnonzero(shards < 0)[0])])
        found: np.ndarray | None = None
        for number in np.unique(shards).tolist():
            values = np.load(self._folder / f"{self._shards[number]}{_VALUES}", mmap_mode="r")
            here = np.flatnonzero(shards == number)
            if found is None:
                found = np.empty((len(shas), values.shape[1]), np.float16)
            found[here] = values[rows[here]]
        return np.empty((0, 0), np.float16) if found is None else found

    def add(self, shas: Sequence[str], values: np.ndarray) -> None:
        """Keep (n, D) rows; they are there for everybody at once, or not at all."""
        name, keys = secrets.token_hex(8), _keys(shas)
        array = BytesIO()
        np.save(array, values.astype(np.float16, copy=False), allow_pickle=False)
        # Not synced: after a power cut a file may be short, and then the shard is not believed (see `_remove_orphans`).
        store.write_atomic(self._folder / f"{name}{_VALUES}", array.getvalue(), is_derived=True)
        store.write_atomic(self._folder / f"{name}{_KEYS}", keys.tobytes(), is_derived=True)
        self._shards.append(name)
        self._parts.append(keys)
        self._made = None

    @property
    def _index(self) -> "_Index":
        """Sorted at the first look-up after something was added."""
        if self._made is None:
            self._made = _Index(self._parts)
        return self._made


class _Index:
    """Where each key lies: the keys of all shards, sorted; 32 bytes a picture in memory."""

    def __init__(self, parts: list[np.ndarray]) -> None:
        joined = np.concatenate(parts) if parts else np.empty(0, _KEY)
        self._order = np.argsort(joined["first"], kind="stable")
        self._sorted = joined[self._order]
        self._ends = np.cumsum([len(part) for part in parts])

    def places(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n,) number of the shard, -1 where there is none, and (n,) row in it."""
        if not len(self._sorted):
            return np.full(len(keys), -1), np.zeros(len(keys), np.int64)
        at = np.searchsorted(self._sorted["first"], keys["first"]).clip(max=len(self._sorted) - 1)
        is_there = self._sorted[at] == keys  # of two keys with the same first half, one is not found: made again
        overall = self._order[at]
        shard = np.searchsorted(self._ends, overall, side="right")
        begin = np.concatenate([[0], self._ends])[shard]
        return np.where(is_there, shard, -1), overall - begin


def _keys(shas: Sequence[str]) -> np.ndarray:
    return np.frombuffer(bytes.fromhex("".join(sha[:32] for sha in shas)), _KEY)


def _remove_orphans(folder: Path) -> None:
    """Remove what a kill or a power cut left: values without keys after an hour, keys of short values at once."""
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
