"""Near-duplicates: the same picture saved again, resized or brightened, found by a perceptual hash.

The hash is pHash (the method of imagehash.phash with hash_size=16): 16 x 16 low frequencies of the grey picture, one
bit each: above their median or not. Measured on 2,527 photos (3.2 million pairs), 1,797 digits (1.6 million pairs)
and altered copies of 400 photos, bits that differ of 256:

    copies: JPEG quality 50, half size, 0.3 size, brightness or contrast 10 % up or down    99 % <= 12, all <= 20
    copies: JPEG quality 30                                                                 99 % <= 20, all <= 32
    copies: 1.5 % cut off each edge                                                         median 24, all <= 48
    photos of one scene taken twice (29 pairs, looked at)                                   8 to 48, 19 of them <= 22
    photos of different scenes                                                              none below 50
    different digits, as the sample project draws them                                      none below 24, 11 below 32

So 22 finds every ordinary copy, two in five of the cropped and most second takes, and not one false pair.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

import numpy as np
from PIL import Image

MAX_DISTANCE = 22
_SIDE, _LOW = 64, 16
# Normally half of the 256 bits are set. Flat colours and plain drawings (stripes, one bar) have mostly empty
# frequencies, so that all of them look alike: those are never near-duplicates, only byte-identical or not.
_MIN_SET_BITS = 100

_frequency = np.arange(_LOW)[:, None] * (2 * np.arange(_SIDE)[None] + 1)
_COSINES = 2 * np.cos(np.pi * _frequency / (2 * _SIDE))

# 32 bands of 8 bits: two hashes that differ in 24 bits or fewer have at least 8 equal bands, hence two in one of these
# 7 sets of bands, hence an equal pair among these 58. Bits are shuffled first: neighbouring frequencies are alike.
_SHUFFLED = np.random.default_rng(16).permutation(256)
_BAND_PAIRS = [pair for bands in np.array_split(np.arange(32), 7) for pair in combinations(bands.tolist(), 2)]
_PAIRS_AT_ONCE = 2_000_000
# Ten thousand frames of one video share most bands: then each is compared with the nearest before it only.
_MOST_BEFORE = 200
_MOST_PAIRS = 30  # that `near_pairs` gives of one picture: more would link nothing that these do not


def perceptual_hash(picture: Image.Image) -> bytes:
    """32 bytes that stay nearly the same when the picture is resized, saved again or brightened."""
    small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    spectrum = _COSINES @ np.asarray(small, np.float64) @ _COSINES.T  # (16, 16)
    spectrum = spectrum.round(3)  # what should be zero is noise otherwise, and differs between machines
    return np.packbits(spectrum > np.median(spectrum)).tobytes()


def quick_hash(grey: Image.Image) -> bytes:
    """As `perceptual_hash` of an 8-bit grey picture, in a quarter of its time.

    Resizing and taking frequencies are two products of matrices each way; here they are one. Pillow rounds in between:
    of 500 photos' hashes 286 are the very same, 497 differ in 4 of the 256 bits at most, one in 12.
    """
    pixels = np.asarray(grey, np.float32)
    spectrum = (_waves(pixels.shape[0]) @ pixels @ _waves(pixels.shape[1]).T).ravel()
    below, above = np.partition(spectrum, (127, 128))[127:129]  # np.median takes as long as all the rest
    return np.packbits(spectrum > (below + above) / 2).tobytes()


@lru_cache(maxsize=128)
def _waves(n_pixels: int) -> np.ndarray:
    """(16, n_pixels) float32: resizing a line of pixels to 64 as Pillow's Lanczos filter does, then its frequencies."""
    scale = n_pixels / _SIDE
    middle = (np.arange(_SIDE)[:, None] + 0.5) * scale
    stretch = max(scale, 1.0)
    away = (np.arange(n_pixels)[None] + 0.5 - middle) / stretch
    weights = np.where(np.abs(away) < 3, np.sinc(away) * np.sinc(away / 3), 0.0)
    return (_COSINES @ (weights / weights.sum(axis=1, keepdims=True))).astype(np.float32)


