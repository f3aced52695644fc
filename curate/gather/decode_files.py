"""The first half of an import: every file decoded once, its bytes, thumbnail and perceptual hash stored.

It can be killed anywhere: what is stored is found again by its SHA-256, and only the rest is decoded the next time.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from curate import store
from curate.catalog import images
from curate.cores import in_order
from curate.errors import BadPicture
from curate.gather.folders.label_choices import Entry
from curate.gather.near_duplicates import perceptual_hash
from curate.gather.sources import Source
from curate.pictures import open_reduced, picture_facts
from curate.true_pixels import CUT_OFF, is_cut_off

Report = Callable[[int, int | None, str], None]
_THREADS = min(16, 2 * (os.cpu_count() or 1))  # twice: one may wait for the disk while another decodes
_BATCH = 64  # pictures between two writes to the catalog: what a killed import decodes again at most


@dataclass
class Intake:
    """Files whose pictures are in the store now, as (entry, sha) in the source's order, and the refused ones."""

    taken: list[tuple[Entry, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def take_in(source: Source, known: set[str], report: Report) -> Intake:
    """Store every picture of `source`; `known` are names of pictures that need no look into the catalog."""
    intake = Intake(refused=list(source.refused))
    fresh: list[images.NewBlob] = []
    total = len(source.entries)
    for n, (entry, outcome) in enumerate(_in_order(source, known), start=1):
        if isinstance(outcome, BadPicture):
            intake.refused.append((entry.path, str(outcome)))
        else:
            sha, blob = outcome
            intake.taken.append((entry, sha))
            fresh += [blob] if blob else []
        if len(fresh) >= _BATCH or (n == total and fresh):
            images.add_blobs(fresh)
            fresh = []
        report(n, total, "Reading pictures")
    return intake


Outcome = tuple[str, images.NewBlob | None] | BadPicture


def _in_order(source: Source, known: set[str]) -> Iterator[tuple[Entry, Outcome]]:
    """Every entry with what became of it, in order, over threads: Pillow decodes outside Python's lock."""
    return in_order(lambda entry: _store(source, entry, known), source.entries, _THREADS)


def _store(source: Source, entry: Entry, known: set[str]) -> Outcome:
    """The picture's name, with its facts when the catalog does not have them yet."""
    try:
        data = source.read(entry)
        sha = hashlib.sha256(data).hexdigest()
        # Only what is stored can be known: new pictures, the most, cost no look into the catalog.
        is_known = sha in known or (store.has_blob(sha) and bool(images.known_blobs([sha])))
        blob = None if is_known else _decode(sha, data)
    except BadPicture as error:
        return error
    keep(source, entry, data)  # known ones too: the bin may have been emptied since
    return sha, blob


def keep(source: Source, entry: Entry, data: bytes) -> None:
    """Store the bytes, or, when the file is to stay where it is, the way to it."""
    path = source.linked_path(entry)
    if path is None:
        store.add_blob(data)
    else:
        store.link_blob(path, hashlib.sha256(data).hexdigest())


def _decode(sha: str, data: bytes) -> images.NewBlob:
    facts = picture_facts(data)
    # A JPEG is decoded at a quarter of the size or so, yet whole.
    picture = open_reduced(data, store.THUMBNAIL_PX)
    if facts.format in ("JPEG", "MPO") and is_cut_off(picture):
        raise BadPicture(CUT_OFF, "Get it again from where it came from.")
    store.add_thumbnail(sha, picture)
    return images.NewBlob(sha, len(data), facts.width, facts.height, facts.format, perceptual_hash(picture))
