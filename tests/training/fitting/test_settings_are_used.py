"""Every setting of a training changes what it should and nothing else; on 48 pictures of noise, dark and bright."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate.training import saved_model
from curate.training.epoch_table import EpochRow
from curate.training.progress import BatchProgress, Silent
from curate.training.settings.config import TrainConfig
from tests.factories import LabelledPictures

N = 48  # 36 to train on, 12 held out
CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=16, epochs=2, batch_size=8, learning_rate=5e-3,
    precision="float32", schedule="one_cycle",
)  # fmt: skip
NAMES = ["dark", "bright"]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """(paths, labels, is_valid): two thirds of the training pictures are dark."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    labels = (np.arange(N) % 3 == 0).astype(np.int64)
    paths = [folder / f"{i}.png" for i in range(N)]
    for path, label in zip(paths, labels, strict=True):
        Image.fromarray((rng.integers(0, 150, (24, 32, 3)) + label * 60).astype(np.uint8)).save(path)
    return paths, labels, np.arange(N) % 4 == 1


class Heard(Silent):
    """Remembers batches and epochs."""

    def __init__(self):
        self.batches: list[BatchProgress] = []
        self.rows: list[EpochRow] = []

    def batch(self, progress):
        self.batches.append(progress)

    def epoch(self, row):
        self.rows.append(row)


def trained(given: LabelledPictures, folder, watch=None, **settings):
    from curate.training.fitting.run import train

    return train(*given, NAMES, replace(CONFIG, **settings), folder, watch)


@pytest.fixture(scope="module")
def plain(given, tmp_path_factory):
    """(result, weights) of CONFIG itself."""
    folder = tmp_path_factory.mktemp("plain")
    return trained(given, folder), saved_model.read_weights(folder)


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "sgd"}, {"optimizer": "rmsprop"}, {"optimizer": "radam"}, {"optimizer": "qhadam"},
        {"optimizer": "ranger"}, {"optimizer": "larc"}, {"optimizer": "lamb"},
        {"schedule": "flat_cos"}, {"schedule": "sgdr", "n_cycles": 2, "cycle_mult": 1},
        {"weight_decay": 0.9}, {"label_smoothing": 0.2}, {"mix": "mixup"}, {"mix": "cutmix"},
        {"balance": "sampling"}, {"balance": "weights"}, {"lr_low": 1e-5}, {"share": 0.5},
        {"resize": "random_crop"}, {"augment": "custom"}, {"seed": 7},
    ],
    ids=str,
)  # fmt: skip
def test_another_setting_makes_another_model_and_the_same_one_twice(given, plain, tmp_path, settings):
    once = trained(given, tmp_path / "once", **settings)
    twice = trained(given, tmp_path / "twice", **settings)
    assert np.array_equal(once.probabilities, twice.probabilities)
    assert np.abs(once.probabilities - plain[0].probabilities).max() > 1e-4
    # Whatever was learnt with, what is shown is plain cross-entropy.
    _, labels, is_valid = given
    chance = once.probabilities[np.arange(N), labels]
    np.testing.assert_allclose(once.losses, -np.log(chance), atol=1e-4)
    assert once.epochs[-1].valid_loss == pytest.approx(once.losses[is_valid].mean(), abs=1e-4)


def test_mixing_alpha_is_that_of_the_mixing(given, tmp_path):
    little = trained(given, tmp_path / "a", mix="mixup", mix_alpha=0.1)
    much = trained(given, tmp_path / "b", mix="mixup", mix_alpha=5.0)
    assert not np.array_equal(little.probabilities, much.probabilities)
    assert much.epochs[-1].train_loss > little.epochs[-1].train_loss  # half of each picture is the other one's


