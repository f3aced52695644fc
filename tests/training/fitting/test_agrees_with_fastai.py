"""A training reports what fastai would say of the same model and pictures, and what it leaves can be used again."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from curate.errors import BadInput, BadPicture, JobFailed, NoWeights
from curate.training import saved_model
from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig

N = 40
CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, epochs=2, batch_size=8, learning_rate=5e-3,
    augment="light", precision="float32",
)  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """(paths, labels, is_valid): bright and dark noise, one in ten filed wrong."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    paths = []
    for i in range(N):
        pixels = rng.integers(0, 120, (36, 44, 3)) + (i % 2) * 110
        paths.append(folder / f"{i}.png")
        Image.fromarray(pixels.astype(np.uint8)).save(paths[-1])
    labels = np.arange(N) % 2
    labels[[4, 15, 26, 37]] ^= 1
    return paths, labels, np.arange(N) % 4 == 0


@pytest.fixture(scope="module")
def run(given, tmp_path_factory):
    """(result, folder) of one training on `given`."""
    from curate.training.fitting.run import train

    folder = tmp_path_factory.mktemp("run")
    paths, labels, is_valid = given
    return train(paths, labels, is_valid, ["dark", "bright"], CONFIG, folder), folder


def fastais_own(given, model, batch_size, augments=(), is_resized=False):
    """A Learner of fastai over all pictures, made with a DataBlock, around the network of a trained model.

    is_resized: fastai gets the pictures at size, for its own Resize cuts elsewhere when it augments.
    """
    from fastai.data.transforms import IntToFloatTensor, Normalize
    from fastai.learner import Learner
    from fastai.losses import CrossEntropyLossFlat
    from fastai.vision.augment import Resize
    from fastai.vision.data import CategoryBlock, DataBlock, ImageBlock

    paths, labels, _ = given
    names = np.array(["dark", "bright"])[labels]
    pictures = [model.prepare(path) for path in paths] if is_resized else paths
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=["dark", "bright"], sort=False)),
        get_x=lambda i: pictures[i],
        get_y=lambda i: names[i],
        splitter=lambda items: (list(items), list(items)),
        item_tfms=None if is_resized else Resize(32, method="crop"),
        batch_tfms=[IntToFloatTensor(), *augments, Normalize.from_stats(model.facts.mean, model.facts.std, cuda=False)],
    )
    loaders = block.dataloaders(list(range(N)), bs=batch_size, val_bs=batch_size, device="cpu", num_workers=0)
    return Learner(loaders, model._network, loss_func=CrossEntropyLossFlat())


def test_losses_and_probabilities_are_those_of_fastais_get_preds(given, run):
    from fastai.interpret import ClassificationInterpretation

    from curate.evaluation import confusion
    from curate.prediction.model import load_model

    result, folder = run
    learn = fastais_own(given, load_model(folder), batch_size=8)
    probabilities, _, losses = learn.get_preds(dl=learn.dls.valid, with_loss=True)
    np.testing.assert_allclose(result.probabilities, probabilities.numpy(), atol=1e-4)
    np.testing.assert_allclose(result.losses, losses.numpy(), atol=1e-4)
    theirs = ClassificationInterpretation.from_learner(learn, dl=learn.dls.valid)
    assert theirs.top_losses(10)[1].tolist() == np.argsort(-result.losses, kind="stable")[:10].tolist()
    assert theirs.confusion_matrix().tolist() == confusion(given[1], result.predicted, 2).tolist()


def test_test_time_augmentation_is_fastais_tta_to_the_last_random_number(given, tmp_path):
    from fastai.torch_core import set_seed
    from fastai.vision.augment import aug_transforms

    from curate.prediction.model import load_model
    from curate.training.fitting.run import train

    paths, labels, is_valid = given
    # Learnt with smoothed labels: what is scored is plain cross-entropy all the same.
    config = replace(CONFIG, tta=True, tta_n=2, label_smoothing=0.1, augment="standard")
    result = train(paths, labels, is_valid, ["dark", "bright"], config, tmp_path)
    learn = fastais_own(given, load_model(tmp_path), 2 * config.batch_size, aug_transforms(), is_resized=True)
    assert learn.dls.n_inp == 1  # asked now: fastai augments a batch to find out
    set_seed(config.seed, reproducible=True)
    probabilities, targets = learn.tta(dl=learn.dls.valid, n=2)
    np.testing.assert_allclose(result.probabilities, probabilities.numpy(), atol=1e-4)
    np.testing.assert_allclose(result.losses, -np.log(probabilities.numpy()[np.arange(N), targets]), atol=1e-3)


