import pytest

from curate.evaluation import per_cent, pictures, points


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.00001, "0.1 %"),
        (0.004, "0.4 %"),
        (0.00997, "1 %"),
        (0.01, "1 %"),
        (0.9903, "99 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_whole_per_cents_but_never_rounded_to_none_or_all(share: float, text: str):
    assert per_cent(share) == text


def test_a_change_too_small_to_show_has_no_sign():
    assert points(-0.0001) == "0.0"


def test_one_picture_is_singular():
    assert (pictures(0), pictures(1), pictures(2000)) == ("0 pictures", "1 picture", "2,000 pictures")