def test_one_cycle_rises_over_a_quarter_and_flat_cos_stays_for_three(given, tmp_path):
    rates = {}
    for schedule in ("one_cycle", "flat_cos"):
        heard = Heard()
        trained(given, tmp_path / schedule, heard, schedule=schedule, epochs=4)
        rates[schedule] = [each.learning_rate for each in heard.batches]  # 16 of them, told after each batch
    assert np.argmax(rates["one_cycle"]) == 4
    assert rates["one_cycle"][0] == pytest.approx(5e-3 / 25)
    assert rates["flat_cos"][:12] == [pytest.approx(5e-3)] * 12
    assert rates["flat_cos"][15] < rates["flat_cos"][13] < 5e-3


def test_restarts_are_fastais_own(given, tmp_path):
    import fastai.callback.schedule  # noqa: F401  (gives Learner its fit_sgdr)
    import torch
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from fastai.learner import Learner

    from curate.training.fitting.schedules import fit_sgdr

    def rates(fit):
        torch.manual_seed(0)
        batches = DataLoader([(torch.ones(1), torch.ones(1))] * 8, bs=2, num_workers=0)
        learn = Learner(DataLoaders(batches, batches), torch.nn.Linear(1, 1), loss_func=torch.nn.MSELoss(), lr=0.1)
        learn.remove_cbs([cb for cb in learn.cbs if cb.name in ("progress",)])
        with learn.no_logging():
            fit(learn)
        return learn.recorder.hps["lr"]

    ours = rates(lambda learn: fit_sgdr(learn, [1, 2, 4], 0.1, []))
    theirs = rates(lambda learn: learn.fit_sgdr(3, 1, 0.1))
    assert len(ours) == 4 * 7
    assert [ours[i] for i in (0, 4, 12)] == [0.1] * 3  # each cycle's first batch
    assert theirs[12] < 1e-9, "rounded to the end of the cycle before, in fastai"
    assert ours[:12] + ours[13:] == pytest.approx(theirs[:12] + theirs[13:], rel=1e-4)
    heard = Heard()
    trained(given, tmp_path, heard, schedule="sgdr", n_cycles=2, cycle_length=2, cycle_mult=1, epochs=9)
    assert [row.epoch for row in heard.rows] == [1, 2, 3, 4]
    per_batch = [each.learning_rate for each in heard.batches]
    assert [i for i, rate in enumerate(per_batch) if rate == pytest.approx(5e-3)] == [0, 8]


def test_a_snapshot_ensemble_is_the_mean_of_the_cycles_ends_in_scores_and_predictions(given, tmp_path):
    from curate.prediction.model import Model, load_model

    settings = {"schedule": "sgdr", "n_cycles": 2, "cycle_length": 1, "cycle_mult": 1}
    first = trained(given, tmp_path / "first", **settings | {"n_cycles": 1})
    both = trained(given, tmp_path / "both", **settings)
    mean = trained(given, tmp_path / "mean", **settings, snapshot_ensemble=True)
    # The first cycle of two is not that of one alone: only the last member is the network trained without snapshots.
    assert not np.array_equal(first.probabilities, mean.probabilities)
    model = load_model(tmp_path / "mean")
    assert isinstance(model, Model)
    assert len(model._networks) == 2
    prepared = [model.prepare(path) for path in given[0]]
    np.testing.assert_allclose(model.predict(prepared), mean.probabilities, atol=1e-5)
    members = []
    for network in model._networks:
        model._networks, kept = [network], model._networks
        members.append(model.predict(prepared))
        model._networks = kept
    np.testing.assert_allclose(members[0], both.probabilities, atol=1e-5)
    np.testing.assert_allclose(np.mean(members, axis=0), mean.probabilities, atol=1e-5)
    assert np.abs(members[0] - members[1]).max() > 1e-3


