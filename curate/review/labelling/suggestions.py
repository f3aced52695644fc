"""What a job found out about a project's unlabelled images: a file of arrays, replaced by each refit."""

import json
import zipfile
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np

from curate import store

_FILE = "suggestions.npz"
_ARRAYS = ("image_ids", "predicted", "p", "novelty", "useful", "group", "distance", "judged_ids", "judged_predicted")


@dataclass(frozen=True)
class Facts:
    """job_id: of the job that made it.  revision: the newest decision that it knew.  n_given: labelled images.

    n_held_out, n_right, n_fixed, n_broken: of held-out confirmed images, as `embeddings.suggestions.HeldOut`.
    """

    job_id: int
    revision: int
    n_given: int
    network: str
    seconds: float
    n_held_out: int = 0
    n_right: int = 0
    n_fixed: int | None = None
    n_broken: int | None = None


@dataclass(frozen=True)
class Suggestions:
    """(N,) arrays over unlabelled images in ascending order of ids.

    predicted: label ids, 0 = nothing is predicted.  p: its probability.  novelty: in [0, 1], 1 = unlike all labelled
    ones.  useful: ranks, 0 = label it first.  group: of alike images, 0 = the largest.  distance: to its centre.
    judged_ids, judged_predicted: (K,) images that have a label by now, in the order in which they were noted, and what
    was predicted for each before it had one.
    """

    facts: Facts
    image_ids: np.ndarray
    predicted: np.ndarray
    p: np.ndarray
    novelty: np.ndarray
    useful: np.ndarray
    group: np.ndarray
    distance: np.ndarray
    judged_ids: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    judged_predicted: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def places(self, image_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (M,) places of these images in the arrays, and (M,) whether they are in them."""
        at = np.searchsorted(self.image_ids, image_ids).clip(max=max(0, len(self.image_ids) - 1))
        return at, self.image_ids[at] == image_ids if len(self.image_ids) else np.zeros(len(image_ids), bool)


_EMPTY = np.empty(0, np.int64)
NOTHING = Suggestions(Facts(0, 0, 0, "", 0.0), *[_EMPTY] * 7)


def write(project_id: int, made: Suggestions) -> None:
    """Replace the project's suggestions."""
    file = BytesIO()
    facts = np.frombuffer(json.dumps(asdict(made.facts)).encode(), np.uint8)
    np.savez(file, facts=facts, **{name: getattr(made, name) for name in _ARRAYS})
    store.write_atomic(store.labelling_folder(project_id) / _FILE, file.getvalue(), is_derived=True)


def find(project_id: int) -> Suggestions | None:
    """Returns the newest suggestions; None when there are none, or their file is damaged."""
    path = store.labelling_folder(project_id) / _FILE
    try:
        changed = path.stat()
        return _read(path, changed.st_mtime_ns, changed.st_ino)
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        return None


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int, _inode: int) -> Suggestions:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        facts = Facts(**json.loads(kept["facts"].tobytes()))
        return Suggestions(facts, **{name: kept[name] for name in _ARRAYS})
