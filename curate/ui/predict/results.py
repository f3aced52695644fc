"""The answers as arrays and tables: what the cards, the table, the charts and the downloads of many pictures show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from curate.evaluation import per_cent
from curate.prediction.client import Prediction

_OWN_COLUMNS = ("file", "predicted", "unfamiliar")


@dataclass(frozen=True)
class Results:
    """A run's answers to n pictures that it could read, in the order of their numbers.

    numbers: (n,); probabilities: (n, C), columns in the order of `names`; is_unfamiliar: (n,) bool.
    """

    names: list[str]
    numbers: np.ndarray
    files: list[str]
    probabilities: np.ndarray
    is_unfamiliar: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """(n,) the label with the highest probability, as a column of `probabilities`."""
        return self.probabilities.argmax(axis=1)

    @property
    def confidence(self) -> np.ndarray:
        """(n,) in [0, 1]: the probability of the predicted label, low = unsure."""
        return self.probabilities.max(axis=1)

    @property
    def predicted_names(self) -> list[str]:
        """The name of each predicted label."""
        return [self.names[label] for label in self.predicted]


def collect(names: list[str], answers: dict[int, Prediction], numbers: Sequence[int] | None = None) -> Results:
    """The answers that are probabilities. numbers: of these pictures only, each of which has one."""
    good = {number: each for number, each in answers.items() if each.probabilities is not None}
    kept = sorted(good) if numbers is None else list(numbers)
    rows = [good[number].probabilities for number in kept]
    unfamiliar = [bool((known := good[number].familiarity) and known.is_unfamiliar) for number in kept]
    return Results(
        names,
        np.array(kept, int),
        [good[number].name for number in kept],
        np.array(rows, np.float32).reshape(len(kept), len(names)),
        np.array(unfamiliar, bool),
    )


def summarise(results: Results) -> pd.DataFrame:
    """Returns one row per predicted label, most pictures first: Predicted label, Pictures, Mean and Lowest probability.

    The two probabilities are those of the predicted label; a low one is an unsure prediction.
    """
    table = pd.DataFrame({"label": results.predicted, "probability": results.confidence})
    rows = table.groupby("label")["probability"].agg(["size", "mean", "min"]).reset_index()
    rows = rows.sort_values(["size", "label"], ascending=[False, True])
    return pd.DataFrame(
        {
            "Predicted label": [results.names[label] for label in rows["label"]],
            "Pictures": rows["size"].to_numpy(),
            "Mean probability": [per_cent(mean) for mean in rows["mean"]],
            "Lowest probability": [per_cent(lowest) for lowest in rows["min"]],
        }
    )


def tabulate(results: Results) -> pd.DataFrame:
    """Returns one row per file: its name, the predicted label, unfamiliar, and the probability of each label.

    The column of a label that has the name of one of the first three is headed "label file", for instance.
    """
    taken = {*_OWN_COLUMNS, *results.names}
    headings = [name if name not in _OWN_COLUMNS else _free_heading(f"label {name}", taken) for name in results.names]
    table = pd.DataFrame(results.probabilities, columns=headings)
    values = (results.files, results.predicted_names, ["yes" if each else "" for each in results.is_unfamiliar])
    for place, (heading, column) in enumerate(zip(_OWN_COLUMNS, values, strict=True)):
        table.insert(place, heading, column)
    return table


def disagreement(one: Results, other: Results) -> np.ndarray:
    """(n,) in [0, 2]: how much two runs disagree on each of the same pictures; 0 = they predict the same label.

    Else the sum of the two confidences: highest where both are sure.
    """
    differs = np.array([a != b for a, b in zip(one.predicted_names, other.predicted_names, strict=True)], bool)
    return np.where(differs, one.confidence + other.confidence, 0.0)


def _free_heading(heading: str, taken: set[str]) -> str:
    while heading in taken:
        heading = f"label {heading}"
    return heading