def test_frozen_groups_never_learn_and_rates_are_those_that_are_shown(given, tmp_path, monkeypatch):
    import torch
    from torchvision.models import squeezenet1_1

    from curate.training.settings import layer_rates

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    torch.manual_seed(0)
    whole = squeezenet1_1(weights=None)
    torch.save(whole.state_dict(), tmp_path / "squeezenet1_1.pth")
    settings: dict[str, Any] = {
        "architecture": "squeezenet1_1",
        "pretrained": True,
        "size_px": 32,
        "schedule": "fine_tune",
    }

    def changed(**more):
        trained(given, tmp_path / "run", **settings, **more)
        after = saved_model.read_weights(tmp_path / "run")
        return [
            not np.allclose(after[f"0.0.{layer}"], whole.state_dict()[f"features.{layer}"].numpy(), atol=1e-7)
            for layer in ("0.weight", "12.squeeze.weight")
        ]

    assert changed(frozen_epochs=1, epochs=0) == [False, False]
    assert changed(frozen_epochs=0, epochs=1) == [True, True]
    assert changed(frozen_epochs=0, epochs=1, frozen_groups=1) == [False, True]
    assert changed(frozen_epochs=0, epochs=1, frozen_groups=2) == [False, False]
    shown = layer_rates.group_rates(replace(CONFIG, **settings, learning_rate=2e-3, lr_low=1e-5, frozen_epochs=1))
    assert [group.name for group in shown] == ["early layers", "late layers", "head"]
    assert [group.frozen for group in shown] == [0, 0, 2e-3]
    assert [group.unfrozen for group in shown] == pytest.approx([1e-5, 1e-4, 1e-3])  # fine_tune halves the last one
    assert saved_model.read_facts(tmp_path / "run").metrics["layer_groups"][0]["unfrozen"] == 0


@pytest.mark.parametrize("lr_low", [None, 1e-5])
@pytest.mark.parametrize("schedule", ["fine_tune", "one_cycle", "flat_cos", "sgdr"])
def test_the_rates_shown_per_layer_group_are_those_fastai_sets(
    given: LabelledPictures, tmp_path, monkeypatch, schedule, lr_low
):
    import torch
    from fastai.callback.core import Callback
    from torchvision.models import squeezenet1_1

    from curate.training.fitting import run, schedules
    from curate.training.settings import layer_rates

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    torch.save(squeezenet1_1(weights=None).state_dict(), tmp_path / "squeezenet1_1.pth")
    highest: dict[int, np.ndarray] = {}

    class Noting(Callback):
        def after_batch(self):
            if self.training:
                now = np.array([hyper["lr"] for hyper in self.opt.hypers])
                phase = self.opt.frozen_idx
                highest[phase] = np.maximum(highest.get(phase, 0), now)

    fit = schedules.fit

    def noting_fit(learn, *rest):
        with learn.added_cbs(Noting()):
            fit(learn, *rest)

    monkeypatch.setattr(schedules, "fit", noting_fit)
    config = replace(
        CONFIG, architecture="squeezenet1_1", pretrained=True, size_px=32, schedule=schedule, lr_low=lr_low, epochs=3,
        frozen_epochs=0, learning_rate=2e-3, n_cycles=2,
    )  # fmt: skip
    run.train(*given, NAMES, config, tmp_path / "run")
    shown = [group.unfrozen for group in layer_rates.group_rates(config)]
    assert highest[0] == pytest.approx(shown, rel=0.2)  # the highest point lies between two of 12 batches
    assert highest[0] / highest[0][-1] == pytest.approx(np.array(shown) / shown[-1])


def test_our_phases_are_fastais_fine_tune(given, tmp_path, monkeypatch):
    import random

    import torch
    from fastai.torch_core import set_seed
    from torchvision.models import squeezenet1_1

    from curate.training.fitting import schedules

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    torch.manual_seed(0)
    torch.save(squeezenet1_1(weights=None).state_dict(), tmp_path / "squeezenet1_1.pth")
    config = {"architecture": "squeezenet1_1", "pretrained": True, "size_px": 32, "schedule": "fine_tune"}
    config["augment"] = "light"  # else the frozen epochs run on cached features
    ours = trained(given, tmp_path / "ours", **config)

    def fine_tune(learn, config, rate, *rest):
        set_seed(config.seed, reproducible=True)
        learn.dls.train.rng = random.Random(config.seed)
        learn.fine_tune(config.epochs, rate, freeze_epochs=config.frozen_epochs)

    monkeypatch.setattr(schedules, "fit", fine_tune)
    theirs = trained(given, tmp_path / "theirs", **config)
    assert np.array_equal(ours.probabilities, theirs.probabilities)