def near_groups(bits: np.ndarray, together: np.ndarray, n_known: int = 0) -> np.ndarray:
    """(N,) row number of the first picture of each one's group; a picture with no near-duplicate is its own.

    bits: (N, 32) uint8 perceptual hashes; together: (N,) numbers, equal where rows belong together whatever their
    hashes say. Two pictures within `MAX_DISTANCE` bits are near-duplicates, and near-duplicates of near-duplicates
    share a group. Pairs among the first `n_known` rows are not looked for again.

    100,000 pictures take 4 s, 100 new ones beside a million known ones 7 s (one core).
    """
    _, starts, group = np.unique(together, return_index=True, return_inverse=True)
    first = starts[group]
    for left, right, _ in _near(bits, n_known, MAX_DISTANCE):
        _unite(first, left, right)
    return first


def near_pairs(
    bits: np.ndarray, n_known: int = 0, farthest: int = MAX_DISTANCE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of pictures that differ in at most `farthest` bits: (P,) rows, (P,) later rows, (P,) bits that differ.

    bits, n_known: as in `near_groups`. Of each row only the 30 nearest before it are given. All pairs up to 24 bits are
    found; of those at 36 99 % and at 40 97 % (measured on random flips), since the bands were chosen for 24.
    """
    found = [np.zeros((3, 0), np.int64)]
    for left, right, distance in _near(bits, n_known, farthest):
        found.append(np.stack([right, distance, left]))
        if sum(part.shape[1] for part in found) > 4 * _PAIRS_AT_ONCE:  # most come several times
            found = [_nearest(np.concatenate(found, axis=1))]
    right, distance, left = _nearest(np.concatenate(found, axis=1))
    return left, right, distance


def _nearest(pairs: np.ndarray) -> np.ndarray:
    """(3, P) right, distance, left: each once, in this order, the `_MOST_PAIRS` nearest of every right one."""
    pairs = np.unique(pairs, axis=1)
    number = np.arange(pairs.shape[1]) - np.searchsorted(pairs[0], pairs[0])
    return pairs[:, number < _MOST_PAIRS]


def _near(bits: np.ndarray, n_known: int, farthest: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Pairs of rows within `farthest` bits and their distances; a pair may come several times."""
    comparable = np.flatnonzero(np.bitwise_count(bits).sum(axis=1, dtype=np.int64) >= _MIN_SET_BITS)
    words = np.ascontiguousarray(bits[comparable]).view(np.uint64)
    n_known = int(np.searchsorted(comparable, n_known))
    for left, right in _candidates(_bands(bits[comparable]), n_known):
        distance = np.bitwise_count(words[left] ^ words[right]).sum(axis=1, dtype=np.int64)
        is_near = distance <= farthest
        yield comparable[left[is_near]], comparable[right[is_near]], distance[is_near]


def _bands(bits: np.ndarray) -> np.ndarray:
    """(N, 32) uint8 hashes to (32, N) uint16 bands of shuffled bits."""
    shuffled = np.unpackbits(bits, axis=1)[:, _SHUFFLED]
    return np.ascontiguousarray(np.packbits(shuffled, axis=1).T).astype(np.uint16)


def _candidates(bands: np.ndarray, n_known: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of rows (left < right, right not among the known) with two equal bands; a pair may come several times."""
    for a, b in _BAND_PAIRS:
        yield from _same_key_pairs(bands[a] << 8 | bands[b], n_known)


def _same_key_pairs(keys: np.ndarray, n_known: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of rows with equal (N,) uint16 keys, `_PAIRS_AT_ONCE` or so at a time."""
    is_wanted = np.zeros(65_536, bool)
    is_wanted[keys[n_known:]] = True
    rows = np.flatnonzero(is_wanted[keys])  # of a million known pictures, the few that a new one may resemble
    rows = rows[np.argsort(keys[rows], kind="stable")]  # stable: by key, then by row
    here = np.arange(len(rows))
    n_before = np.minimum(here - np.searchsorted(keys[rows], keys[rows]), _MOST_BEFORE)
    n_before[rows < n_known] = 0
    ends = np.cumsum(n_before)
    at = 0
    while at < len(rows):
        upto = max(at + 1, int(np.searchsorted(ends, (ends[at - 1] if at else 0) + _PAIRS_AT_ONCE)))
        n = n_before[at:upto]
        right = np.repeat(here[at:upto], n)
        steps = np.arange(len(right)) - np.repeat(np.cumsum(n) - n, n) + 1  # 1 to n for each of them
        yield rows[right - steps], rows[right]
        at = upto


def _unite(first: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    """Give both ends of every pair the same first row, and all that shared one with either."""
    while (is_apart := first[left] != first[right]).any():
        left, right = left[is_apart], right[is_apart]
        a, b = first[left], first[right]
        np.minimum.at(first, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(first, first[first]):
            first[:] = first[first]
