"""A kernel head begins as kernel ridge regression on the training pictures, and learns on from there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.errors import JobFailed
from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig

N = 24  # 16 to learn from, 8 held out
CONFIG = TrainConfig(
    architecture="mobilenet_v2", network_head="kernel", size_px=64, frozen_epochs=1, epochs=0, batch_size=4,
    learning_rate=1e-9, precision="float32",
)  # fmt: skip
Given = tuple[list[Path], np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """(paths, labels, is_valid): stripes that lie and stripes that stand, in noise."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    paths = [folder / f"{i}.png" for i in range(N)]
    for i, path in enumerate(paths):
        stripes = np.kron(np.arange(8) % 2 * 9, np.ones(8))[:, None]
        picture = rng.integers(0, 180, (64, 64, 3)) + (stripes if i % 2 else stripes.T)[:, :, None]
        Image.fromarray(picture.astype(np.uint8)).save(path)
    return paths, np.arange(N) % 2, np.arange(N) % 3 == 0


@pytest.fixture(autouse=True)
def weights(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))


class Watched(Silent):
    def __init__(self, stops: bool = False) -> None:
        self.messages: list[str] = []
        self.stops = stops

    def message(self, text: str, done: int = 0, total: int = 0, seconds_left: float | None = None) -> None:
        self.messages.append(f"{text} {done}/{total}")

    def stop_requested(self) -> bool:
        return self.stops and any(text.startswith("Looking") for text in self.messages)


def expected_probabilities(given: Given) -> np.ndarray:
    """The quick look's head on the averages of the stages, with directions by sklearn."""
    import torch
    from sklearn.decomposition import PCA

    from curate.embeddings import quick_look_head
    from curate.embeddings.backbones import load_network
    from curate.training.fitting.decoded_cache import read_fitted

    paths, labels, is_valid = given
    network, mean, std = load_network("mobilenet_v2", 64)
    pixels = np.stack([read_fitted(path, 64, "crop") for path in paths])
    with torch.inference_mode():
        seen = network.eval()(torch.from_numpy((pixels / 255 - mean) / std).float().permute(0, 3, 1, 2)).numpy()
    fitted = PCA(12, svd_solver="full").fit(seen[~is_valid])  # 3 sqrt(16)
    spreads = np.sqrt(fitted.explained_variance_)
    matrix = fitted.components_.T / np.sqrt(spreads) * 10 / np.sqrt(spreads.sum())
    return quick_look_head.fit(fitted.mean_, matrix, seen[~is_valid], labels[~is_valid], 2).predict(seen)


def test_before_it_learns_it_answers_as_kernel_ridge_regression_on_all_stages(given: Given, tmp_path: Path) -> None:
    from curate.training.fitting.run import train

    watch = Watched()
    result = train(*given, ["standing", "lying"], CONFIG, tmp_path, watch)
    np.testing.assert_allclose(result.probabilities, expected_probabilities(given), atol=0.02)
    assert np.ptp(result.probabilities[given[2]], axis=0).min() > 0.2
    assert watch.messages.count("Looking at pictures once 16/16") == 1  # the training pictures before the first epoch
    assert "Looking at pictures once 24/24" in watch.messages


def test_a_larger_rate_learns_on_and_the_saved_model_answers_as_it_was_scored(given: Given, tmp_path: Path) -> None:
    from curate.prediction.model import load_model
    from curate.training.fitting.run import train

    begun = train(*given, ["standing", "lying"], CONFIG, tmp_path / "begun")
    config = replace(CONFIG, learning_rate=1e-3, frozen_epochs=3, augment="light", epochs=1)
    learnt = train(*given, ["standing", "lying"], config, tmp_path / "learnt")
    assert np.abs(begun.probabilities - learnt.probabilities).max() > 0.01
    model = load_model(tmp_path / "learnt")
    squares = [np.array(model.prepare(path)) for path in given[0]]
    np.testing.assert_allclose(model.predict(squares), learnt.probabilities, atol=1e-4)
    assert model.heat(squares[0], [0, 1]).shape == (2, 2, 2)


def test_it_stops_while_it_looks_at_the_pictures(given: Given, tmp_path: Path) -> None:
    from curate.training.fitting.run import train

    with pytest.raises(JobFailed, match="nothing was learnt"):
        train(*given, ["standing", "lying"], CONFIG, tmp_path, Watched(stops=True))


def test_a_learning_rate_is_found_for_the_head_that_has_begun(given: Given, tmp_path: Path) -> None:
    from curate.training.fitting.rate_finder import find_rates

    found = find_rates(*given, ["standing", "lying"], CONFIG, tmp_path, Watched())
    assert found.losses[0] < 0.6  # a head that begins at random has log 2 and more


@pytest.mark.parametrize("n_train", [1, 2, 5, 100, 20_000])
def test_the_head_grows_with_the_pictures_up_to_a_limit(n_train: int) -> None:
    from curate.training.fitting.kernel_start import size_for

    size = size_for(n_train)
    assert 1 <= size.n_directions <= 256 and size.n_points == min(n_train, 8_000)
    assert size.n_directions < max(2, n_train)
