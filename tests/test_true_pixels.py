"""Files whose pixels are easily got wrong: right, or refused with a sentence."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate.errors import BadPicture
from curate.model_export import golden
from curate.pictures import open_picture, open_reduced, picture_facts
from curate.true_pixels import is_cut_off

SIDE = 16
HALF = np.zeros((SIDE, SIDE), np.uint16)
HALF[:, SIDE // 2 :] = 60000


def tiff(pixels: bytes, tags: dict[int, tuple[str, list[int]]], side: int = SIDE) -> bytes:
    """A little-endian TIFF of one strip; tags: {number: (struct letter B, H or L, values)}."""
    tags = {
        256: ("H", [side]), 257: ("H", [side]), 259: ("H", [1]), 273: ("L", [8]), 277: ("H", [1]),
        278: ("H", [side]), 279: ("L", [len(pixels)]), **tags,
    }  # fmt: skip
    body, extra, at = b"", b"", 8 + len(pixels) + 2 + 12 * len(tags) + 4
    for tag, (letter, values) in sorted(tags.items()):
        raw = struct.pack(f"<{len(values)}{letter}", *values)
        field = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack("<L", at + len(extra))
        extra += raw if len(raw) > 4 else b""
        body += struct.pack("<HHL", tag, {"B": 1, "H": 3, "L": 4}[letter], len(values)) + field
    head = b"II*\0" + struct.pack("<L", 8 + len(pixels)) + pixels + struct.pack("<H", len(tags))
    return head + body + b"\0\0\0\0" + extra


def halves(data: bytes) -> tuple[Any, Any]:
    """The colours in the middle of the left and of the right half."""
    picture = open_picture(data)
    width, height = picture.size
    return picture.getpixel((width // 4, height // 2)), picture.getpixel((3 * width // 4, height // 2))


@pytest.mark.parametrize(
    ("levels", "tags", "bright"),
    [
        (65535 - HALF, {262: ("H", [0])}, 233),
        (HALF >> 4, {262: ("H", [1]), 281: ("H", [4095])}, 233),
        (HALF // 2, {262: ("H", [1]), 339: ("H", [2])}, 233),
        (HALF, {262: ("H", [1])}, 233),
    ],
    ids=["0 is white", "12 bits of 16", "signed", "plain"],
)
def test_sixteen_bit_grey_keeps_dark_dark_and_uses_the_whole_range(levels, tags, bright):
    left, right = halves(tiff(levels.astype("<u2").tobytes(), {258: ("H", [16]), **tags}))
    assert left[0] == 0
    assert abs(right[0] - bright) <= 1


def test_grey_of_32_bits_that_holds_eight_is_read_in_eight():
    buffer = io.BytesIO()
    Image.fromarray((HALF >> 8).astype(np.int32)).save(buffer, "TIFF")
    left, right = halves(buffer.getvalue())
    assert (left[0], right[0]) == (0, int(HALF.max()) >> 8)


def test_sixteen_bit_colours_one_after_the_other_are_refused():
    planes = np.stack([HALF, HALF, HALF]).astype("<u2")
    with pytest.raises(BadPicture, match="colours apart"):
        open_picture(tiff(planes.tobytes(), {258: ("H", [16] * 3), 262: ("H", [2]), 277: ("H", [3]), 284: ("H", [2])}))


@pytest.mark.parametrize("top", [255, 65535])
def test_a_palette_is_read_in_eight_bits_as_in_sixteen(top):
    palette = [0] * 768
    palette[0] = palette[256 + 1] = top
    index = np.zeros((SIDE, SIDE), np.uint8)
    index[:, SIDE // 2 :] = 1
    data = tiff(index.tobytes(), {258: ("H", [8]), 262: ("H", [3]), 320: ("H", palette)})
    assert halves(data) == ((255, 0, 0), (0, 255, 0))


def test_an_alpha_of_zero_everywhere_holds_nothing_in_a_bmp():
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[:, : SIDE // 2, 2] = pixels[:, SIDE // 2 :, 1] = 255
    masks = struct.pack("<4L", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<LllHHLLllLL", 108, SIDE, SIDE, 1, 32, 3, pixels.nbytes, 2835, 2835, 0, 0) + masks
    header += b"BGRs" + b"\0" * 48
    size = struct.pack("<LHHL", 14 + len(header) + pixels.nbytes, 0, 0, 14 + len(header))
    assert halves(b"BM" + size + header + pixels.tobytes()) == ((255, 0, 0), (0, 255, 0))


def test_a_raw_photo_of_which_only_a_preview_can_be_read_is_refused():
    preview = tiff(bytes(SIDE * SIDE), {254: ("L", [1]), 258: ("H", [8]), 262: ("H", [1]), 330: ("L", [8])})
    with pytest.raises(BadPicture, match="a camera's raw photo, of which only a small preview"):
        open_picture(preview)


def test_heic_photos_come_in_whatever_their_brand():
    for brand in (b"heic", b"heix", b"mif1", b"heim", b"heis"):
        data = golden.HEIC[:8] + brand + golden.HEIC[12:]
        assert picture_facts(data).format == "HEIF"
        left, right = halves(data)
        assert left[0] > 240
        assert right[1] > 240


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "Canon CR3"),
        (b"FUJIFILMCCD-RAW 0201", "Fujifilm RAF"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"8BPS\0\1", "Photoshop"),
    ],
)
def test_other_formats_are_named_as_what_they_are(head, what):
    with pytest.raises(BadPicture, match=what):
        open_picture(head + bytes(100))


def jpeg(seed: int, quality: int = 90) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@pytest.mark.parametrize("side", [100, 320, 640])
def test_a_jpeg_whose_lower_part_is_missing_is_found_behind_an_end_marker(side):
    good = jpeg(7)
    for share in (0.2, 0.5, 0.8):
        cut = good[: int(len(good) * share)] + b"\xff\xd9"
        assert is_cut_off(open_reduced(cut, side))
    assert not is_cut_off(open_reduced(good, side))


def test_flat_grey_pictures_and_grey_bars_are_not_taken_for_cut_ones():
    grey = np.full((120, 160, 3), 128, np.uint8)
    assert not is_cut_off(Image.fromarray(grey))
    barred = grey.copy()
    barred[:60] = np.random.default_rng(1).integers(0, 256, (60, 160, 3), dtype=np.uint8)
    assert not is_cut_off(Image.fromarray(barred))
    barred[:20] = 128
    assert not is_cut_off(Image.fromarray(barred))
