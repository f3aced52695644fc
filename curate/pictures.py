"""Files and bytes to upright 8-bit RGB pictures: the one place where untrusted picture bytes are decoded."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from curate import heaps, settings, square
from curate.errors import BadPicture
from curate.other_files import what_it_is
from curate.pixel_budget import decoding
from curate.png_metadata import has_late_metadata
from curate.true_pixels import check_is_read_rightly

# The limit is settings.max_pixels(), checked below with a sentence before anything is decoded; Pillow's own would
# warn from 89 million pixels on and refuse at 179 million, whatever the setting says.
Image.MAX_IMAGE_PIXELS = None

Source = Path | bytes | BinaryIO
_GPS = 0x10000  # added to the tags of where it was taken, which begin at 0 as others do


@dataclass(frozen=True)
class PictureFacts:
    """What a file's header says: width and height as seen upright, and the format in Pillow's name ("JPEG")."""

    width: int
    height: int
    format: str


def open_picture(source: Source) -> Image.Image:
    """The whole file decoded: upright, 8-bit RGB, first frame, transparency laid on white, metadata dropped.

    16-bit grey is scaled to 8 bit over its full range, not cut. Raises BadPicture for what is not a picture, is cut
    short or damaged, or has more than `settings.max_pixels()` pixels (found out before decoding). Not found is damage
    that leaves a JPEG's markers whole: bytes changed in its middle, or a cut behind which an end marker was put
    (`true_pixels.is_cut_off` finds most of those in the pixels, when pictures come in).
    """
    with _opened(source) as picture, _loaded(picture):
        return square.upright(picture, square.to_rgb(picture))


def open_reduced(path: Source, size_px: int) -> Image.Image:
    """Like `open_picture`, but JPEG files may come out 2, 4 or 8 times smaller, both sides still >= size_px.

    So may other files of over 16 megapixels. Reading a 12-megapixel photo at 224 px takes about a fifth of the time.
    """
    with _opened(path) as picture:
        square.draft(picture, size_px)
        with _loaded(picture):
            return square.decode(picture, size_px)


def read_square(source: Source, side_px: int, resize: str) -> np.ndarray:
    """(side_px, side_px, 3) uint8: what a model sees of the picture. resize: see `square.fit`. Raises BadPicture."""
    return square.fit(open_reduced(source, side_px), side_px, resize)


def open_shrunk(source: Source, side_px: int) -> Image.Image:
    """Like `open_picture`, but with its longer side anywhere from `side_px` up, and only as much in memory."""
    with _opened(source) as picture:
        short_px = side_px * min(picture.size) // max(picture.size)
        picture.draft(None, (max(1, short_px), max(1, short_px)))
        with _loaded(picture):
            return square.upright(picture, square.to_rgb_reduced(picture, max(picture.size) // side_px))


def open_grey(source: Source, size_px: int) -> Image.Image:
    """Like `open_reduced`, but only how bright it is, 8-bit grey: a JPEG's colours are read, not worked out.

    Takes two fifths of the time. Damage anywhere in the file is found all the same.
    """
    with _opened(source) as picture:
        picture.draft("L", (size_px, size_px))
        with _loaded(picture):
            factor = min(picture.size) // size_px
            is_grey = picture.mode == "L" and not square.is_large(picture)
            return square.upright(picture, picture if is_grey else square.to_rgb_reduced(picture, factor).convert("L"))


def picture_facts(source: Source) -> PictureFacts:
    """Size and format from the file's header, without decoding; raises BadPicture when there is none to read."""
    with _opened(source) as picture:
        width, height = picture.size
        if square.orientation(lambda: _exif_of(picture)) >= 5:
            width, height = height, width
        return PictureFacts(width, height, str(picture.format))


def header_size(source: Source) -> tuple[int, int]:
    """(width, height) as the header says, not turned upright. Raises BadPicture."""
    with _opened(source) as picture:
        return picture.size


def exif(source: Source) -> dict[int, Any]:
    """What the camera wrote, by EXIF tag number, the sub-directories for the exposure and the place taken in.

    Values are whatever the file says; empty without EXIF, or when it is damaged. Raises BadPicture for no picture.
    """
    with _opened(source) as picture:
        try:
            tags = _exif_of(picture)
            parts = [tags.get_ifd(ifd) for ifd in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)]
        except square.DECODE_ERRORS:
            return {}
        place = {_GPS + tag: value for tag, value in parts[1].items()}
        return {**dict(tags), **parts[0], **place}


@contextmanager
def _opened(source: Source) -> Iterator[ImageFile.ImageFile]:
    """The header read and checked; whatever Pillow raises inside the block leaves as BadPicture."""
    try:
        with _as_file(source) as file, _identified(file) as picture:
            _check_pixels(*picture.size)
            check_is_read_rightly(picture)
            yield picture
    except BadPicture:
        raise
    except square.DECODE_ERRORS as error:
        raise BadPicture(_damage(error), "Open it in a picture editor and save it again.") from error


@contextmanager
def _as_file(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, Path):
        try:
            file = source.open("rb")
        except OSError as error:
            raise BadPicture(f"The file cannot be opened: {error.strerror}.") from error
        with file:
            yield file
    else:
        yield source  # the caller's own: left open


def _identified(file: BinaryIO) -> ImageFile.ImageFile:
    try:
        return Image.open(file, formats=square.FORMATS)
    except UnidentifiedImageError as error:
        file.seek(0)
        raise BadPicture(*what_it_is(file.read(512))) from error


def _check_pixels(width: int, height: int) -> None:
    limit = settings.max_pixels()
    if width * height > limit:
        raise BadPicture(
            f"The picture has {width:,} x {height:,} = {width * height:,} pixels; the limit is {limit:,}.",
            "Make it smaller, or raise CURATE_MAX_PIXELS.",
        )


def _damage(error: BaseException) -> str:
    text = str(error)
    if isinstance(error, MemoryError):
        return "The picture needs more memory than there is."
    if "truncated" in text or isinstance(error, (EOFError, struct.error)):
        return "The picture file is cut short."
    return "The picture file is damaged and cannot be decoded."


def _exif_of(picture: Image.Image) -> Image.Exif:
    """What the camera wrote. Pillow's `getexif` of a PNG decodes it; ours does so only where something can be found."""
    file = getattr(picture, "fp", None)
    if picture.format != "PNG" or file is None:
        return picture.getexif()
    if not has_late_metadata(file):
        return Image.Image.getexif(picture)
    with decoding.hold(picture.width * picture.height):
        return picture.getexif()


@contextmanager
def _loaded(picture: Image.Image) -> Iterator[None]:
    """The pixels decoded, within what the process may hold of them at once, until the block ends."""
    if square.is_large(picture):
        heaps.return_large()
    with decoding.hold(picture.width * picture.height):
        picture.load()
        yield
