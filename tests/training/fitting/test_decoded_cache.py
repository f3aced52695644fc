"""Pictures at training size are fastai's own, decoded once, and never more than the disk holds."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from curate import square
from curate.errors import BadInput
from curate.training.fitting import decoded_cache


def picture(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("resize", ["crop", "pad", "squish"])
@pytest.mark.parametrize("size", [(64, 64), (80, 50), (50, 81), (20, 300), (7, 9)])
def test_a_fitted_picture_is_the_one_fastais_resize_makes_for_validation(resize, size):
    from fastai.vision.augment import Resize
    from fastai.vision.core import PILImage

    theirs = Resize(32, method=resize)(PILImage.create(picture(*size)), split_idx=1)
    assert np.array_equal(square.fit(picture(*size), 32, resize), np.asarray(theirs))


@pytest.mark.parametrize("resize", ["crop", "pad", "squish"])
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (300, 1)])
def test_a_picture_one_pixel_wide_is_fitted_too(resize, size):
    assert square.fit(picture(*size), 49, resize).shape == (49, 49, 3)


@pytest.mark.parametrize("size", [(20_000, 10), (10, 20_000)])
def test_a_padded_panorama_takes_the_memory_of_the_size_asked_for_not_of_its_length_squared(size):
    panorama = Image.new("RGB", size, "red")
    panorama.paste("blue", (0, 0, min(size[0], 10_000), min(size[1], 10_000)))  # the first half
    tracemalloc.start()
    padded = square.fit(panorama, 64, "pad")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000  # bytes; the square at full size has 1,200,000,000
    along = padded[32] if size[0] > 10 else padded[:, 32]
    assert along[:30, 2].min() > 250 and along[34:, 0].min() > 250


def test_a_crop_takes_the_middle():
    wide = Image.new("RGB", (30, 10), "red")
    wide.paste("blue", (10, 0, 20, 10))
    assert square.fit(wide, 10, "crop").reshape(-1, 3).tolist() == [[0, 0, 255]] * 100


def test_the_array_keeps_the_order_of_the_files_and_says_how_far_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(decoded_cache, "_CHUNK", 2)
    files = []
    for level in range(5):
        files.append(tmp_path / f"{level}.png")
        Image.new("RGB", (9, 9), (level, 0, 0)).save(files[-1])
    done: list[int] = []
    pixels = decoded_cache.fill(files, 16, "crop", tmp_path / "pixels.npy", 2, done.append)
    assert pixels[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert done == [2, 4, 5]


def test_a_full_disk_is_said_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(decoded_cache.shutil, "disk_usage", lambda folder: SimpleNamespace(free=2_000_000_000))
    with pytest.raises(BadInput, match=r"need 3\.0 GB of disk at this size; 2\.0 GB are free"):
        decoded_cache.fill([tmp_path / "a.png"] * 20_000, 224, "crop", tmp_path / "pixels.npy", 2, lambda n: None)
    assert not (tmp_path / "pixels.npy").exists()
