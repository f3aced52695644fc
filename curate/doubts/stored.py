"""The evidence behind a run's doubts, on disk: one record per image, read by rows."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curate import store
from curate.errors import NotFound

if TYPE_CHECKING:
    from curate.doubts.assessment import Assessment  # it imports scipy, which the web process must not

FILE, JOINT_FILE = "doubts.npy", "joint.npy"
COUNTS = ("votes", "n_models", "neighbours", "n_neighbours")


def write(folder: Path, assessment: "Assessment", rows: np.ndarray | None = None) -> None:
    """Write the evidence of a run's images, and the estimated joint distribution of given and true labels.

    A record has COUNTS for the suggested label (8 bytes), and `outlier` and each reason (2 bytes each): 26 MB for a
    million images. rows: only these, in the order of the run's scores; None = all.
    """
    fields = [(name, "<i2") for name in COUNTS] + [("outlier", "<f2")] + [(name, "<f2") for name in assessment.reasons]
    records = np.empty(len(assessment.doubt), np.dtype(fields))
    records["votes"], records["n_models"] = assessment.votes_for_suggested, assessment.n_models
    records["neighbours"], records["n_neighbours"] = assessment.neighbours_for_suggested, assessment.n_neighbours
    records["outlier"] = assessment.outlier
    for name, scores in assessment.reasons.items():
        records[name] = scores
    chosen = records if rows is None else records[rows]
    for name, array in ((JOINT_FILE, assessment.joint), (FILE, chosen)):
        buffer = BytesIO()
        np.save(buffer, array, allow_pickle=False)
        store.write_atomic(folder / name, buffer.getvalue())


def read_rows(folder: Path, rows: np.ndarray) -> np.ndarray:
    """Returns (n,) records of these rows (`Score.row`), in order: COUNTS, outlier, each reason in [0, 1], 1 = doubt.

    It does not read the rest of the file. Raises NotFound for a run without doubts.
    """
    return np.array(_mapped(folder)[rows])


def reason_names(folder: Path) -> list[str]:
    """Returns the names of the run's reasons. Raises NotFound for a run without doubts."""
    return [name for name in _mapped(folder).dtype.names or () if name not in (*COUNTS, "outlier")]


def read_joint(folder: Path) -> np.ndarray | None:
    """Returns (C, C) estimated shares of images by given label (row) and true label; None if it was not stored."""
    try:
        return np.load(folder / JOINT_FILE, allow_pickle=False)
    except FileNotFoundError:
        return None


def _mapped(folder: Path) -> np.ndarray:
    try:
        return np.load(folder / FILE, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise NotFound("This run has no doubts.", "They could not be worked out, or its files were removed.") from error