def test_a_share_takes_training_pictures_evenly_from_every_label():
    from curate.training.fitting.sampling import draw_share

    labels = np.array([0] * 60 + [1] * 20 + [2] * 3)
    rows = np.arange(len(labels))
    half = draw_share(rows, labels, 0.5, seed=1)
    assert np.bincount(labels[half]).tolist() == [30, 10, 2]
    assert set(draw_share(rows, labels, 0.25, seed=1)) < set(half)
    assert np.bincount(labels[draw_share(rows, labels, 0.01, seed=1)]).tolist() == [1, 1, 1]
    assert draw_share(rows, labels, 0.5, seed=2).tolist() != half.tolist()
    assert draw_share(rows, labels, 1.0, seed=1) is rows


def test_a_share_leaves_the_held_out_pictures_all_there(given, tmp_path):
    heard = Heard()
    trained(given, tmp_path, heard, share=0.5)
    facts = saved_model.read_facts(tmp_path).metrics
    assert (facts["n_train"], facts["n_valid"]) == (18, 12)
    assert {each.n_batches for each in heard.batches} == {2}  # 18 // 8


def loaders(labels, **settings):
    from curate.training.fitting import data

    pixels = np.zeros((len(labels), 16, 16, 3), dtype=np.uint8)
    config = replace(CONFIG, batch_size=50, **settings)
    rows = np.arange(len(labels))
    return data.make_loaders(
        data.Rows(pixels, labels, rows, 0), data.Rows(pixels, labels, rows, 1), NAMES, config, "cpu"
    )


def test_balanced_sampling_shows_every_label_equally_often_and_judges_all_pictures_once():
    labels = np.array([0] * 900 + [1] * 100)
    np.random.seed(0)
    even = loaders(labels, balance="sampling")
    seen = np.concatenate([y.numpy() for _, y in even.train])
    assert len(seen) == 1000
    assert 0.45 < seen.mean() < 0.55
    assert np.concatenate([y.numpy() for _, y in even.valid]).tolist() == labels.tolist()


def test_label_weights_are_in_the_training_loss_alone(given):
    import torch

    from curate.training.fitting.losses import training_loss

    logits, targets = torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1])
    config = replace(CONFIG, balance="weights")
    weighted = training_loss(config, np.array([30, 10]), torch.device("cpu"))
    # Weights 20/30 and 20/10: the mean is (2/3 * 0.1269 + 2 * 2.1269) / (2/3 + 2)
    assert float(weighted(logits, targets)) == pytest.approx((2 / 3 * 0.12693 + 2 * 2.12693) / (8 / 3), abs=1e-4)
    plain = training_loss(CONFIG, np.array([30, 10]), torch.device("cpu"))
    assert float(plain(logits, targets)) == pytest.approx((0.12693 + 2.12693) / 2, abs=1e-4)
    smooth = training_loss(replace(CONFIG, label_smoothing=0.2), np.array([30, 10]), torch.device("cpu"))
    # 0.8 of the plain loss and 0.2 of the mean over both labels, which is the same number here
    assert float(smooth(logits[:1], targets[:1])) == pytest.approx(
        0.8 * 0.12693 + 0.2 * (0.12693 + 2.12693) / 2, abs=1e-4
    )


def test_patience_ends_a_training_that_learns_nothing_more(given, tmp_path):
    heard = Heard()
    result = trained(given, tmp_path, heard, patience=2, epochs=40, learning_rate=1e-9)
    losses = [row.valid_loss for row in heard.rows]
    assert len(losses) < 40
    best = int(np.argmin(losses))
    assert len(losses) - 1 - best >= 2
    assert [row.epoch for row in result.epochs] == list(range(1, len(losses) + 1))  # the last one is told, too


