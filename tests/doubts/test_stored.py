"""What explains a run's doubts, on disk; and the heads that the next refit begins with."""

import os
from pathlib import Path

import numpy as np
import pytest

from curate.doubts import assess, stored, warm_start
from curate.doubts.assessment import Assessment
from curate.errors import NotFound

IDS = np.arange(10, 130)


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """120 images of two labels in 8 features, ten of them filed wrongly."""
    truth = np.arange(120) % 2
    embeddings = np.random.default_rng(1).normal(0, 0.5, (120, 8)) + truth[:, None]
    labels = truth.copy()
    labels[::12] = 1 - labels[::12]
    return embeddings.astype(np.float16), labels


@pytest.fixture(scope="module")
def assessed(data: tuple[np.ndarray, np.ndarray]) -> Assessment:
    return assess.assess(*data, 2, np.zeros(120, bool), IDS)


def test_rows_are_read_in_the_order_asked_for_with_every_reason(tmp_path, assessed):
    stored.write(tmp_path, assessed)
    rows = stored.read_rows(tmp_path, np.array([7, 0]))
    assert rows["votes"].tolist() == assessed.votes_for_suggested[[7, 0]].tolist()
    assert rows["n_models"].tolist() == [assessed.n_models] * 2
    assert rows["neighbours"].tolist() == assessed.neighbours_for_suggested[[7, 0]].tolist()
    assert rows["n_neighbours"].tolist() == [10, 10]
    assert rows["self_confidence"] == pytest.approx(assessed.reasons["self_confidence"][[7, 0]], abs=1e-3)
    assert stored.reason_names(tmp_path) == list(assessed.reasons)


def test_a_run_without_doubts_says_so(tmp_path):
    with pytest.raises(NotFound, match="has no doubts"):
        stored.read_rows(tmp_path, np.array([0]))


def test_a_start_on_the_same_images_has_their_neighbours_and_leads_to_the_same_doubts(tmp_path, data, assessed):
    embeddings, labels = data
    warm_start.write(tmp_path / "kept.npz", assessed, IDS, [4, 5])
    start = warm_start.read(tmp_path / "kept.npz", embeddings, IDS, [4, 5])
    assert start is not None
    assert np.array_equal(start.nearest.rows, assessed.nearest.rows)
    again = assess.assess(embeddings, labels, 2, np.zeros(120, bool), IDS, previous=start)
    assert again.doubt == pytest.approx(assessed.doubt, abs=0.03)
    assert set(np.argsort(-again.doubt)[:10]) == set(np.argsort(-assessed.doubt)[:10])


def test_a_start_after_images_left_keeps_the_heads_and_looks_for_neighbours_anew(tmp_path, data, assessed):
    embeddings, labels = data
    warm_start.write(tmp_path / "kept.npz", assessed, IDS, [4, 5])
    stays = np.arange(120) >= 3
    start = warm_start.read(tmp_path / "kept.npz", embeddings[stays], IDS[stays], [4, 5])
    assert start is not None
    assert len(start.nearest.rows) == 0
    assert start.heads.models.shape == assessed.heads.models.shape
    again = assess.assess(embeddings[stays], labels[stays], 2, np.zeros(117, bool), IDS[stays], previous=start)
    assert again.nearest.rows.max() < 117


@pytest.mark.parametrize("left", [0, 1000])
def test_what_is_short_after_a_power_cut_or_of_other_labels_is_no_start(tmp_path: Path, data, assessed, left):
    path = tmp_path / "kept.npz"
    assert warm_start.read(path, data[0], IDS, [4, 5]) is None
    warm_start.write(path, assessed, IDS, [4, 5])
    assert warm_start.read(path, data[0], IDS, [4, 6]) is None
    assert warm_start.read(path, data[0][:, :4], IDS, [4, 5]) is None
    os.truncate(path, left)
    assert warm_start.read(path, data[0], IDS, [4, 5]) is None
