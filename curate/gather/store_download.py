"""What is done with a downloaded body: its content decides what it is, it is decoded whole, and stored."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from curate import store
from curate.errors import BadPicture
from curate.gather.limits import Limits
from curate.gather.near_duplicates import perceptual_hash, quick_hash
from curate.gather.refused import Refused
from curate.pictures import PictureFacts, open_grey, open_reduced, picture_facts
from curate.true_pixels import CUT_OFF, is_cut_off

# Of larger pictures the thumbnail is made at once, while they are decoded; of smaller ones on first use: encoding it
# takes 4 ms, all the rest under 1 ms. Their hash needs no colours: 469 of 500 photos have the very same one without,
# and in none do over 6 of its 256 bits differ.
_THUMBNAIL_AT_ONCE_PX = 1_000_000


@dataclass(frozen=True)
class Arrived:
    """A picture that was stored: SHA-256, size in bytes and pixels, format's name, 32-byte perceptual hash."""

    sha: str
    n_bytes: int
    width: int
    height: int
    format: str
    phash: bytes


def take_in(body: bytes | Path, limits: Limits) -> Arrived:
    """The picture in `body`, in the store after its next `flush`; a file is moved, or removed when it is refused.

    Raises Refused.
    """
    try:
        facts = _facts(body)
        _check(facts, limits)
        return _store(body, facts)
    except BadPicture as error:
        # Sentences about numbers of pixels differ from picture to picture: the cause is the same.
        numbered = any(letter.isdigit() for letter in str(error))
        reason, detail = ("It has too many pixels", str(error)) if numbered else (str(error).rstrip("."), error.hint)
        raise Refused(reason, detail) from error
    finally:
        if isinstance(body, Path):
            body.unlink(missing_ok=True)


def _facts(body: bytes | Path) -> PictureFacts:
    if not (body if isinstance(body, bytes) else body.stat().st_size):
        raise Refused("The answer is empty")
    return picture_facts(body)


def _check(facts: PictureFacts, limits: Limits) -> None:
    short, long = sorted((facts.width, facts.height))
    size = f"{facts.width:,} x {facts.height:,} pixels"
    if short * long > limits.max_megapixels * 1e6:
        raise Refused("It has too many pixels", size)
    if short < limits.min_side_px:
        raise Refused("It is too small", f"{size}; the shorter side needs {limits.min_side_px:,}.")
    if long > limits.max_aspect * short:
        raise Refused("It is too long and narrow", size)


def _store(body: bytes | Path, facts: PictureFacts) -> Arrived:
    is_large = facts.width * facts.height > _THUMBNAIL_AT_ONCE_PX
    # Either way the whole file is read.
    picture = open_reduced(body, store.THUMBNAIL_PX) if is_large else open_grey(body, store.THUMBNAIL_PX)
    if facts.format in ("JPEG", "MPO") and is_cut_off(picture):
        raise BadPicture(CUT_OFF, "Get it again from where it came from.")
    phash = perceptual_hash(picture) if is_large else quick_hash(picture)
    if isinstance(body, bytes):
        sha, n_bytes = store.add_blob_soon(body), len(body)
    else:
        with body.open("rb") as file:
            sha = hashlib.file_digest(file, "sha256").hexdigest()
        n_bytes = body.stat().st_size
        store.adopt_blob_soon(body, sha)
    if is_large:
        store.add_thumbnail(sha, picture)
    return Arrived(sha, n_bytes, facts.width, facts.height, facts.format, phash)
