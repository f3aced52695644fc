"""The frozen epochs on cached features: the same as fastai's own where no layer adapts by itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fastai.learner import Learner

from curate.training.fitting import data, frozen_features, schedules
from curate.training.fitting.device import Device
from curate.training.fitting.learner import make_learner
from curate.training.settings.config import TrainConfig

CONFIG = TrainConfig(
    architecture="squeezenet1_1", size_px=32, frozen_epochs=2, epochs=1, batch_size=4, precision="float32"
)
LABELS = np.array([0, 1] * 6)


@pytest.fixture
def learner(tmp_path, shared_data, monkeypatch):
    """`learner(config)`: ready to fit on 8 pictures of two colours, 4 more held out."""
    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))

    def make(config: TrainConfig) -> Learner:
        torch.manual_seed(0)
        pixels = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)
        pixels[LABELS == 1, :, :, 0] = 255
        learnt, held_out = (
            data.Rows(pixels, LABELS, rows, i) for i, rows in enumerate((np.arange(8), np.arange(8, 12)))
        )
        loaders = data.make_loaders(learnt, held_out, ["blue", "red"], config, "cpu")
        data.add_normalize(loaders, [0.5] * 3, [0.25] * 3)
        loaders.train.rng.seed(1)
        return make_learner(loaders, config, Device("cpu", "float32", "CPU", 1), tmp_path)

    return make


def fit(learn: Learner, config: TrainConfig) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    schedules.fit(learn, config, 1e-2)
    return {name: values.clone() for name, values in learn.model.state_dict().items()}


def test_a_network_without_batch_normalisation_learns_the_same_on_features_as_on_pictures(learner, monkeypatch):
    config = replace(CONFIG, epochs=0, optimizer="sgd")  # Adam makes whole steps of differences in the last digit
    on_features = learner(config)
    assert frozen_features.can_be_cached(on_features, config)
    ours = fit(on_features, config)
    monkeypatch.setattr(schedules, "cached", lambda *_: schedules.nullcontext())
    theirs = fit(learner(config), config)
    assert all(torch.allclose(values, theirs[name], atol=1e-5) for name, values in ours.items())
    assert not torch.allclose(ours["1.4.weight"], learner(config).model.state_dict()["1.4.weight"], atol=1e-3)


def test_within_the_block_the_body_is_asked_nothing_and_afterwards_all_is_as_before(learner):
    learn, calls = learner(CONFIG), []
    handle = learn.model[0][0].register_forward_hook(lambda *_: calls.append(1))
    before = [loader.dataset for loader in learn.dls.loaders]
    with frozen_features.cached(learn, CONFIG, lambda n, of: True):
        calls.clear()
        features, labels = learn.dls.train.one_batch()
        assert features.shape == (4, 1024, 1, 1)
        assert learn.model(features).shape == (4, 2)
        assert calls == []
    assert [loader.dataset for loader in learn.dls.loaders] == before
    assert learn.dls.train.one_batch()[0].shape == (4, 3, 32, 32)
    learn.model(learn.dls.train.one_batch()[0])
    assert calls
    handle.remove()


def test_pictures_that_change_are_not_cached(learner):
    for changed in ({"augment": "standard"}, {"mix": "mixup"}, {"start_px": 24}, {"resize": "random_crop"}):
        assert not frozen_features.can_be_cached(learner(CONFIG), replace(CONFIG, **changed))


def test_it_stops_when_asked_and_caches_nothing(learner):
    learn, reports = learner(CONFIG), []

    def goes_on(n: int, of: int) -> bool:
        reports.append((n, of))
        return n < 8

    with frozen_features.cached(learn, CONFIG, goes_on):
        assert learn.dls.train.one_batch()[0].shape == (4, 3, 32, 32)
    assert reports == [(8, 12)]
