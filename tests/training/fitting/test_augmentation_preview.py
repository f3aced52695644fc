"""One picture augmented many times: what is shown is what a training would be shown."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from curate.errors import BadPicture
from curate.training.settings.config import TrainConfig

PLAIN = TrainConfig(architecture="small_cnn", pretrained=False, size_px=32)
MIRRORED = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, augment="custom", flip=True, p_affine=0.0, p_lighting=0.0
)  # fmt: skip


@pytest.fixture(scope="module")
def picture():
    """A PNG of 64 x 48 px, its left half white."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32] = 255
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def shown(picture, config, n=24):
    from curate.training.fitting.augmentation_preview import augmented

    return [np.asarray(Image.open(BytesIO(each))) for each in augmented(picture, config, n)]


def test_without_augmentation_every_one_is_the_picture_fitted(picture):
    copies = shown(picture, PLAIN, 3)
    assert [copy.shape for copy in copies] == [(32, 32, 3)] * 3
    for copy in copies:
        assert copy[:, :15].min() > 240 and copy[:, 17:].max() < 15


def test_about_half_are_mirrored_and_the_same_seed_shows_the_same(picture):
    copies = shown(picture, MIRRORED)
    is_left = [bool(copy[:, 2].mean() > 128) for copy in copies]
    assert len(copies) == 24 and 4 < sum(is_left) < 20
    again = shown(picture, MIRRORED)
    assert all(np.array_equal(one, other) for one, other in zip(copies, again, strict=True))


def test_random_crops_differ_from_one_another(picture):
    from dataclasses import replace

    copies = shown(picture, replace(PLAIN, resize="random_crop"), 8)
    assert {copy.shape for copy in copies} == {(32, 32, 3)}
    assert len({copy.tobytes() for copy in copies}) > 2


def test_what_is_no_picture_is_said(picture):
    with pytest.raises(BadPicture):
        shown(b"no picture", PLAIN)
