"""What a training says while it runs, what it refuses, and how it ends; on 48 pictures of noise, dark and bright."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from curate.errors import BadInput
from curate.training.epoch_table import EpochRow
from curate.training.progress import BatchProgress, Silent
from curate.training.settings.config import TrainConfig
from tests.factories import LabelledPictures

N = 48  # 36 to train on, 12 held out
CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, epochs=2, batch_size=8, learning_rate=5e-3,
    precision="float32",
)  # fmt: skip
NAMES = ["dark", "bright"]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """(paths, labels, is_valid)."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    paths = [folder / f"{i}.png" for i in range(N)]
    for i, path in enumerate(paths):
        Image.fromarray((rng.integers(0, 120, (32, 32, 3)) + (i % 2) * 110).astype(np.uint8)).save(path)
    return paths, np.arange(N) % 2, np.arange(N) % 4 == 0


class Listener(Silent):
    """A Watcher that writes everything down."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, int, int]] = []
        self.batches: list[BatchProgress] = []
        self.rows: list[EpochRow] = []

    def message(self, text: str, done: int = 0, total: int = 0, seconds_left: float | None = None) -> None:
        self.messages.append((text, done, total))

    def batch(self, progress: BatchProgress) -> None:
        self.batches.append(progress)

    def epoch(self, row: EpochRow) -> None:
        self.rows.append(row)


def trained(given: LabelledPictures, config, folder, watch=None):
    from curate.training.fitting.run import train

    return train(*given, NAMES, config, folder, watch)


def test_a_watcher_hears_of_every_stage_batch_and_epoch(given, tmp_path):
    heard = Listener()
    result = trained(given, CONFIG, tmp_path, heard)
    assert heard.rows == result.epochs
    assert [(row.epoch, row.phase) for row in heard.rows] == [(1, "unfrozen"), (2, "unfrozen")]
    # 36 // 8 = 4 whole batches in each of 2 epochs
    assert [(each.epoch, each.batch) for each in heard.batches] == [(e, b) for e in (1, 2) for b in (1, 2, 3, 4)]
    assert {(each.n_epochs, each.n_batches) for each in heard.batches} == {(2, 4)}
    assert all(each.seconds_left > 0 and each.images_per_s > 0 for each in heard.batches)
    assert max(each.learning_rate for each in heard.batches) <= CONFIG.learning_rate
    assert heard.messages[:2] == [("Preparing pictures", 0, N), ("Preparing pictures", N, N)]
    assert heard.messages[2] == (f"Training on {result.device}", 0, 0)
    assert heard.messages[-1] == ("Scoring pictures", N, N)
    assert result.device == "CPU, float32, 1 thread"


def test_a_pretrained_network_trains_its_head_first_and_then_everything(given, tmp_path, monkeypatch, shared_data):
    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))
    heard = Listener()
    config = replace(CONFIG, architecture="squeezenet1_1", pretrained=True, frozen_epochs=2, epochs=1)
    trained(given, config, tmp_path, heard)
    assert [(row.epoch, row.phase) for row in heard.rows] == [(1, "frozen"), (2, "frozen"), (3, "unfrozen")]
    assert {each.n_epochs for each in heard.batches} == {3}


def test_a_rate_nobody_chose_is_the_one_fastais_finder_suggests(given, tmp_path, monkeypatch):
    from fastai.learner import Learner

    suggested = []
    find = Learner.lr_find

    def listening(learn, **options):
        suggested.append(find(learn, num_it=options["num_it"], show_plot=False).valley)

    monkeypatch.setattr(Learner, "lr_find", listening)
    config = replace(CONFIG, learning_rate=None, epochs=1)
    with_search = trained(given, config, tmp_path)
    assert [with_search.learning_rate] == pytest.approx(suggested)  # theirs is a float32
    # The same rate given leads to the same model: looking for it leaves no trace.
    with_rate = trained(given, replace(config, learning_rate=with_search.learning_rate), tmp_path)
    assert np.array_equal(with_search.probabilities, with_rate.probabilities)
    assert len(suggested) == 1


@pytest.mark.parametrize("mix", ["none", "mixup"])
def test_a_loss_that_explodes_ends_with_the_rate_that_did_it(given, tmp_path, mix):
    with pytest.raises(
        BadInput, match=r"^The (training|validation) loss became (nan|inf) in epoch \d+, at a learning rate of"
    ) as error:
        hot = replace(CONFIG, architecture="squeezenet1_1", learning_rate=10.0, epochs=200, mix=mix)
        trained(given, hot, tmp_path)
    assert "smaller learning rate" in error.value.hint
    assert not (tmp_path / "model.json").exists()


def test_a_validation_loss_that_is_no_number_ends_it_too(given, tmp_path, failing_batches):
    def check(learn):
        if not learn.training and learn.epoch == 1:
            learn.model[0][0][0][1].running_var.fill_(float("nan"))

    failing_batches(check)
    with pytest.raises(BadInput, match="^The validation loss became nan in epoch 2, at a learning rate of"):
        trained(given, CONFIG, tmp_path)


def test_every_batch_and_epoch_says_what_is_known_by_then(given, tmp_path):
    heard = Listener()
    result = trained(given, CONFIG, tmp_path, heard)
    first, second = heard.batches[0], heard.batches[4]
    assert (first.valid_loss, first.accuracy) == (None, None)
    assert (second.valid_loss, second.accuracy) == (heard.rows[0].valid_loss, heard.rows[0].accuracy)
    assert 0 < first.memory_mb < first.memory_total_mb
    for row in heard.rows:
        assert row.images_per_s > 0 and row.memory_mb > 0 and 0 < row.learning_rate < CONFIG.learning_rate
    assert {"preparing", "unfrozen", "scoring", "saving"} <= set(result.seconds_by_part)
    assert sum(result.seconds_by_part.values()) <= result.seconds + 0.1


def test_what_a_watcher_raises_comes_out_as_it_went_in(given, tmp_path):
    class Cancelled(Exception):
        pass

    class Impatient(Listener):
        def batch(self, progress: BatchProgress) -> None:
            raise Cancelled

    with pytest.raises(Cancelled) as raised:
        trained(given, CONFIG, tmp_path, Impatient())
    assert raised.value.args == ()
    assert not (tmp_path / "scratch").exists()


def test_reduced_precision_learns_as_well_and_its_figures_agree_with_full_precision(given, tmp_path):
    from curate.prediction.model import load_model
    from curate.training.fitting import decoded_cache

    result = trained(given, replace(CONFIG, precision="auto", epochs=4), tmp_path)
    full = trained(given, replace(CONFIG, epochs=4), tmp_path / "full")
    assert result.accuracy >= full.accuracy == 1.0
    assert result.epochs[-1].valid_loss == pytest.approx(result.valid_loss, abs=1e-3)
    pixels = [decoded_cache.read_fitted(path, 32, "crop") for path in given[0]]
    np.testing.assert_allclose(load_model(tmp_path).predict(pixels), result.probabilities, atol=0.03)


def test_fewer_pictures_than_a_batch_are_still_learnt_from(given, tmp_path):
    heard = Listener()
    trained(given, replace(CONFIG, batch_size=64, epochs=1), tmp_path, heard)
    assert [each.n_batches for each in heard.batches] == [1]


@pytest.mark.parametrize(
    ("is_valid", "names", "sentence"),
    [
        (np.zeros(N, dtype=bool), NAMES, "at least 1 picture in the validation split; there are none"),
        (np.arange(N) > 0, NAMES, "at least 2 pictures in the training split; there are 1"),
        (np.arange(N) % 4 == 0, ["dark"], "at least 2 labels; there is 1"),
    ],
)
def test_too_little_to_learn_from_is_said(given, tmp_path, is_valid, names, sentence):
    from curate.training.fitting.run import train

    with pytest.raises(BadInput, match=sentence):
        train(given[0], given[1], is_valid, names, CONFIG, tmp_path)


def test_only_training_batches_are_augmented_and_all_are_normalised():
    from curate.training.fitting import data

    pixels = np.random.default_rng(3).integers(0, 256, (16, 24, 24, 3), dtype=np.uint8)
    labels, rows = np.arange(16) % 2, np.arange(16)
    config = replace(CONFIG, augment="standard", batch_size=16)
    mean, std = data.channel_stats(pixels, rows, config)
    assert mean == pytest.approx((pixels.reshape(-1, 3) / 255).mean(axis=0).tolist(), abs=1e-5)
    loaders = data.make_loaders(
        data.Rows(pixels, labels, rows, 0), data.Rows(pixels, labels, rows, 1), NAMES, config, "cpu"
    )
    data.add_normalize(loaders, mean, std)
    plain = ((pixels / 255 - mean) / std).transpose(0, 3, 1, 2)
    shown, targets = loaders.valid.one_batch()
    np.testing.assert_allclose(shown.numpy(), plain, atol=1e-5)
    assert targets.tolist() == labels.tolist()
    assert np.abs(np.sort(loaders.train.one_batch()[0].numpy().ravel()) - np.sort(plain.ravel())).max() > 0.01


def test_light_augmentation_never_mirrors():
    import torch
    from fastai.torch_core import TensorImage

    from curate.training.fitting import data

    half = np.zeros((64, 16, 16, 3), dtype=np.uint8)
    half[:, :, :8] = 255  # bright left half
    rows, labels = np.arange(64), np.zeros(64, dtype=np.int64)

    def is_left_brighter(augment: str) -> torch.Tensor:
        config = replace(CONFIG, augment=augment, batch_size=64)
        loaders = data.make_loaders(
            data.Rows(half, labels, rows, 0), data.Rows(half, labels, rows, 1), NAMES, config, "cpu"
        )
        pictures: TensorImage = loaders.train.one_batch()[0]
        return torch.Tensor(pictures[..., :8].mean(dim=(1, 2, 3)) > pictures[..., 8:].mean(dim=(1, 2, 3)))

    assert bool(is_left_brighter("light").all())
    assert 0 < int(is_left_brighter("standard").sum()) < 64
