from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from curate.doubts import fine_tuning, multi_view_features, thorough
from curate.doubts.assess import assess
from curate.doubts.assessment import Assessment
from curate.errors import NoWeights

N = 24


def pictures(first: int, last: int, size_px: int) -> np.ndarray:
    """Pictures of one colour each: red ones and blue ones by turns, some darker."""
    pixels = np.zeros((last - first, size_px, size_px, 3), dtype=np.uint8)
    for row in range(first, last):
        pixels[row - first, :, :, 2 * (row % 2)] = 255 - 5 * row
    return pixels


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights drawn at random: what such networks see still tells red from blue."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    seen = torch.from_numpy(pictures(0, N, 128)).permute(0, 3, 1, 2).float() / 255
    for name in ("mobilenet_v2", "squeezenet1_1"):
        network = getattr(torchvision.models, name)()
        network(seen)  # so that its normalisations know what they normalise
        torch.save(network.state_dict(), folder / f"{name}.pth")
    return folder


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    given = np.arange(N) % 2
    given[4] = 1  # a red one filed under blue
    return given


@pytest.fixture(scope="module")
def evidence(weights: Path, labels: np.ndarray) -> tuple[np.ndarray, Assessment]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURATE_WEIGHTS", str(weights))
        embeddings, activations = multi_view_features.describe(pictures, N), fine_tuning.front(pictures, N)
        given = (embeddings, labels, 2, np.zeros(N, dtype=bool))
        first, tuned = thorough.fine_tuned(activations, *given)
        answer = assess(*given, previous=first, fine_tuned=tuned.probabilities, dynamics=tuned.dynamics)
        return embeddings, answer


def test_what_networks_see_at_several_sizes_becomes_one_embedding(evidence):
    embeddings, _ = evidence
    assert embeddings.shape == (N, N)  # as many directions as there are pictures, 512 at most
    assert np.linalg.norm(embeddings[0] - embeddings[2]) < np.linalg.norm(embeddings[0] - embeddings[1])


def test_the_picture_under_the_wrong_label_is_doubted_most_and_the_other_label_suggested(evidence):
    _, assessment = evidence
    assert assessment.doubt.argmax() == 4
    assert assessment.suggested[4] == 0


def test_fine_tuning_adds_its_reasons(evidence):
    _, assessment = evidence
    assert {"held_out_loss", "area_under_margin", "forgetting"} <= set(assessment.reasons)
    for name in ("held_out_loss", "area_under_margin", "forgetting"):
        assert ((assessment.reasons[name] >= 0) & (assessment.reasons[name] <= 1)).all()


def test_a_picture_is_predicted_by_the_network_that_did_not_learn_from_it(weights, labels, monkeypatch):
    monkeypatch.setenv("CURATE_WEIGHTS", str(weights))
    activations = fine_tuning.front(pictures, N)
    assert activations.shape == (2, N, 8, 8, 96)
    cut = fine_tuning.folds.assign(N, fine_tuning.FOLDS, 2_000)
    targets = np.eye(2, dtype=np.float32)[labels]
    other = targets.copy()
    other[cut == 0] = other[cut == 0][:, ::-1]  # learnt from by the network that predicts the second half alone
    one, two = (fine_tuning.held_out(activations, wanted, labels, epochs=1) for wanted in (targets, other))
    assert np.array_equal(one.probabilities[cut == 0], two.probabilities[cut == 0])
    assert not np.array_equal(one.probabilities[cut == 1], two.probabilities[cut == 1])
    assert one.dynamics.shape == (1, N)


def test_without_weights_it_says_so(monkeypatch, tmp_path):
    (tmp_path / "mobilenet_v2.pth").write_bytes(b"no weights")
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    with pytest.raises(NoWeights, match="does not hold weights"):
        fine_tuning.front(pictures, N)