def test_the_best_epoch_is_kept(given, tmp_path):
    paths, _, is_valid = given
    unlearnable = paths, np.random.default_rng(4).integers(0, 2, N), is_valid
    last = trained(unlearnable, tmp_path / "last", epochs=6)
    best = trained(unlearnable, tmp_path / "best", epochs=6, keep_best=True)
    losses = [row.valid_loss for row in best.epochs]
    assert losses == [row.valid_loss for row in last.epochs]
    assert min(losses) < losses[-1]
    assert best.valid_loss == pytest.approx(min(losses), abs=1e-5)
    assert last.valid_loss == pytest.approx(losses[-1], abs=1e-5)


def test_pictures_grow_from_epoch_to_epoch_and_held_out_ones_never_shrink(given, tmp_path, monkeypatch):
    from curate.training.fitting import run

    seen: dict[bool, list[int]] = {True: [], False: []}
    make = run.make_task_learner

    def noting(*args):
        learn = make(*args)
        learn.model[0].register_forward_pre_hook(
            lambda module, inputs: seen[module.training].append(inputs[0].shape[-1])
        )
        return learn

    monkeypatch.setattr(run, "make_task_learner", noting)
    trained(given, tmp_path, size_px=32, start_px=16, epochs=3)
    assert seen[True] == [16] * 4 + [24] * 4 + [32] * 4
    assert set(seen[False]) == {32}


def test_a_random_crop_is_judged_by_the_middle_as_fastai_does(given, tmp_path):
    import torch
    from fastai.torch_core import TensorImage
    from fastai.vision.augment import RandomResizedCrop
    from fastai.vision.core import PILImage

    from curate.prediction.model import load_model
    from curate.training.fitting import decoded_cache
    from curate.training.fitting.transforms import batch_transforms

    config = replace(CONFIG, resize="random_crop", size_px=32)
    assert config.stored_px == 40  # 32 and 14 % more, rounded up to a multiple of 8
    stored = decoded_cache.read_fitted(given[0][0], config.stored_px, config.resize)
    theirs = RandomResizedCrop(32, min_scale=0.35)(PILImage.create(given[0][0]), split_idx=1)
    middle = batch_transforms(config)[2]
    ours = middle(TensorImage(torch.from_numpy(stored.copy()).permute(2, 0, 1)[None]), split_idx=1)
    assert np.array_equal(ours[0].permute(1, 2, 0).numpy(), np.asarray(theirs))
    result = trained(given, tmp_path, resize="random_crop", size_px=32)
    model = load_model(tmp_path)
    predicted = model.predict([model.prepare(path) for path in given[0]])
    np.testing.assert_allclose(predicted, result.probabilities, atol=1e-5)


def test_test_time_augmentation_is_fastais_and_predicts_a_picture_the_same_whatever_it_comes_with(given, tmp_path):
    from curate.prediction.model import load_model

    once = trained(given, tmp_path / "plain", augment="standard")
    averaged = trained(given, tmp_path / "tta", augment="standard", tta=True, tta_n=2)
    assert np.abs(once.probabilities - averaged.probabilities).max() > 1e-3
    np.testing.assert_allclose(averaged.probabilities.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(averaged.losses, -np.log(averaged.probabilities[np.arange(N), given[1]]), atol=1e-5)
    plain, model = load_model(tmp_path / "plain"), load_model(tmp_path / "tta")
    prepared = [model.prepare(path) for path in given[0][:6]]
    together = model.predict(prepared)
    assert np.abs(together - plain.predict(prepared)).max() > 1e-4
    alone = np.concatenate([model.predict([each]) for each in prepared])
    np.testing.assert_allclose(together, alone, atol=1e-6)
