"""The code that is shown for a run does what the run does: it is run, by fastai, on a tiny folder."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from curate.training.settings.config import SAMPLE, TrainConfig
from curate.training.settings.fastai_code import as_code

TINY = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, epochs=1, batch_size=4, learning_rate=1e-3, seed=1
)
TUNED = replace(TINY, architecture="squeezenet1_1", pretrained=True)
LABELS = ["wet", "dry"]


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with pictures/train and pictures/valid: 12 wet and 8 dry to train on, 3 of each held out; weights."""
    import torch
    from torchvision.models import squeezenet1_1

    folder, rng = tmp_path_factory.mktemp("notebook"), np.random.default_rng(0)
    for split, label, n in (("train", "wet", 12), ("train", "dry", 8), ("valid", "wet", 3), ("valid", "dry", 3)):
        place = folder / "pictures" / split / label
        place.mkdir(parents=True)
        for i in range(n):
            Image.fromarray(rng.integers(0, 256, (40, 36, 3), dtype=np.uint8)).save(place / f"{i}.png")
    cache = folder / "torch" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    torch.save(squeezenet1_1(weights=None).state_dict(), cache / "squeezenet1_1-b8a52dc0.pth")
    return folder


@pytest.fixture
def run(here, monkeypatch):
    """`run(config)`: the names that its code leaves behind, run in that folder without further processes."""
    import torch
    from fastai.learner import Learner

    monkeypatch.chdir(here)
    monkeypatch.setenv("TORCH_HOME", str(here / "torch"))
    torch.set_num_threads(1)
    epoch = Learner._do_epoch_train

    def execute(config):
        code = as_code(config.validated(), LABELS).replace(", bs=4)", ", bs=4, num_workers=0)")
        names = {"n_epochs": 0}

        def counted(learn):
            names["n_epochs"] += 1
            epoch(learn)

        monkeypatch.setattr(Learner, "_do_epoch_train", counted)
        exec(compile(code, "notebook", "exec"), names)
        return names

    return execute


# fastai makes those that it does not know with an argument that torchvision has given up.
@pytest.mark.filterwarnings("ignore:The parameter 'pretrained' is deprecated:UserWarning")
@pytest.mark.filterwarnings("ignore:Arguments other than a weight enum:UserWarning")
@pytest.mark.parametrize(
    ("config", "n_epochs"),
    [
        (TINY, 1),
        (TUNED, 2),
        (replace(TUNED, network_head="kernel", learning_rate=1e-5), 2),
        (replace(TUNED, frozen_groups=1, weight_decay=0.1, frozen_epochs=0), 1),
        (replace(TUNED, schedule="one_cycle", lr_low=1e-5), 2),
        (replace(TINY, schedule="flat_cos", optimizer="ranger", augment="standard", resize="random_crop"), 1),
        (replace(TINY, schedule="sgdr", n_cycles=2, cycle_mult=1, snapshot_ensemble=True, optimizer="sgd"), 2),
        (replace(TINY, schedule="sgdr", n_cycles=2, snapshot_ensemble=True, tta=True, tta_n=2, augment="light"), 3),
        (replace(TINY, balance="sampling", mix="mixup", patience=3, keep_best=True, resize="squish"), 1),
        (replace(TINY, balance="weights", label_smoothing=0.1, mix="cutmix", resize="pad"), 1),
        (
            replace(
                TINY,
                start_px=16,
                epochs=2,
                share=0.5,
                balance="sampling",
                augment="custom",
                flip=False,
                random_erasing=0.5,
            ),
            2,
        ),
        (replace(TINY, architecture="mobilenet_v3_small", lr_low=1e-5, schedule="one_cycle"), 1),
    ],
    ids=lambda value: "",
)
def test_the_code_runs_and_trains_as_many_epochs(run, config, n_epochs):
    names = run(config)
    learn = names["learn"]
    assert learn.dls.vocab == LABELS
    assert names["probabilities"].shape == (6, 2)
    assert names["n_epochs"] == n_epochs == config.n_epochs
    assert learn.dls.train.bs == 4
    assert len(learn.dls.train_ds) == (10 if config.share < 1 else 20)


def test_the_settings_are_the_ones_fastai_takes(run):
    from fastai.callback.mixup import MixUp
    from fastai.losses import LabelSmoothingCrossEntropyFlat

    config = replace(
        TUNED, weight_decay=0.3, mix="mixup", mix_alpha=0.7, label_smoothing=0.2, balance="weights", size_px=48,
        frozen_groups=1, schedule="one_cycle", lr_low=1e-5,
    )  # fmt: skip
    learn = run(config)["learn"]
    assert learn.wd == 0.3
    mixing = next(cb for cb in learn.cbs if isinstance(cb, MixUp))
    assert float(mixing.distrib.concentration1) == pytest.approx(0.7)
    assert isinstance(learn.loss_func, LabelSmoothingCrossEntropyFlat)
    assert learn.loss_func.func.eps == 0.2
    assert learn.loss_func.func.weight.tolist() == pytest.approx([10 / 12, 10 / 8])  # of 12 wet and 8 dry ones
    assert learn.opt.frozen_idx == 1
    assert learn.dls.one_batch()[0].shape[-1] == 48


def test_a_quick_look_is_cross_validated_on_what_a_frozen_network_sees(run):
    for architecture in ("squeezenet1_1", "pixels"):
        names = run(TrainConfig(method="quick_look", architecture=architecture, size_px=32, folds=2, batch_size=4))
        assert names["probabilities"].shape == (20, 2)
        np.testing.assert_allclose(names["probabilities"].sum(axis=1), 1, atol=1e-6)


def test_a_notebook_reads_as_one_would_write_it():
    code = as_code(TrainConfig("resnet34", augment="standard", epochs=3), ["cats", "dogs"])
    assert "item_tfms=Resize(224, method=ResizeMethod.Crop)" in code
    assert "batch_tfms=[*aug_transforms()]" in code
    assert "vision_learner(dls, resnet34, metrics=accuracy)" in code
    assert code.endswith(
        "rate = 0.002\nlearn.fine_tune(3, rate, freeze_epochs=1)\nprobabilities, targets = learn.get_preds()\n"
    )
    assert "aug_transforms(do_flip=False, max_rotate=8.0, max_zoom=1.1, max_lighting=0.1, max_warp=0.0)" in as_code(
        SAMPLE
    )
    assert "learn.lr_find(show_plot=False).valley" in as_code(replace(TINY, learning_rate=None))
    assert "vocab=['it\\'s']" in as_code(TINY, ["it's"]) or 'vocab=["it\'s"]' in as_code(TINY, ["it's"])
