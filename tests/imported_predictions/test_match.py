"""Which image a row of predictions is about."""

import numpy as np
import pytest

from curate.errors import BadInput
from curate.imported_predictions.match import match
from curate.imported_predictions.read import Predictions

SHAS = [letter * 64 for letter in "abcd"]
PATHS = ["cats/1.jpg", "dogs/1.jpg", "dogs/deep/2.jpg", "dogs/3.jpg"]
LABELS = ["cats", "dogs"]


def predictions(*keys: str, labels: list[str] | None = None, is_whole: bool = True) -> Predictions:
    names = labels or LABELS
    numbers = np.tile(np.linspace(1, 0, len(names), dtype=np.float32), (len(keys), 1))
    return Predictions(list(keys), names, numbers / numbers.sum(axis=1, keepdims=True), [], is_whole)


def test_a_key_is_a_hash_a_unique_name_or_as_much_of_the_path_as_is_needed() -> None:
    keys = ("c" * 64, "3.jpg", "/data/pets/dogs/1.jpg", "cats\\1.jpg")
    assert match(predictions(*keys), SHAS, PATHS, LABELS).rows.tolist() == [0, 1, 2, 3]


def test_what_fits_nothing_fits_several_or_comes_twice_is_counted_and_named() -> None:
    matched = match(predictions("1.jpg", "9.jpg", "3.jpg", "dogs/3.jpg"), SHAS, PATHS, LABELS)
    assert matched.rows.tolist() == [3]
    assert matched.counts == {"ambiguous": 1, "unknown": 1, "twice": 1}
    assert matched.examples["unknown"] == ["9.jpg"]


def test_images_with_the_same_bytes_get_the_same_prediction() -> None:
    same = [SHAS[0], SHAS[0], SHAS[2], SHAS[3]]
    assert match(predictions("1.jpg"), same, PATHS, LABELS).rows.tolist() == [0, 1]


def test_a_label_that_the_model_lacks_gets_nothing_and_one_that_the_project_lacks_is_refused() -> None:
    matched = match(predictions("3.jpg"), SHAS, PATHS, [*LABELS, "birds"])
    assert matched.probabilities.tolist() == [[1, 0, 0]]
    assert matched.notes == ["The model has no birds: their probability is 0."]
    with pytest.raises(BadInput, match="The project has no label 'rats'"):
        match(predictions("3.jpg", labels=["cats", "rats"]), SHAS, PATHS, LABELS)


def test_a_lone_score_leaves_the_rest_to_the_others_evenly() -> None:
    one = Predictions(["3.jpg"], ["dogs"], np.array([[0.7]], np.float32), [], is_whole=False)
    matched = match(one, SHAS, PATHS, ["cats", "dogs", "birds", "fish"])
    np.testing.assert_allclose(matched.probabilities, [[0.1, 0.7, 0.1, 0.1]], rtol=1e-6)
    assert "divided evenly" in matched.notes[0]


def test_a_table_of_other_pictures_is_refused() -> None:
    with pytest.raises(BadInput, match="None of the 1 rows fits an image"):
        match(predictions("x.jpg"), SHAS, PATHS, LABELS)
