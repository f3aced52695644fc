from itertools import combinations

import numpy as np
import pytest

from curate.ui.rendering import colours

LIGHT, DARK = "#ffffff", "#0e1117"
LIGHT_TEXT, DARK_TEXT = "#31333f", "#fafafa"  # Streamlit's own text colours on the two grounds

# What people with full protanopia, deuteranopia and tritanopia see, in linear light: Machado et al., 2009, table 1.
SIGHTS = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_LMS = np.array([[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.6806995, 0.1073970], [0.0883025, 0.2817188, 0.62997870]])  # fmt: skip  # noqa: E501
TO_OKLAB = np.array([[0.21045426, 0.79361779, -0.00407205], [1.97799850, -2.42859221, 0.45059371], [0.02590404, 0.78277177, -0.80867577]])  # fmt: skip  # noqa: E501


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def linear(channels: np.ndarray) -> np.ndarray:
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """Contrast ratio of two colours in [0, 1]³, from 1 to 21: WCAG 2.1."""
    low, high = sorted(float(linear(channels) @ [0.2126, 0.7152, 0.0722]) for channels in (one, other))
    return (high + 0.05) / (low + 0.05)


def over(scale_colour: str, ground: str) -> np.ndarray:
    red, green, blue, alpha = (float(part) for part in scale_colour[5:-1].split(","))
    return np.array([red, green, blue]) / 255 * alpha + rgb(ground) * (1 - alpha)


MARKS = [
    *colours.LABEL_COLOURS,
    colours.OTHER_COLOUR,
    *colours.DECISION_COLOURS.values(),
    colours.ACCENT,
    colours.WORSE,
]


@pytest.mark.parametrize("ground", [LIGHT, DARK])
@pytest.mark.parametrize("colour", MARKS)
def test_every_mark_stands_out_from_both_grounds(colour: str, ground: str):
    assert contrast(rgb(colour), rgb(ground)) >= 3.0


@pytest.mark.parametrize("colour", colours.DECISION_COLOURS.values())
def test_white_signs_can_be_read_on_decision_colours(colour: str):
    assert contrast(rgb(colour), rgb("#ffffff")) >= 4.5


@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_label_colours_are_alike_however_one_sees_colour(sight: str):
    seen = np.clip(linear(np.array([rgb(colour) for colour in colours.LABEL_COLOURS])) @ SIGHTS[sight].T, 0, 1)
    points = np.cbrt(seen @ TO_LMS.T) @ TO_OKLAB.T
    assert min(np.linalg.norm(one - other) for one, other in combinations(points, 2)) > 0.06


@pytest.mark.parametrize(("ground", "text"), [(LIGHT, LIGHT_TEXT), (DARK, DARK_TEXT)])
def test_numbers_can_be_read_on_every_tone_of_the_matrix(ground: str, text: str):
    for at, colour in [*colours.SEQUENTIAL, *colours.QUIET]:
        is_white = at >= 0.75 and float(colour[5:-1].split(",")[3]) > 0.9
        assert contrast(over(colour, ground), rgb("#ffffff" if is_white else text)) >= 4.5, (at, colour)


def test_labels_past_the_twelfth_are_grey():
    assert colours.label_colour(11) == colours.LABEL_COLOURS[11]
    assert colours.label_colour(12) == colours.label_colour(999) == colours.OTHER_COLOUR


def test_every_decision_has_a_sign_beside_its_colour():
    assert colours.DECISION_COLOURS.keys() == colours.DECISION_SIGNS.keys()
    assert len(set(colours.DECISION_SIGNS.values())) == len(colours.DECISION_SIGNS)


def test_a_change_is_coloured_by_its_sign():
    assert [colours.change_colour(change) for change in (0.1, -0.1, 0.0, float("nan"))] == [
        colours.BETTER,
        colours.WORSE,
        colours.OTHER_COLOUR,
        colours.OTHER_COLOUR,
    ]
