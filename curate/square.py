"""Any picture file to the square of pixels that a model sees: upright, 8-bit RGB, transparency laid on white.

This one file makes the squares for training, scoring and predicting in Curate, and a copy of it goes into every
exported model: it needs Pillow and numpy only, and pi_heif for HEIC files where that is installed. A colour profile is
not applied: the networks have learnt from the numbers as they stand in files.
"""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image

try:
    import pi_heif
except ImportError:  # in an exported model: then HEIC files are refused
    HAS_HEIF = False
else:
    pi_heif.register_heif_opener(thumbnails=False)  # AVIF is Pillow's own
    HAS_HEIF = True

# Pixel formats that Pillow decodes by itself. Not EPS (starts Ghostscript), not ICO (its header may lie about the
# size of the picture inside), not those recognised by file name alone (they "decode" any text).
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "HEIF", "JPEG2000", "PPM")

# What Pillow 13 was seen to raise on damaged files of these formats.
DECODE_ERRORS: tuple[type[Exception], ...] = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, OverflowError, MemoryError),
    *(struct.error, zlib.error, RuntimeError),
)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LARGE_PX = 16_000_000  # a larger picture is shrunk before anything else is done with its pixels
_BAND_PX = 4_000_000
_PAD_SIDES = 10  # a picture longer than this many times the square's side is shrunk before its square is made
_PHOTOMETRIC, _MAX_SAMPLE, _COLOURS, _SAMPLE_FORMAT = 262, 281, 320, 339
_WHITE_IS_ZERO, _SIGNED = 0, (2,)


def read_square(source: Path | bytes | BinaryIO, side_px: int, resize: str) -> np.ndarray:
    """(side_px, side_px, 3) uint8 of a picture file. resize: "crop", "pad" or "squish", see `fit`.

    Raises one of DECODE_ERRORS for a file that is no picture or is damaged. Refuses nothing else: whoever reads files
    of strangers checks the header first.
    """
    with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as picture:
        draft(picture, side_px)
        return fit(decode(picture, side_px), side_px, resize)


def draft(picture: Image.Image, least_px: int) -> None:
    """Have an opened JPEG decoded 2, 4 or 8 times smaller, both sides still >= least_px; other formats stay."""
    picture.draft(None, (least_px, least_px))  # type: ignore[no-untyped-call]


