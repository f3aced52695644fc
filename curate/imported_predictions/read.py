"""Reads predictions from CSV, Parquet or npz: a row per picture, a column per label, or a label and a score.

No file is read that could run a program: pickles are refused, and so are npz files that hold Python objects.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curate.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd  # takes a second to import, and the web process has it only where it is needed

KEY_COLUMNS = (
    "sha256",
    "sha",
    "hash",
    "file",
    "files",
    "file_name",
    "filename",
    "path",
    "file_path",
    "image",
    "image_path",
)
LABEL_COLUMNS = ("predicted_label", "predicted", "prediction", "label", "class")
SCORE_COLUMNS = ("score", "probability", "confidence", "p")
_ARRAYS = "an array of file names (`files`), one of names of labels (`labels`), and the (N, C) `probabilities`"
_PICKLES = (".pkl", ".pickle", ".pth", ".pt", ".joblib", ".bin")
_SUM_TOLERANCE = 0.02


@dataclass(frozen=True)
class Predictions:
    """keys: (N,) file names, paths or SHA-256; labels: (C,) names; probabilities: (N, C) float32, rows sum to 1.

    ignored: columns that were not read. is_whole: False where only the best label's probability was given, and the
    rest was divided evenly among the others.
    """

    keys: list[str]
    labels: list[str]
    probabilities: np.ndarray
    ignored: list[str]
    is_whole: bool = True


def read_file(path: Path, known_labels: list[str], is_logits: bool = False, name: str = "") -> Predictions:
    """Reads the predictions in a .csv, .parquet or .npz file.

    known_labels: names of the project's labels, which tell the columns of probabilities. is_logits: the numbers are
    taken through a softmax. name: what people call the file. Raises BadInput.
    """
    name = name or path.name
    ending = Path(name).suffix.lower()
    if ending in _PICKLES:
        raise BadInput(
            f"{name} is a pickle, and reading a pickle can run any program.",
            "Save the predictions as Parquet, CSV or npz: `frame.to_parquet(…)`.",
        )
    try:
        if ending == ".npz":
            return _read_arrays(path, name, is_logits)
        frame = _read_table(path, ending, name)
    except (OSError, ValueError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise BadInput(f"{name} cannot be read: {str(error):.200}") from error
    return read_frame(frame, known_labels, is_logits, name)


def read_frame(
    frame: "pd.DataFrame", known_labels: list[str], is_logits: bool = False, name: str = "The table"
) -> Predictions:
    """Reads the predictions in a pandas frame, as `read_file` does. Raises BadInput."""
    key = _find(frame, KEY_COLUMNS)
    if key is None and frame.index.inferred_type == "string":
        key, frame = "file", frame.rename_axis("file").reset_index()
    if key is None:
        raise BadInput(f"{name} has no column that names pictures.", "Call it `file` or `sha256`.")
    columns = {str(column).strip(): column for column in frame.columns if column != key}
    labels = [label for label in known_labels if label in columns]
    keys = [str(value).strip() for value in frame[key]]
    if len(labels) > 1:
        numbers = frame[[columns[label] for label in labels]].to_numpy(np.float64, na_value=np.nan)
        ignored = [column for column in columns if column not in labels]
        return Predictions(keys, labels, as_probabilities(numbers, is_logits, name), ignored)
    label, score = _find(frame, LABEL_COLUMNS), _find(frame, SCORE_COLUMNS)
    if label is None or score is None:
        raise BadInput(
            f"{name} has neither a column for each label nor a `label` and a `score`.",
            f"The project's labels are {', '.join(known_labels)[:200]}.",
        )
    ignored = [column for column in columns if column not in (label, score)]
    return _from_pairs(keys, [str(value).strip() for value in frame[label]], frame[score].tolist(), ignored, name)


def _read_table(path: Path, ending: str, name: str) -> "pd.DataFrame":
    import pandas as pd

    if ending in (".parquet", ".pq"):
        return pd.read_parquet(path)
    if ending not in (".csv", ".tsv", ".txt"):
        raise BadInput(f"{name} is no table that can be read.", "Save it as .csv, .parquet or .npz.")
    with path.open(encoding="utf-8-sig") as file:
        head = file.readline()
    separator = max(",;\t", key=head.count)
    texts = dict.fromkeys((*KEY_COLUMNS, *LABEL_COLUMNS), str)
    return pd.read_csv(path, sep=separator, dtype=texts, keep_default_na=False, na_values=[""], encoding="utf-8-sig")  # type: ignore[arg-type]


def _read_arrays(path: Path, name: str, is_logits: bool) -> Predictions:
    with np.load(path, allow_pickle=False) as arrays:
        key = next((each for each in KEY_COLUMNS if each in arrays), None)
        values = next((each for each in ("probabilities", "logits") if each in arrays), None)
        if key is None or values is None or "labels" not in arrays:
            raise BadInput(f"{name} holds {', '.join(arrays)[:200]}.", f"It needs {_ARRAYS}.")
        keys, labels = [str(each) for each in arrays[key]], [str(each) for each in arrays["labels"]]
        numbers = arrays[values].astype(np.float64)
    if numbers.shape != (len(keys), len(labels)):
        raise BadInput(f"`{values}` in {name} is {numbers.shape}, not ({len(keys)}, {len(labels)}).")
    return Predictions(keys, labels, as_probabilities(numbers, is_logits or values == "logits", name), [])


def _find(frame: "pd.DataFrame", names: tuple[str, ...]) -> str | None:
    by_name = {str(column).strip().casefold(): column for column in frame.columns}
    return next((by_name[name] for name in names if name in by_name), None)


def as_probabilities(numbers: np.ndarray, is_logits: bool, name: str) -> np.ndarray:
    """(N, C) float32 whose rows sum to 1; rows that hold no numbers are NaN. Raises BadInput for logits not said so."""
    if is_logits:
        numbers = np.exp(numbers - np.max(numbers, axis=1, keepdims=True, initial=-np.inf))
    sums = numbers.sum(axis=1)
    is_number = np.isfinite(sums)
    wrong = is_number & ((numbers < -1e-6).any(axis=1) | (np.abs(sums - 1) > _SUM_TOLERANCE))
    if not is_logits and wrong.any():
        row = int(wrong.argmax())
        raise BadInput(
            f"Row {row + 1:,} of {name} holds no probabilities: its numbers sum to {sums[row]:.3g}.",
            "If these are logits, say so; if labels are missing from the table, add their columns.",
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.maximum(numbers, 0) / sums[:, None]).astype(np.float32)


def _from_pairs(keys: list[str], given: list[str], scores: list[object], ignored: list[str], name: str) -> Predictions:
    """Predictions of which only the best label's probability is known; the rest is divided evenly."""
    labels = sorted(set(given))
    places = {label: place for place, label in enumerate(labels)}
    values = np.array([_number(score) for score in scores])
    if np.isfinite(values).any() and not (np.nanmin(values) >= 0 and np.nanmax(values) <= 1):
        raise BadInput(f"A score in {name} lies outside 0 to 1.", "It is to be the predicted label's probability.")
    probabilities = np.zeros((len(keys), len(labels)), np.float32)
    probabilities[np.arange(len(keys)), [places[label] for label in given]] = values
    return Predictions(keys, labels, probabilities, ignored, is_whole=False)


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
