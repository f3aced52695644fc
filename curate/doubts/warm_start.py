"""Stores heads and neighbours from which the next assessment starts; they can be recomputed at any time."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np

from curate import store
from curate.doubts.assessment import Assessment, Start
from curate.doubts.heads import HeadsResult
from curate.doubts.neighbours import Neighbours
from curate.doubts.projection import Projection


def write(path: Path, assessment: Assessment, image_ids: np.ndarray, label_ids: list[int]) -> None:
    """Write heads and neighbours. image_ids: (N,) of the rows; label_ids: of the columns."""
    heads, buffer = assessment.heads, BytesIO()
    np.savez(
        buffer, image_ids=image_ids, label_ids=np.array(label_ids), mean=heads.projection.mean,
        matrix=heads.projection.matrix, models=heads.models, rows=assessment.nearest.rows,
        similarities=assessment.nearest.similarities.astype(np.float16),
    )  # fmt: skip
    store.write_atomic(path, buffer.getvalue(), is_derived=True)


def read(path: Path, embeddings: np.ndarray, image_ids: np.ndarray, label_ids: list[int]) -> Start | None:
    """Returns the stored start for these rows and columns; None when it has other labels, is damaged or missing.

    The heads can be reused for other rows, since an image's fold depends on the image alone (see `folds`). Neighbours
    are reused only if the rows are unchanged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if kept["label_ids"].tolist() != label_ids or len(kept["mean"]) != embeddings.shape[1]:
                return None
            projection = Projection(kept["mean"], kept["matrix"])
            same = np.array_equal(kept["image_ids"], image_ids)
            rows, similarities = (kept[name] if same else kept[name][:0] for name in ("rows", "similarities"))
            return _start(projection, kept["models"], projection.apply(embeddings), rows, similarities)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # missing, or truncated by a power cut
        return None


def _start(
    projection: Projection, models: np.ndarray, features: np.ndarray, rows: np.ndarray, similarities: np.ndarray
) -> Start:
    nothing = np.empty((0, 0), np.float32)
    heads = HeadsResult(nothing, nothing, nothing, nothing, nothing, projection, features, models)
    return Start(heads, Neighbours(rows, similarities.astype(np.float32)))