def decode(picture: Image.Image, least_px: int) -> Image.Image:
    """An opened picture decoded, upright and in 8-bit RGB; one of over 16 megapixels made smaller, as `draft` does."""
    picture.load()
    return upright(picture, to_rgb_reduced(picture, min(picture.size) // least_px))


def fit(picture: Image.Image, size_px: int, resize: str) -> np.ndarray:
    """(size_px, size_px, 3) uint8: a square made as fastai's `Resize` makes it for validation.

    crop: the middle of the picture; pad: all of it, its edges mirrored; squish: all of it, out of proportion.
    """
    if resize == "crop":
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    elif resize == "pad":
        picture = _mirrored_square(picture, _PAD_SIDES * size_px)
    return np.asarray(picture.resize((size_px, size_px), Image.Resampling.BILINEAR))


def _mirrored_square(picture: Image.Image, most_px: int) -> Image.Image:
    """The whole picture on a square of at most most_px a side, its edges mirrored as often as the square needs."""
    if max(picture.size) > most_px:  # the square of 20,000 x 10 pixels at full size took 2.7 GB and 15 s
        scale = most_px / max(picture.size)
        width, height = (max(1, round(length * scale)) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    side = max(picture.size)
    rows, columns = (_mirrored(length, side) for length in (picture.height, picture.width))
    return Image.fromarray(np.asarray(picture)[rows][:, columns])


def _mirrored(length: int, side: int) -> np.ndarray:
    """(side,) of row or column numbers below `length`: all of them in the middle, mirrored outwards.

    >>> _mirrored(3, 8)
    array([2, 1, 0, 1, 2, 1, 0, 1])
    """
    period = max(1, 2 * (length - 1))
    steps = np.abs(np.arange(side) - (side - length) // 2) % period
    return np.minimum(steps, period - steps) if length > 1 else np.zeros(side, dtype=np.int64)


def upright(source: Image.Image, rgb: Image.Image) -> Image.Image:
    """`rgb`, the pixels of `source`, turned as the EXIF data of `source` says."""
    turn = _TURNS.get(orientation(source.getexif))
    turned = rgb if turn is None else rgb.transpose(turn)
    # A colour profile stays only where it still describes the pixels; orientation must not be applied twice.
    keeps_profile = source.mode in ("RGB", "RGBA", "P") and "icc_profile" in source.info
    turned.info = {"icc_profile": source.info["icc_profile"]} if keeps_profile else {}
    return turned


def orientation(read_exif: Callable[[], Image.Exif]) -> int:
    """EXIF orientation 1-8; a picture with broken EXIF is still a picture and counts as upright."""
    try:
        value = read_exif().get(ExifTags.Base.Orientation, 1)
    except DECODE_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def is_large(picture: Image.Image) -> bool:
    """Whether it has over 16 megapixels."""
    return picture.width * picture.height > _LARGE_PX


def to_rgb_reduced(picture: Image.Image, factor: int) -> Image.Image:
    """As `to_rgb`, a large picture up to `factor` times smaller: averaged band by band, never whole in RGB.

    Deep grey in whole numbers of 32 bits or in fractions is converted whole, since its range is all of it.
    """
    picture = true_pixels(picture)
    if not is_large(picture) or factor < 2 or picture.mode in ("I", "F"):
        return to_rgb(picture)
    width, height = picture.size
    rows = max(1, _BAND_PX // width // factor) * factor
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, rows):
        band = to_rgb(picture.crop((0, top, width, min(top + rows, height))))
        small.paste(band.reduce(factor), (0, top // factor))
    return small


def to_rgb(picture: Image.Image) -> Image.Image:
    """8-bit RGB: transparency laid on white, 16-bit grey scaled over its full range, not cut."""
    picture = true_pixels(picture)
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        return Image.fromarray(_eight_bit(np.asarray(picture))).convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture.convert("RGB")


def _eight_bit(grey: np.ndarray) -> np.ndarray:
    """(H, W) deep grey to uint8 over its full range, 0 black: never cut off at 255.

    Whole numbers of 16 bits are 0-65535. Those of 32 bits are taken for 0-255 or 0-65535, fractions for 0-1, too: the
    first that holds them all.
    What leaves its range is stretched from its own darkest to its own brightest value.
    """
    if grey.dtype == np.uint16:  # in whole numbers: a 200-megapixel scan would need 1.6 GB as float64
        return ((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)
    is_fractions = grey.dtype.kind == "f"
    levels = np.nan_to_num(grey.astype(np.float64))
    low, high = float(levels.min()), float(levels.max())
    for top in (1.0, 255.0, 65535.0) if is_fractions else (255.0, 65535.0):
        if low >= 0 and high <= top:
            return np.rint(levels * 255.0 / top).astype(np.uint8)
    return np.rint((levels - low) * 255.0 / max(high - low, 1e-9)).astype(np.uint8)


def true_pixels(picture: Image.Image) -> Image.Image:
    """A loaded picture as it was meant; the very same where Pillow is right, as it mostly is.

    TIFF: 16-bit grey in which 0 is white or that does not use its whole range, and palettes written in 8 bits. BMP: an
    alpha channel that is 0 everywhere holds nothing.
    """
    if picture.format in ("BMP", "DIB") and picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (0, 0):
        return picture.convert("RGB")
    tags = getattr(picture, "tag_v2", None)
    if picture.format != "TIFF" or tags is None:
        return picture
    if picture.mode == "P":
        colours = tags.get(_COLOURS, ())
        if len(colours) == 768 and 0 < max(colours) < 256:  # the palette is 16-bit; Pillow would take all for black
            picture.putpalette([int(colours[part * 256 + at]) for at in range(256) for part in range(3)])
        return picture
    if picture.mode.startswith("I;16"):
        return _full_range(picture, int(_first(tags.get(_MAX_SAMPLE), 65535)), tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO)
    if picture.mode == "I" and tags.get(_SAMPLE_FORMAT) == _SIGNED and int(_first(tags.get(258), 0)) == 16:
        levels = np.asarray(picture)
        return Image.fromarray((levels * 2).astype(np.uint16)) if levels.min() >= 0 else picture
    return picture


def _full_range(picture: Image.Image, top: int, is_negative: bool) -> Image.Image:
    """16-bit grey over 0-65535, of values up to `top`."""
    if not is_negative and not 0 < top < 65535:
        return picture
    levels = np.asarray(picture).astype(np.uint16)
    if 255 <= top < 65535 and levels.max() <= top:
        levels = (levels.astype(np.uint32) * 65535 // top).astype(np.uint16)
    return Image.fromarray(65535 - levels if is_negative else levels)


def _first(value: object, otherwise: int) -> int:
    """A TIFF tag's only or first value."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    return value if isinstance(value, int) else otherwise
