"""Near-duplicates: what counts as one, and that the banded look-up misses none."""

from io import BytesIO

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from curate.gather.near_duplicates import MAX_DISTANCE, near_groups, near_pairs, perceptual_hash


def scene(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A picture with large soft shapes, as photos have them."""
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def bits(*pictures: Image.Image) -> np.ndarray:
    return np.stack([np.frombuffer(perceptual_hash(picture), np.uint8) for picture in pictures])


def flipped(row: np.ndarray, *positions: int) -> np.ndarray:
    """The (32,) hash with these of its 256 bits turned over."""
    changed = np.unpackbits(row)
    changed[list(positions)] ^= 1
    return np.packbits(changed)


def groups(rows: np.ndarray, n_known: int = 0) -> list[int]:
    return near_groups(rows, np.arange(len(rows)), n_known).tolist()


def random_rows(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 32), dtype=np.uint8)


def test_the_hash_is_that_of_imagehash():
    for seed in range(5):
        ours = np.unpackbits(np.frombuffer(perceptual_hash(scene(seed)), np.uint8))
        assert ours.tolist() == imagehash.phash(scene(seed), hash_size=16).hash.flatten().tolist()


@pytest.mark.parametrize(
    "alter",
    [
        lambda picture: as_jpeg(picture, 50),
        lambda picture: picture.resize((160, 120)),
        lambda picture: picture.resize((640, 480), Image.Resampling.BICUBIC),
        lambda picture: ImageEnhance.Brightness(picture).enhance(0.9),
        lambda picture: ImageEnhance.Brightness(picture).enhance(1.05),
        lambda picture: picture.convert("L"),
    ],
    ids=["saved again", "half size", "double size", "darker", "brighter", "grey"],
)
def test_an_altered_copy_is_a_near_duplicate(alter):
    assert groups(bits(scene(1), scene(2), alter(scene(1)))) == [0, 1, 0]


def test_different_scenes_and_mirrored_ones_are_not():
    pictures = [scene(seed) for seed in range(30)] + [scene(0).transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    assert groups(bits(*pictures)) == list(range(31))


def test_flat_colours_and_plain_drawings_are_never_near_duplicates():
    flat = [Image.new("RGB", (64, 64), colour) for colour in ("white", "black", "red")]
    bars = []
    for width in (10, 20, 30):
        bar = Image.new("RGB", (64, 64), "white")
        bar.paste("black", (0, 0, width, 64))
        bars.append(bar)
    assert groups(bits(*flat, *bars)) == [0, 1, 2, 3, 4, 5]


def test_the_distance_counts_and_one_bit_too_many_does_not():
    row = random_rows(3, 1)[0]
    apart = np.random.default_rng(4).permutation(256).tolist()
    near, far = flipped(row, *apart[:MAX_DISTANCE]), flipped(row, *apart[: MAX_DISTANCE + 1])
    assert groups(np.stack([row, near])) == [0, 0]
    assert groups(np.stack([row, far])) == [0, 1]


def test_near_duplicates_of_near_duplicates_share_a_group():
    row = random_rows(5, 1)[0]
    middle = flipped(row, *range(20))
    end = flipped(middle, *range(20, 40))  # 40 bits from `row`
    other = random_rows(6, 1)[0]
    assert groups(np.stack([end, other, row, middle])) == [0, 1, 0, 0]


def test_what_belongs_together_is_kept_together_whatever_the_hashes_say():
    rows = random_rows(7, 4)
    assert near_groups(rows, np.array([5, 9, 5, 5])).tolist() == [0, 1, 0, 0]


def test_pairs_among_the_known_are_left_alone_but_new_ones_join_them():
    row = random_rows(8, 1)[0]
    rows = np.stack([row, flipped(row, 1), random_rows(9, 1)[0], flipped(row, 2)])
    assert groups(rows, n_known=4) == [0, 1, 2, 3]
    assert groups(rows, n_known=3) == [0, 0, 2, 0]  # the new one is near to both, and so links them


def test_no_pictures_have_no_groups():
    assert groups(np.zeros((0, 32), np.uint8)) == []


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(0, 60))
def test_the_banded_look_up_finds_what_comparing_everything_finds(seed, n, n_known):
    chance = np.random.default_rng(seed)
    bases = random_rows(seed, 6)
    rows = np.stack(
        [flipped(bases[chance.integers(6)], *chance.permutation(256)[: chance.integers(0, 30)]) for _ in range(n)]
    )
    expected = np.arange(n)
    for j in range(n_known, n):
        for i in range(j):
            if np.bitwise_count(rows[i] ^ rows[j]).sum() <= MAX_DISTANCE:
                a, b = sorted((expected[i], expected[j]))
                expected[expected == b] = a
    assert groups(rows, n_known) == expected.tolist()


def test_ten_thousand_frames_of_one_film_are_one_group():
    chance = np.random.default_rng(0)
    steps = np.cumsum(chance.random((10_000, 256)) < 0.004, axis=0) % 2  # a bit or so from frame to frame
    frames = np.packbits(np.unpackbits(random_rows(1, 1), axis=1) ^ steps.astype(np.uint8), axis=1)
    assert set(groups(frames)) == {0}


def test_photos_of_one_piece_of_paper_are_grouped_and_other_photos_are_not(shared_data):
    paper = shared_data / "photos" / "trashnet" / "paper"
    taken_twice = [(305, 308), (345, 451), (123, 547), (459, 466)]
    names = [number for pair in taken_twice for number in pair] + list(range(1, 40))
    found = groups(bits(*[Image.open(paper / f"paper{number}.jpg").convert("RGB") for number in names]))
    assert found == [0, 0, 2, 2, 4, 4, 6, 6, *range(8, 47)]


def test_pairs_come_once_each_with_the_bits_that_differ():
    row = random_rows(10, 1)[0]
    rows = np.stack([row, flipped(row, 0, 1, 2), random_rows(11, 1)[0], flipped(row, *range(100, 124))])
    left, right, distance = near_pairs(rows, farthest=30)
    assert list(zip(left.tolist(), right.tolist(), distance.tolist(), strict=True)) == [
        (0, 1, 3),
        (0, 3, 24),
        (1, 3, 27),
    ]
    assert [part.tolist() for part in near_pairs(rows, n_known=3, farthest=24)] == [[0], [3], [24]]


def test_of_many_copies_the_thirty_nearest_before_each_are_given():
    copies = np.repeat(random_rows(12, 1), 40, axis=0)
    left, right, distance = near_pairs(copies)
    assert np.bincount(right).tolist() == [*range(31), *[30] * 9]
    assert not distance.any() and (left < right).all()


def test_no_pictures_are_no_pairs():
    assert [part.tolist() for part in near_pairs(np.zeros((0, 32), np.uint8))] == [[], [], []]
