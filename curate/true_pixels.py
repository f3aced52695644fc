"""Files whose pixels Pillow hands out otherwise than they were meant: put right, or refused with a sentence."""

import numpy as np
from PIL import Image

from curate.errors import BadPicture

_SUBFILE_TYPE, _PHOTOMETRIC, _MAX_SAMPLE, _COLOURS, _SUB_IFDS, _SAMPLE_FORMAT = 254, 262, 281, 320, 330, 339
_WHITE_IS_ZERO, _REDUCED, _SIGNED = 0, 1, (2,)
CUT_OFF = "The lower part of the picture is missing: the file was cut short."
_CUT_GREY, _LEAST_SHARE = 128, 0.04  # what libjpeg fills in for what is missing; of the height, to be called so


def check_is_whole_photo(picture: Image.Image) -> None:
    """Raise BadPicture for a camera's raw file, whose only readable picture is a small preview."""
    tags = getattr(picture, "tag_v2", {})
    if picture.format == "TIFF" and int(tags.get(_SUBFILE_TYPE, 0)) & _REDUCED and _SUB_IFDS in tags:
        raise BadPicture(
            "Not a readable picture: a camera's raw photo, of which only a small preview could be read.",
            "Save it as JPEG or TIFF with the camera's program first.",
        )


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


def is_cut_off(picture: Image.Image) -> bool:
    """Whether the lower part of a decoded JPEG is missing: one flat grey from within a row of blocks to the end.

    An end marker put back behind a cut makes the decoder fill up without complaint. Any edge may be the lower one: the
    picture may have been turned upright. Not found: a cut between two rows of blocks, one in a progressive file (its
    later, finer scans are missing), and bytes zeroed or changed in the middle, which shift colours.
    """
    if picture.mode not in ("RGB", "L"):
        return False
    pixels = np.atleast_3d(np.asarray(picture)).astype(np.int16)
    is_grey = np.all(np.abs(pixels - _CUT_GREY) <= 1, axis=2)
    return any(_ends_grey(np.rot90(is_grey, turns)) for turns in range(4))


def _ends_grey(is_grey: np.ndarray) -> bool:
    """Whether rows at the bottom are grey, and those right above from some column on."""
    height = len(is_grey)
    whole_rows = np.all(is_grey, axis=1)
    n = height if whole_rows.all() else int(np.argmin(whole_rows[::-1]))
    if n == height or n < max(3, _LEAST_SHARE * height) or whole_rows[0]:
        return False
    above = is_grey[max(0, height - n - 16) : height - n]
    grey_columns = above[-1]
    trailing = len(grey_columns) if grey_columns.all() else int(np.argmin(grey_columns[::-1]))
    return 2 <= trailing < len(grey_columns) and not above[:, : len(grey_columns) - trailing].all()
