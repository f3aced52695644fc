"""Measures of hand-made pictures, worked out by hand; CleanVision's own scores turned over."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cleanvision.issue_managers.image_property_issue_manager import ImagePropertyIssueManager
from PIL import Image, ImageFilter

from curate.errors import BadPicture
from curate.quality import measures
from curate.quality.issues import ISSUES, OF_PICTURE


def saved(folder: Path, picture: Image.Image, name: str = "one.png") -> Path:
    path = folder / name
    picture.save(path)
    return path


def measured(folder: Path, picture: Image.Image) -> dict[str, float]:
    result = measures.scores([measures.look_at(saved(folder, picture))])
    return {name: float(values[0]) for name, values in result.items()}


def issues(folder: Path, picture: Image.Image) -> list[str]:
    return [name for name, value in measured(folder, picture).items() if value > ISSUES[name].threshold]


def gradient() -> Image.Image:
    """256 x 256, each of the 256 grey levels in one column."""
    return Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (256, 1))).convert("RGB")


def noise(width: int = 200, height: int = 200) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_a_black_picture_is_dark_and_empty(tmp_path: Path):
    result = measured(tmp_path, Image.new("RGB", (64, 64)))
    # Pillow takes the entropy over the three channels' histograms together: three bins with a third of all each.
    # One of 256 grey levels holds all 4,096 pixels, so their histogram deviates by 4096 * sqrt(255) / 256 = 255.5.
    expected = {
        "dark": 1,
        "bright": 0,
        "odd_aspect": 0,
        "low_information": 1 - np.log2(3) / 10,
        "blurry": np.exp(-2.555),
    }
    assert result == pytest.approx(expected, abs=1e-4)
    assert issues(tmp_path, Image.new("RGB", (64, 64))) == ["dark", "low_information"]


def test_a_white_picture_is_bright(tmp_path: Path):
    assert issues(tmp_path, Image.new("RGB", (64, 64), "white")) == ["bright", "low_information"]


def test_a_gradient_is_neither_dark_nor_bright_and_holds_much_information(tmp_path: Path):
    result = measured(tmp_path, gradient())
    assert result["dark"] == pytest.approx(1 - 253 / 255)  # 99 % of 256 levels: the 254th
    assert result["bright"] == pytest.approx(12 / 255)  # 5 % of 256 levels: the 13th
    assert result["low_information"] == pytest.approx(
        1 - np.log2(768) / 10
    )  # 3 channels of 256 levels, equally frequent


def test_soft_tones_are_blurry_and_the_same_columns_in_another_order_are_not(tmp_path: Path):
    ramp = np.arange(256)
    soft = (ramp[:, None] * ramp / 255).astype(np.uint8)  # every tone, and not one edge
    shuffled = soft[:, np.random.default_rng(0).permutation(256)]
    assert issues(tmp_path, Image.fromarray(soft).convert("RGB")) == ["blurry"]
    assert issues(tmp_path, Image.fromarray(shuffled).convert("RGB")) == []


def test_a_long_strip_has_an_odd_shape(tmp_path: Path):
    assert measured(tmp_path, noise(200, 50))["odd_aspect"] == pytest.approx(0.75)
    assert issues(tmp_path, noise(200, 50)) == ["odd_aspect"]
    assert issues(tmp_path, noise(100, 60)) == []


def test_the_thresholds_are_those_of_cleanvision():
    defaults = ImagePropertyIssueManager().get_default_params()
    names = {"dark": "dark", "bright": "light", "blurry": "blurry", "low_information": "low_information",
             "odd_aspect": "odd_aspect_ratio"}  # fmt: skip
    assert set(names) == set(OF_PICTURE)
    for ours, theirs in names.items():
        assert ISSUES[ours].threshold == pytest.approx(1 - defaults[theirs]["threshold"])


def test_the_measures_are_those_cleanvision_gives_a_folder(tmp_path: Path):
    pictures = [
        noise(),
        gradient(),
        noise(200, 50),
        noise().filter(ImageFilter.GaussianBlur(3)),
        Image.new("RGB", (40, 40)),
    ]
    manager = ImagePropertyIssueManager()
    raw = pd.DataFrame([value for picture in pictures for value in [all_of(manager, picture)]])
    ours = measures.scores([measures.look_at(saved(tmp_path, picture)) for picture in pictures])
    for name, theirs in (
        ("dark", "dark"),
        ("bright", "light"),
        ("blurry", "blurry"),
        ("odd_aspect", "odd_aspect_ratio"),
    ):
        manager.issues, manager.issue_types = pd.DataFrame(index=raw.index), [theirs]
        manager.update_issues(raw, [theirs])
        assert ours[name] == pytest.approx(1 - manager.issues[f"{theirs}_score"].to_numpy()), name


def all_of(manager: ImagePropertyIssueManager, picture: Image.Image) -> dict[str, float | str]:
    raw: dict[str, float | str] = {}
    for prop in manager.image_properties.values():
        raw |= prop.calculate(picture)
    return raw


def test_greyness_falls_with_the_spread_of_the_channels():
    grey, spread_10, red = (Image.new("RGB", (9, 9), colour) for colour in ((7, 7, 7), (100, 105, 110), (255, 0, 0)))
    assert measures.grey(grey) == 1
    assert measures.grey(spread_10) == pytest.approx(1 - (10 / 255) / 0.2)
    assert measures.grey(red) == 0


def test_a_coloured_speck_under_a_hundredth_leaves_a_picture_grey():
    picture = Image.new("RGB", (20, 20), "gray")
    picture.paste("red", (0, 0, 2, 2))  # 4 of 400 pixels
    assert measures.grey(picture) == 1
    picture.paste("red", (0, 0, 3, 2))
    assert measures.grey(picture) == 0


def test_a_chess_board_is_as_sharp_as_can_be_and_a_flat_picture_not_at_all():
    board = (np.indices((10, 10)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert measures.sharpness(Image.fromarray(board).convert("RGB")) == pytest.approx(1)
    assert measures.sharpness(Image.new("RGB", (10, 10), "red")) == 0
    assert measures.sharpness(Image.new("RGB", (2, 10))) == 0


def test_blur_takes_sharpness_away():
    blurred = [measures.sharpness(noise().filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 1, 3)]
    assert blurred[0] > 2 * blurred[1] > 4 * blurred[2] > 0


def test_pixels_are_named_alike_in_two_files_of_the_same_picture(tmp_path: Path):
    picture = noise(32, 16)
    first = measures.look_at(saved(tmp_path, picture, "a.png")).pixels
    picture.save(tmp_path / "b.bmp")
    assert measures.look_at(tmp_path / "b.bmp").pixels == first
    assert len(first) == 16
    other = Image.frombytes("RGB", (16, 32), picture.tobytes())  # the same bytes in another shape
    assert measures.look_at(saved(tmp_path, other, "c.png")).pixels != first


def test_sizes_far_from_the_usual_range_are_odd():
    sizes = np.array([90, 95, 100, 105, 110, 400.0])
    # Quartiles 96.25 and 108.75, so the range reaches from 58.75 to 146.25, its middle is 102.5 and its width 87.5.
    expected = [12.5 / 87.5, 7.5 / 87.5, 2.5 / 87.5, 2.5 / 87.5, 7.5 / 87.5, 1]
    assert measures.odd_sizes(sizes) == pytest.approx(expected)


def test_where_all_sizes_are_one_every_other_is_odd():
    assert measures.odd_sizes(np.array([100.0] * 9)).tolist() == [0] * 9
    assert measures.odd_sizes(np.array([100.0] * 9 + [90])) == pytest.approx([0] * 9 + [0.55])
    assert measures.odd_sizes(np.zeros(0)).tolist() == []


def test_what_is_no_picture_is_said(tmp_path: Path):
    (tmp_path / "no.png").write_bytes(b"not a picture")
    with pytest.raises(BadPicture):
        measures.look_at(tmp_path / "no.png")
