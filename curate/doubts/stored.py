"""The evidence behind a run's doubts, on disk beside its scores: one record an image, read by rows."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curate import store
from curate.errors import NotFound

if TYPE_CHECKING:
    from curate.doubts.assessment import Assessment  # scipy behind it is nothing for the web process

FILE, JOINT_FILE = "doubts.npy", "joint.npy"
COUNTS = ("votes", "n_models", "neighbours", "n_neighbours")


def write(folder: Path, found: "Assessment") -> None:
    """Keep what explains each image of a run: COUNTS for its suggested label, how far out it lies, every reason; and
    the estimated joint of given and true labels.

    One file of N records, 8 bytes of counts and 2 each for `outlier` and the reasons: 26 MB for a million images.
    """
    fields = [(name, "<i2") for name in COUNTS] + [("outlier", "<f2")] + [(name, "<f2") for name in found.reasons]
    records = np.empty(len(found.doubt), np.dtype(fields))
    records["votes"], records["n_models"] = found.votes_for_suggested, found.n_models
    records["neighbours"], records["n_neighbours"] = found.neighbours_for_suggested, found.n_neighbours
    records["outlier"] = found.outlier
    for name, scores in found.reasons.items():
        records[name] = scores
    for name, array in ((JOINT_FILE, found.joint), (FILE, records)):
        buffer = BytesIO()
        np.save(buffer, array, allow_pickle=False)
        store.write_atomic(folder / name, buffer.getvalue())


def read_rows(folder: Path, rows: np.ndarray) -> np.ndarray:
    """(n,) records of these rows (`Score.row`), in order: fields COUNTS, outlier and each reason in [0, 1], 1 = doubt.

    The rest of the file is not read. Raises NotFound for a run without doubts.
    """
    return np.array(_mapped(folder)[rows])


def reason_names(folder: Path) -> list[str]:
    """The reasons that the run's doubts were made of. Raises NotFound for a run without doubts."""
    return [name for name in _mapped(folder).dtype.names or () if name not in (*COUNTS, "outlier")]


def read_joint(folder: Path) -> np.ndarray | None:
    """(C, C) estimated shares of the images by given label (row) and true label; None in runs that did not keep it."""
    try:
        return np.load(folder / JOINT_FILE, allow_pickle=False)
    except FileNotFoundError:
        return None


def _mapped(folder: Path) -> np.ndarray:
    try:
        return np.load(folder / FILE, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise NotFound("This run has no doubts.", "They could not be worked out, or its files were removed.") from error
