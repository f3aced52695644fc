"""Answers as arrays and tables, worked out by hand."""

import numpy as np

from curate.prediction.client import Prediction
from curate.prediction.familiarity import Familiarity
from curate.ui.predict import results


def answer(name: str, *probabilities: float, is_unfamiliar: bool | None = False) -> Prediction:
    return Prediction(name, np.array(probabilities, np.float32), None, Familiarity(0.5, is_unfamiliar, []))


def test_a_summary_counts_the_pictures_of_each_predicted_label_and_names_the_least_sure() -> None:
    rows = [(0.9, 0.1, 0.0), (0.2, 0.8, 0.0), (0.6, 0.4, 0.0), (0.7, 0.2, 0.1)]
    collected = results.collect(["cats", "dogs", "foxes"], {i: answer(str(i), *row) for i, row in enumerate(rows)})
    assert results.summarise(collected).to_numpy().tolist() == [
        ["cats", 3, "73 %", "60 %"],
        ["dogs", 1, "80 %", "80 %"],
    ]


def test_a_label_named_as_a_column_of_the_table_has_a_heading_of_its_own() -> None:
    answers = {0: answer("a.png", 0.5, 0.25, 0.25), 1: answer("b.png", 0.25, 0.25, 0.5, is_unfamiliar=True)}
    table = results.tabulate(results.collect(["file", "predicted", "label file"], answers))
    assert list(table) == ["file", "predicted", "unfamiliar", "label label file", "label predicted", "label file"]
    assert table.to_numpy().tolist() == [
        ["a.png", "file", "", 0.5, 0.25, 0.25],
        ["b.png", "label file", "yes", 0.25, 0.25, 0.5],
    ]


def test_what_could_not_be_read_or_is_not_answered_yet_is_left_out() -> None:
    answers = {0: answer("a", 0.25, 0.75), 1: Prediction("b", None, "Not a picture."), 3: answer("d", 1.0, 0.0)}
    collected = results.collect(["cat", "dog"], answers)
    assert collected.numbers.tolist() == [0, 3] and collected.predicted_names == ["dog", "cat"]
    assert results.collect(["cat", "dog"], {}).probabilities.shape == (0, 2)


def test_two_runs_disagree_most_where_both_are_sure_and_compare_labels_by_name() -> None:
    first = results.collect(
        ["cat", "dog"], {0: answer("a", 0.75, 0.25), 1: answer("b", 1.0, 0.0), 2: answer("c", 0.5, 0.5)}
    )
    second = results.collect(
        ["dog", "cat"], {0: answer("a", 0.75, 0.25), 1: answer("b", 0.0, 1.0), 2: answer("c", 1.0, 0.0)}
    )
    assert results.disagreement(first, second).tolist() == [1.5, 0.0, 1.5]
