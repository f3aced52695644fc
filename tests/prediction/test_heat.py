"""Heat maps: hot where the thing is that the label is about, laid over the whole picture, kept, or refused in words."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate import store
from curate.embeddings import quick_look_head
from curate.errors import BadInput, NotFound
from curate.prediction import heat
from curate.prediction.process import torch_process
from curate.training import saved_model
from curate.training.settings.config import TrainConfig


def with_square(number: int, label: int, is_right: bool) -> tuple[np.ndarray, tuple[int, int]]:
    """(64, 64, 3), grey noise with one square of 16 px, red for label 0 and blue for label 1; its top and left."""
    rng = np.random.default_rng(number)
    picture = rng.integers(100, 140, (64, 64, 3), dtype=np.uint8)
    top, left = int(rng.integers(4, 44)), int(rng.integers(36, 44) if is_right else rng.integers(4, 12))
    picture[top : top + 16, left : left + 16] = [(230, 20, 20), (20, 20, 230)][label]
    return picture, (top, left)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder: a small network that learnt to tell red squares from blue ones, wherever they are."""
    from curate.training.fitting.run import train

    folder, files = tmp_path_factory.mktemp("squares"), []
    for number in range(48):
        files.append(folder / f"{number}.png")
        Image.fromarray(with_square(number, number % 2, number % 4 < 2)[0]).save(files[-1])
    labels, is_valid = np.arange(48) % 2, np.arange(48) >= 40
    config = TrainConfig(
        architecture="small_cnn", pretrained=False, size_px=64, epochs=6, batch_size=8, learning_rate=1e-2,
        augment="none", precision="float32",
    )  # fmt: skip
    train(files, labels, is_valid, ["red", "blue"], config, folder / "run")
    return folder / "run"


@pytest.mark.parametrize("is_right", [False, True])
def test_the_map_of_a_trained_network_is_hot_on_the_square_and_cold_elsewhere(trained: Path, is_right: bool) -> None:
    from curate.prediction.model import load_model

    model = load_model(trained)
    for label in (0, 1):
        picture, corner = with_square(1000 + label, label, is_right)
        assert model.predict([picture]).argmax() == label
        heat = model.heat(picture, [label])[0]
        assert heat.shape == (8, 8)  # a place is 8 px wide
        hottest = np.array(np.unravel_index(heat.argmax(), heat.shape)) * 8 + 4
        assert np.abs(hottest - (np.array(corner) + 8)).max() <= 12  # on the square or at its edge
        side = heat[:, 4:] if is_right else heat[:, :4]
        assert side.sum() > 0.7 * heat.sum()


def test_a_network_whose_last_layer_is_one_place_has_no_map() -> None:
    import torch
    from torch import nn

    from curate.prediction.gradcam import grad_cam

    pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Sequential(nn.Flatten(), nn.Linear(3, 2)))
    with pytest.raises(BadInput, match="no heat map"):
        grad_cam(pooled, torch.zeros(1, 3, 8, 8), [0])


def test_grad_cam_weights_channels_by_their_gradient_and_cuts_off_what_speaks_against() -> None:
    """By hand: the score is 3 times the mean of red minus the mean of blue, so a place counts (3 red - blue) / 4."""
    import torch
    from torch import nn

    from curate.prediction.gradcam import grad_cam

    head = nn.Linear(3, 1, bias=False)
    head.weight.data = torch.tensor([[3.0, 0.0, -1.0]])
    network = nn.Sequential(nn.Identity(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    picture = torch.zeros(1, 3, 2, 2)
    picture[0, 0, 0, 0], picture[0, 2, 0, 1], picture[0, 0, 1, 1] = 1.0, 5.0, 2.0
    assert grad_cam(network, picture, [0])[0].tolist() == [[0.75, 0.0], [0.0, 1.5]]


def test_a_heads_gradient_is_what_a_small_step_does() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(0, 1, (30, 4))
    head = quick_look_head.fit(
        np.zeros(4, np.float32), rng.normal(0, 1, (4, 3)).astype(np.float32), points, np.arange(30) % 3, 3
    )
    place = rng.normal(0, 1, 4)
    steps = np.eye(4) * 1e-2
    scores = [
        quick_look_head._scores(head, quick_look_head.points_of(place + way * steps, head.mean, head.matrix))
        for way in (1, -1)
    ]
    for label in range(3):
        assert head.gradient(place, label) == pytest.approx((scores[0] - scores[1])[:, label] / 2e-2, abs=2e-3)


def test_pixels_say_that_they_have_no_map(tmp_path: Path) -> None:
    from curate.prediction.quick_model import load_quick_model

    head = quick_look_head.fit(
        np.zeros(432, np.float32), np.eye(432, 3, dtype=np.float32), np.eye(8, 432), np.arange(8) % 2, 2
    )
    config = TrainConfig(method="quick_look", architecture="pixels", size_px=32, resize="squish")
    facts = saved_model.ModelFacts(["cats", "dogs"], config, [0.0] * 3, [1.0] * 3, {})
    saved_model.write_model(tmp_path, facts, [head.parameters()], np.zeros((8, 2)))
    model = load_quick_model(tmp_path)
    with pytest.raises(BadInput, match="`pixels` says of a picture cannot be traced"):
        model.heat(with_square(1, 0, False)[0][:32, :32], [0])


def test_a_map_covers_what_the_network_saw_of_the_picture() -> None:
    assert heat.box(TrainConfig(resize="squish"), (200, 100)) == (0, 0, 1, 1)
    assert heat.box(TrainConfig(resize="crop"), (100, 200)) == (0, 0.25, 1, 0.75)
    assert heat.box(TrainConfig(resize="pad"), (100, 200)) == (-0.5, 0, 1.5, 1)
    middle = heat.box(TrainConfig(resize="random_crop", size_px=224), (200, 100))  # decoded at 256, 224 of it judged
    assert middle == (0.0625, 0.0625, 0.9375, 0.9375)


def test_the_layer_is_see_through_where_nothing_is_and_has_the_pictures_shape() -> None:
    hot = np.array([[0.0, 2.0]], np.float32)
    layer = Image.open(BytesIO(heat.as_png(hot, (0, 0, 1, 1), (400, 100))))
    assert (layer.mode, layer.size) == ("RGBA", (384, 96))
    assert np.asarray(layer)[:, :60, 3].max() == 0
    assert np.asarray(layer)[48, 380].tolist() == [255, 240, 140, 217]
    cropped = np.asarray(Image.open(BytesIO(heat.as_png(hot, (0.25, 0, 0.75, 1), (400, 100)))))
    assert cropped[48, 286].tolist() == [255, 240, 140, 217] and cropped[:, 289:, 3].max() == 0
    mirrored = np.asarray(Image.open(BytesIO(heat.as_png(hot.T, (0, -1, 1, 1), (400, 100)))))
    assert mirrored[90, 200].tolist() == [255, 240, 140, 217]


def test_a_kept_map_needs_no_model_and_one_of_zeros_is_said_in_words(picture) -> None:
    sha = store.add_blob(picture(1))
    with pytest.raises(NotFound, match="This run has no model"):
        heat.layer(5, sha, 0, TrainConfig(), (8, 8))
    heat._keep(5, sha, 0, np.eye(3, dtype=np.float32))
    heat._keep(5, sha, 1, np.zeros((3, 3), np.float32))
    assert heat.layer(5, sha, 0, TrainConfig(), (8, 8)).startswith(b"\x89PNG")
    with pytest.raises(BadInput, match="Nothing in this picture speaks for that label"):
        heat.layer(5, sha, 1, TrainConfig(), (8, 8))
    assert torch_process.started == []
