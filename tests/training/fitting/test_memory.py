"""When the memory is not enough: the batch is halved, the training begins again by itself and says so."""

from dataclasses import replace

import numpy as np
import pytest

from curate.errors import BadInput
from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig
from tests.factories import LabelledPictures

CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, epochs=2, batch_size=32, learning_rate=5e-3,
    precision="float32",
)  # fmt: skip
NAMES = ["dark", "bright"]


class Listener(Silent):
    """Remembers the epochs and the restarts, in the order they were told."""

    def __init__(self):
        self.events = []

    def epoch(self, row):
        self.events.append(row.epoch)

    def restarted(self, after_epoch, note):
        self.events.append((after_epoch, note))


def trained(noise: LabelledPictures, config, folder, watch=None):
    from curate.training.fitting.run import train

    return train(*noise, NAMES, config, folder, watch, folder / "checkpoint.pt")


def test_the_batch_is_halved_until_it_fits_and_the_result_is_that_of_the_small_batch(noise, tmp_path, failing_batches):
    import torch

    expected = trained(noise, replace(CONFIG, batch_size=8), tmp_path / "small")

    def check(learn):
        if learn.training and len(learn.xb[0]) > 8:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    failing_batches(check)
    watch = Listener()
    result = trained(noise, CONFIG, tmp_path / "large", watch)
    assert watch.events == [
        (0, "The batch of 32 did not fit; trained with 16."), (0, "The batch of 32 did not fit; trained with 8."), 1, 2,
    ]  # fmt: skip
    assert result.notes == ["The batch of 32 did not fit; trained with 8."]
    assert result.batch_size == 8
    assert np.array_equal(result.probabilities, expected.probabilities)


def test_epochs_of_the_large_batch_do_not_count(noise, tmp_path, failing_batches):
    def check(learn):
        if learn.training and learn.epoch == 1 and len(learn.xb[0]) > 16:  # the second epoch needs more
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory")

    failing_batches(check)
    watch = Listener()
    result = trained(noise, CONFIG, tmp_path, watch)
    assert watch.events == [1, (0, "The batch of 32 did not fit; trained with 16."), 1, 2]
    assert [row.epoch for row in result.epochs] == [1, 2]


def test_scoring_takes_smaller_batches_without_training_again(noise, tmp_path, failing_batches):
    expected = trained(noise, CONFIG, tmp_path / "roomy")

    def check(learn):
        if hasattr(learn, "gather_preds") and len(learn.xb[0]) > 8:
            raise MemoryError

    failing_batches(check)
    result = trained(noise, CONFIG, tmp_path / "tight")
    assert result.notes == []
    np.testing.assert_allclose(result.probabilities, expected.probabilities, atol=1e-6)


def test_when_not_even_two_pictures_fit_it_says_so(noise, tmp_path, failing_batches):
    import torch

    def check(learn):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    failing_batches(check)
    with pytest.raises(BadInput, match="A batch of 2 pictures does not fit into the memory") as error:
        trained(noise, CONFIG, tmp_path)
    assert "smaller image size" in error.value.hint


def test_another_error_is_not_taken_for_a_shortage(noise, tmp_path, failing_batches):
    def check(learn):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    failing_batches(check)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        trained(noise, CONFIG, tmp_path)


def test_what_torch_says_when_the_memory_of_this_machine_is_too_small_is_understood():
    import torch

    from curate.training.fitting.memory import is_shortage

    with pytest.raises(RuntimeError) as error:
        torch.empty(1 << 55, dtype=torch.uint8)
    assert is_shortage(error.value)


def test_a_step_that_failed_in_reduced_precision_leaves_nothing_behind():
    import torch

    from curate.training.fitting import memory

    torch.autocast("cpu", dtype=torch.bfloat16).__enter__()
    memory.free()
    assert not torch.is_autocast_enabled("cpu")
    assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_the_memory_in_use_is_part_of_what_there_is():
    from curate.training.fitting.memory import Gauge

    gauge = Gauge("cpu")
    gauge.update()
    assert 100 < gauge.now_mb <= gauge.peak_mb < gauge.total_mb  # torch and fastai alone take more than 100 MB
