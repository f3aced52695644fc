"""Two processes train one network together, here on the processor; on a machine with several GPUs one on each."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig
from tests.factories import LabelledPictures

NAMES = ["dark", "bright"]
CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, epochs=8, batch_size=8, learning_rate=5e-3,
    precision="float32", schedule="one_cycle", keep_best=True,
)  # fmt: skip


class Stopping(Silent):
    """Counts batches and epochs of the first process; asks to stop after some batches."""

    def __init__(self, n_batches):
        self.n_left, self.rows = n_batches, []

    def batch(self, progress):
        self.n_left -= 1

    def epoch(self, row):
        self.rows.append(row)

    def stop_requested(self):
        return self.n_left <= 0


@pytest.fixture
def together(noise: LabelledPictures, tmp_path, monkeypatch):
    """`together(watch, n=2)`: the result of CONFIG trained by so many processes."""
    from curate.training.fitting import distributed, run

    def train(watch, n=2):
        fit = distributed.fit
        with monkeypatch.context() as changed:
            changed.setattr(distributed, "fit", functools.partial(fit, n=n))
            return run.train(*noise, NAMES, CONFIG, tmp_path / "run", watch)

    return train


def test_two_processes_learn_together_and_stop_together(together):
    import os

    # 36 pictures, 18 for each process, 4 at a time: 4 batches an epoch, as by one process with 8 at a time
    watch = Stopping(7 * 4 + 2)
    result = together(watch)
    assert [row.epoch for row in watch.rows] == list(range(1, 8))
    assert result.is_stopped_early
    assert result.accuracy >= 11 / 12
    assert np.isfinite(result.losses).all()
    assert result.valid_loss == pytest.approx(min(row.valid_loss for row in watch.rows), abs=1e-4)
    assert not {"RANK", "WORLD_SIZE"} & os.environ.keys()


def test_one_process_is_the_usual_training(together, noise: LabelledPictures, tmp_path):
    from curate.training.fitting.run import train

    alone = train(*noise, NAMES, replace(CONFIG), tmp_path / "alone")
    assert np.array_equal(together(Stopping(1000), n=1).probabilities, alone.probabilities)
