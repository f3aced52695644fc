"""A training that ends without a word goes on from its last epoch, to the same figures; on 48 pictures of noise."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig
from tests.factories import LabelledPictures

N, SIDE = 48, 32
NAMES = ["dark", "bright"]
SCRATCH = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=SIDE, epochs=4, batch_size=8, learning_rate=5e-3,
    precision="float32", augment="light",
)  # fmt: skip
TUNED = replace(SCRATCH, architecture="squeezenet1_1", pretrained=True, frozen_epochs=2, epochs=2, learning_rate=2e-3)
CONFIGS = {
    "from scratch": SCRATCH,
    "fine tuned": TUNED,
    "a kernel": replace(TUNED, network_head="kernel", learning_rate=1e-3),
    "keeping the best": replace(TUNED, keep_best=True, patience=3, optimizer="sgd"),
    "restarts": replace(SCRATCH, schedule="sgdr", n_cycles=2, cycle_length=2, cycle_mult=1, snapshot_ensemble=True),
    "mixed": replace(SCRATCH, mix="mixup", balance="sampling", start_px=16, label_smoothing=0.1),
    "a rate to be found": replace(SCRATCH, learning_rate=None),
}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """(paths, labels, is_valid)."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    paths = [folder / f"{i}.png" for i in range(N)]
    for i, path in enumerate(paths):
        Image.fromarray((rng.integers(0, 160, (SIDE, SIDE, 3)) + (i % 2) * 60).astype(np.uint8)).save(path)
    return paths, np.arange(N) % 2, np.arange(N) % 4 == 0


@pytest.fixture(scope="module", autouse=True)
def every_epoch(tmp_path_factory):
    """Checkpoints after every epoch, though these take no time; and weights to begin with, random ones."""
    import safetensors.torch
    import torch
    from torchvision.models import squeezenet1_1

    from curate.training.fitting.checkpoints import Pauses

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    safetensors.torch.save_file(squeezenet1_1(weights=None).state_dict(), folder / "squeezenet1_1.safetensors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pauses, "SHARE", 1e9)
        yield folder


@pytest.fixture(autouse=True)
def random_weights(every_epoch, monkeypatch):
    monkeypatch.setenv("CURATE_WEIGHTS", str(every_epoch))


class Killed(Exception):
    """Stands for the end of a process in the middle of the next epoch, when nothing can be tidied up any more."""


class KilledAfter(Silent):
    """Raises Killed at the first batch after so many epochs, or when scoring begins; remembers what it was told."""

    def __init__(self, n_epochs):
        self.n_left, self.rows, self.restarts = n_epochs, [], []

    def batch(self, progress):
        if not self.n_left:
            raise Killed

    def epoch(self, row):
        self.n_left -= 1
        self.rows.append(row)

    def message(self, text, done=0, total=0, seconds_left=None):
        if not self.n_left and text == "Scoring pictures":
            raise Killed

    def restarted(self, after_epoch, note):
        self.restarts.append((after_epoch, note))


def trained(given: LabelledPictures, config, folder, watch=None):
    from curate.training.fitting.run import train

    return train(*given, NAMES, config, folder, watch, folder / "checkpoint.pt")


def figures(result):
    return [(row.epoch, row.phase, row.train_loss, row.valid_loss, row.accuracy) for row in result.epochs]


@pytest.fixture(scope="module")
def whole(given, tmp_path_factory):
    """`whole(name)`: the result of that training when nobody interrupts it."""
    results = {}

    def find(name):
        if name not in results:
            results[name] = trained(given, CONFIGS[name], tmp_path_factory.mktemp("whole"))
        return results[name]

    return find


# In the middle of a phase, between two, at a cycle's end, and with nothing left but the scoring.
CUTS = [
    *[("fine tuned", n) for n in (1, 2, 3, 4)], *[("a kernel", n) for n in (1, 3)],
    *[("keeping the best", n) for n in (2, 3)],
    *[("restarts", n) for n in (2, 4)], ("from scratch", 3), ("mixed", 1), ("a rate to be found", 2),
]  # fmt: skip


@pytest.mark.parametrize(("name", "n_done"), CUTS)
def test_it_goes_on_after_the_last_epoch_and_comes_to_the_same_figures(given, whole, tmp_path, name, n_done):
    with pytest.raises(Killed):
        trained(given, CONFIGS[name], tmp_path / "cut", KilledAfter(n_done))
    watch = KilledAfter(99)
    resumed = trained(given, CONFIGS[name], tmp_path / "cut", watch)
    assert watch.restarts == [(n_done, f"Resumed after epoch {n_done}, when the process had ended.")]
    assert resumed.notes == [watch.restarts[0][1]]
    assert [row.epoch for row in watch.rows] == list(range(n_done + 1, 5))
    assert figures(resumed) == figures(whole(name))
    assert resumed.learning_rate == whole(name).learning_rate
    assert np.array_equal(resumed.probabilities, whole(name).probabilities)
    assert sum(resumed.seconds_by_part.values()) <= resumed.seconds + 0.01  # rounding


def test_a_checkpoint_of_other_settings_or_none_at_all_is_not_gone_on_from(given, whole, tmp_path):
    for cut, content in (("other", None), ("damaged", b"no checkpoint")):
        if content is None:
            with pytest.raises(Killed):
                trained(given, replace(SCRATCH, seed=1), tmp_path / cut, KilledAfter(2))
        else:
            (tmp_path / cut).mkdir()
            (tmp_path / cut / "checkpoint.pt").write_bytes(content)
        watch = KilledAfter(99)
        result = trained(given, SCRATCH, tmp_path / cut, watch)
        assert watch.restarts == [(0, "Begun again: the pictures, settings or libraries had changed.")]
        assert np.array_equal(result.probabilities, whole("from scratch").probabilities)


class StopsAfterEpoch(KilledAfter):
    """Asks to stop after the epoch that is under way when so many have ended."""

    def batch(self, progress):
        pass

    def message(self, text, done=0, total=0, seconds_left=None):
        pass

    def stop_after_epoch(self):
        return self.n_left <= 0


@pytest.mark.parametrize("n_epochs", [1, 2])
def test_stopping_after_an_epoch_finishes_it_keeps_the_model_and_scores(given, tmp_path, n_epochs):
    watch = StopsAfterEpoch(n_epochs)
    stopped = trained(given, TUNED, tmp_path, watch)
    assert stopped.is_stopped_early
    assert [row.epoch for row in stopped.epochs] == [row.epoch for row in watch.rows] == list(range(1, n_epochs + 1))
    assert stopped.epochs[-1].valid_loss == pytest.approx(stopped.valid_loss, abs=1e-5)


def test_asking_to_stop_in_the_last_epoch_changes_nothing(given, whole, tmp_path):
    finished = trained(given, TUNED, tmp_path, StopsAfterEpoch(4))
    assert not finished.is_stopped_early
    assert np.array_equal(finished.probabilities, whole("fine tuned").probabilities)


def test_checkpoints_take_a_tenth_of_the_time_at_most(monkeypatch):
    import time

    from curate.training.fitting.checkpoints import Pauses

    monkeypatch.setattr(Pauses, "SHARE", 0.1)
    seconds = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    pauses = Pauses(n_bytes=300_000_000)  # a second, on a usual disk
    seconds[0] += 9.9
    assert not pauses.is_due()
    seconds[0] += 0.2
    assert pauses.is_due()
    pauses.wrote(2.0)
    seconds[0] += 19.9
    assert not pauses.is_due()
    seconds[0] += 0.2
    assert pauses.is_due()
