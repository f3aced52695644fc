"""Files that hold less than the whole picture: a raw photo's preview, a JPEG that was cut off."""

import numpy as np
from PIL import Image

from curate.errors import BadPicture

_BITS, _COMPRESSION, _PLANES, _APART = 258, 259, 284, 2
_SUBFILE_TYPE, _SUB_IFDS, _REDUCED = 254, 330, 1
CUT_OFF = "The lower part of the picture is missing: the file was cut short."
_CUT_GREY, _LEAST_SHARE = 128, 0.04  # what libjpeg fills in for what is missing; of the height, to be called so


def check_is_read_rightly(picture: Image.Image) -> None:
    """Raise BadPicture for TIFFs that Pillow opens but reads wrongly.

    Those are a camera's raw file, whose only readable picture is a small preview, and uncompressed colours of 16 bits
    that lie one after the other, which it takes for 8 bits.
    """
    tags = getattr(picture, "tag_v2", {})
    is_raw_planes = picture.format == "TIFF" and tags.get(_PLANES) == _APART and tags.get(_COMPRESSION, 1) == 1
    if is_raw_planes and any(bits != 8 for bits in tags.get(_BITS, (8,))):
        raise BadPicture("A TIFF with its colours apart and other than 8 bits cannot be read.", "Save it as PNG.")
    if picture.format == "TIFF" and int(tags.get(_SUBFILE_TYPE, 0)) & _REDUCED and _SUB_IFDS in tags:
        raise BadPicture(
            "Not a readable picture: a camera's raw photo, of which only a small preview could be read.",
            "Save it as JPEG or TIFF with the camera's program first.",
        )


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
