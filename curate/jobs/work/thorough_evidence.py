"""The evidence of a thorough look: embeddings of several networks, and predictions of networks fine-tuned on halves.

It takes minutes for 10,000 pictures, so it is stored: a refit after an apply reuses it in seconds.
"""

import zipfile
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Self

import numpy as np

from curate import store
from curate.catalog import runs
from curate.catalog.standing import standing
from curate.cores import n_cores
from curate.errors import BadInput
from curate.progress import OnProgress
from curate.training.fitting.decoded_cache import read_fitted

MOST = 100_000  # images: each takes 25 KB of memory during fine-tuning


@dataclass(frozen=True)
class Evidence:
    """Evidence on N images.  embeddings: (N, d) float16.  probabilities: (N, C) float32 by fine-tuned networks that
    did not see the image.  dynamics: (E, N) float32 of those that did.  label_ids: of the columns."""

    image_ids: np.ndarray
    label_ids: np.ndarray
    embeddings: np.ndarray
    probabilities: np.ndarray
    dynamics: np.ndarray

    def of(self, image_ids: np.ndarray) -> Self:
        """Returns the evidence on these images only, in this order; all of them must be known."""
        order = np.argsort(self.image_ids)
        rows = order[np.searchsorted(self.image_ids, image_ids, sorter=order)]
        parts = (self.embeddings[rows], self.probabilities[rows], self.dynamics[:, rows])
        return type(self)(image_ids, self.label_ids, *parts)


def find(project_id: int, chosen: runs.TrainingSet) -> Evidence | None:
    """Returns the stored evidence, or None unless it has these labels and all of these images."""
    try:
        with _path(project_id).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if kept["label_ids"].tolist() != list(chosen.label_ids):
                return None
            if not np.isin(chosen.image_ids, kept["image_ids"]).all():
                return None
            return Evidence(**{name: kept[name] for name in Evidence.__dataclass_fields__}).of(chosen.image_ids)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # missing, or truncated by a power cut
        return None


def make(project_id: int, chosen: runs.TrainingSet, resize: str, on_progress: OnProgress) -> Evidence:
    """Embed every picture, fine-tune, and store the evidence. Raises NoWeights, BadPicture, BadInput."""
    n = len(chosen.labels)
    if n > MOST:
        raise BadInput(f"A thorough look takes up to {MOST:,} pictures; there are {n:,}.", "Take a quick look instead.")
    from curate.doubts import fine_tuning, multi_view_features, thorough  # torch: 3 s to import

    facts, n_labels = standing(project_id, chosen.image_ids), len(chosen.label_ids)
    pictures = partial(_read, store.blob_paths(chosen.shas), resize)
    embeddings = multi_view_features.describe(pictures, n, on_progress, n_cores())
    activations = fine_tuning.front(pictures, n, on_progress)
    given = (embeddings, chosen.labels, n_labels, chosen.is_valid, facts.groups, facts.is_checked)
    _, tuned = thorough.fine_tuned(activations, *given, on_progress)
    evidence = Evidence(chosen.image_ids, np.array(chosen.label_ids), embeddings, tuned.probabilities, tuned.dynamics)
    buffer = BytesIO()
    np.savez(buffer, **vars(evidence))
    store.write_atomic(_path(project_id), buffer.getvalue(), is_derived=True)
    return evidence


def _read(files: list[Path], resize: str, first: int, last: int, size_px: int) -> np.ndarray:
    """Returns (n, size_px, size_px, 3) uint8 of files first to last - 1."""
    return np.stack([read_fitted(file, size_px, resize) for file in files[first:last]])


def _path(project_id: int) -> Path:
    return store.cache_folder("evidence") / f"{project_id}.npz"