def test_the_epoch_table_and_the_accuracy_are_of_the_held_out_pictures(given, run):
    _, labels, is_valid = given
    result, folder = run
    right = (result.predicted == labels)[is_valid]
    assert result.accuracy == pytest.approx(right.mean())
    assert [row.epoch for row in result.epochs] == [1, 2]
    last = result.epochs[-1]
    assert last.accuracy == pytest.approx(result.accuracy)
    assert last.error_rate == pytest.approx(1 - last.accuracy)
    assert last.valid_loss == pytest.approx(result.losses[is_valid].mean(), abs=1e-4)
    assert np.array_equal(np.load(folder / saved_model.PROBABILITIES), result.probabilities)
    facts = json.loads((folder / "model.json").read_text())
    assert facts["labels"] == ["dark", "bright"]
    assert not (folder / "scratch").exists()


def test_the_same_seed_gives_the_same_figures(given, run, tmp_path):
    from curate.training.fitting.run import train

    paths, labels, is_valid = given
    again = train(paths, labels, is_valid, ["dark", "bright"], CONFIG, tmp_path)
    assert np.array_equal(again.probabilities, run[0].probabilities)


class StopsAfter(Silent):
    """Asks to stop once so many batches were learnt from."""

    def __init__(self, n: int) -> None:
        self.left = n

    def batch(self, progress) -> None:
        self.left -= 1

    def stop_requested(self) -> bool:
        return self.left <= 0


def test_stopping_keeps_what_was_learnt_so_far_and_scores_every_picture(given, tmp_path):
    from curate.training.fitting.run import train

    paths, labels, is_valid = given
    stopped = train(paths, labels, is_valid, ["dark", "bright"], CONFIG, tmp_path, StopsAfter(2))
    assert stopped.is_stopped_early
    assert stopped.probabilities.shape == (N, 2)
    assert saved_model.read_facts(tmp_path).metrics["is_stopped_early"]
    with pytest.raises(JobFailed, match="nothing was learnt"):
        train(paths, labels, is_valid, ["dark", "bright"], CONFIG, tmp_path / "none", StopsAfter(0))


def test_weights_that_are_not_to_be_had_are_said_in_one_sentence_and_nothing_is_trained(given, tmp_path, monkeypatch):
    import torch.hub

    from curate.training.fitting.run import train

    def no_network(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(torch.hub, "download_url_to_file", no_network)
    paths, labels, is_valid = given
    with pytest.raises(NoWeights, match="squeezenet1_1"):
        train(paths, labels, is_valid, ["dark", "bright"], TrainConfig("squeezenet1_1", size_px=32), tmp_path / "run")
    assert not (tmp_path / "run" / "model.json").exists()


def test_pretrained_weights_from_a_folder_are_the_ones_that_are_used(given, tmp_path, monkeypatch, shared_data):
    import torch
    from torchvision.models import squeezenet1_1

    from curate.training.fitting.run import train

    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))
    paths, labels, is_valid = given
    config = TrainConfig(
        "squeezenet1_1", size_px=64, epochs=0, frozen_epochs=1, learning_rate=1e-3, batch_size=8, precision="float32"
    )
    train(paths, labels, is_valid, ["dark", "bright"], config, tmp_path)
    whole = squeezenet1_1(weights=None)
    whole.load_state_dict(torch.load(shared_data / "weights" / "squeezenet1_1.pth", weights_only=True))
    # Frozen: the first convolution is still ImageNet's.
    np.testing.assert_allclose(
        saved_model.read_weights(tmp_path)["0.0.0.weight"], whole.features[0].weight.detach().numpy(), atol=1e-6
    )


def test_a_picture_that_cannot_be_read_any_more_is_named(given, tmp_path):
    from curate.training.fitting.run import train

    paths, labels, is_valid = given
    broken = tmp_path / "gone.png"
    broken.write_bytes(paths[3].read_bytes()[:60])
    with pytest.raises(BadPicture, match=r"gone\.png"):
        train([broken, *paths[1:]], labels, is_valid, ["dark", "bright"], CONFIG, tmp_path / "run")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"size_px": 8}, "Image size must be a whole number from 16 to 1,024"),
        ({"epochs": 0}, "Epochs must be a whole number from 1"),
        ({"architecture": "resnet9000"}, "no architecture"),
        ({"learning_rate": 11}, "Learning rate must be a number from 1e-09 to 10, not 11"),
        ({"resize": "stretch"}, "is not known"),
        ({"architecture": "xresnet18", "pretrained": True}, "no pretrained weights"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_a_sentence(wrong, sentence):
    with pytest.raises(BadInput, match=sentence):
        TrainConfig(**({"pretrained": False} | wrong)).validated()


def test_settings_survive_being_stored():
    assert TrainConfig.from_json(json.loads(json.dumps(CONFIG.to_json()))) == CONFIG
    with pytest.raises(BadInput, match="no setting `momentum`"):
        TrainConfig.from_json({"momentum": 1})
