"""The job that measures the quality of a project's pictures, each once, and then finds issues and duplicates.

It may be killed at any time: measures and pairs are stored as they come, and the next job resumes.
"""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from curate import store
from curate.catalog import duplicates, images, quality
from curate.catalog.quality import Looked
from curate.cores import in_order
from curate.errors import BadInput, BadPicture, NotFound
from curate.gather.near_duplicates import near_pairs
from curate.jobs.context import JobContext
from curate.quality import measures
from curate.quality.groups import FARTHEST, LEVELS
from curate.quality.issues import BITS, ISSUES, OF_PICTURE
from curate.quality.measures import Look

BATCH = 64  # pictures between two writes, which a killed job measures again at most
RARE = 0.5  # with a larger share of grey pictures, grey is not an issue
_THREADS = min(16, os.cpu_count() or 1)

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"n_measured", "refused": [[sha, why]], "issues": {issue: images}, "n_groups": {distance: groups}}."""
    if context.project_id is None:
        raise BadInput("Looking at quality needs a project.")
    project_id = context.project_id
    version_id = quality.head_version_id(project_id)
    n_measured, refused = _measure(context, project_id)
    context.check()
    measured = quality.looked(project_id)
    _find_pairs(context, project_id, measured)
    counts = _find_issues(context, project_id, measured)
    context.report(2, 3, "Grouping duplicates")
    duplicates.regroup(project_id)
    quality.set_state(project_id, version_id=version_id, counts=counts)
    context.report(3, 3, "Grouping duplicates")
    n_groups = {str(level): sum(duplicates.count_groups(project_id, level, None).values()) for level in LEVELS}
    return {"n_measured": n_measured, "refused": refused[:500], "issues": counts, "n_groups": n_groups}


def _measure(context: JobContext, project_id: int) -> tuple[int, list[tuple[str, str]]]:
    """Measures new pictures; returns how many, and (picture, reason) for those that could not be measured."""
    total, n_seen, refused = quality.n_unmeasured(project_id), 0, []
    batch: list[tuple[str, Look]] = []
    for sha, look in _looks(quality.unmeasured(project_id)):
        n_seen += 1
        if isinstance(look, str):
            refused.append((sha, look))
        else:
            batch.append((sha, look))
        if len(batch) >= BATCH:
            _store(batch)
            batch = []
        context.check()
        context.report(n_seen, total, "Looking at pictures")
    if batch:
        _store(batch)
    return n_seen - len(refused), refused


def _store(batch: list[tuple[str, Look]]) -> None:
    scores = measures.scores([look for _, look in batch])
    quality.add_measures(
        [
            {
                "blob_sha": sha, "grey": look.grey, "sharpness": look.sharpness, "pixels": look.pixels,
                **{name: float(scores[name][at]) for name in OF_PICTURE},
            }
            for at, (sha, look) in enumerate(batch)
        ]
    )  # fmt: skip


def _looks(shas: Iterator[str]) -> Iterator[tuple[str, Look | str]]:
    """Yields every picture with its Look, or the reason why it has none, in order; threads measure them."""
    return in_order(_look, shas, _THREADS)


def _look(sha: str) -> Look | str:
    try:
        return measures.look_at(store.blob_path(sha))
    except (BadPicture, NotFound) as error:  # erased since, or damaged on disk
        return str(error)


def _find_pairs(context: JobContext, project_id: int, measured: Looked) -> None:
    """Store the pairs with images that were added since the last job."""
    have = images.hashes(project_id)
    known = quality.state(project_id).paired_up_to
    n_known = int(np.searchsorted(have.image_ids, known, side="right"))
    newest = int(have.image_ids[-1]) if len(have.image_ids) else 0
    if newest <= known:
        return
    context.report(0, 3, "Looking for near-duplicates")
    left, right, distance = near_pairs(have.bits, n_known, FARTHEST)
    near = (have.image_ids[left], have.image_ids[right], np.maximum(distance, 1))
    duplicates.add_pairs(project_id, known, merge_pairs(near, same_pixels(measured.image_ids, measured.pixels, known)))
    quality.set_state(project_id, paired_up_to=newest)


def same_pixels(image_ids: np.ndarray, pixels: np.ndarray, after: int) -> Pairs:
    """Returns pairs at distance 0: the first image with the same pixels, and each later one with an id above `after`.

    image_ids: (N,) ascending; pixels: (N,) names of their pixels.
    """
    _, starts, group = np.unique(pixels, return_index=True, return_inverse=True)
    first = image_ids[starts[group]]
    is_pair = (first != image_ids) & (image_ids > after)
    return first[is_pair], image_ids[is_pair], np.zeros(int(is_pair.sum()), np.int64)


def merge_pairs(near: Pairs, same: Pairs) -> Pairs:
    """Merges both kinds of pairs; each pair occurs once, with its smaller distance."""
    a, b, distance = (np.concatenate(parts) for parts in zip(near, same, strict=True))
    order = np.lexsort((distance, b, a))
    a, b, distance = a[order], b[order], distance[order]
    is_first = np.ones(len(a), bool)
    is_first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return a[is_first], b[is_first], distance[is_first]


def _find_issues(context: JobContext, project_id: int, measured: Looked) -> dict[str, int]:
    """Stores every image's issues; returns {issue: number of images}."""
    context.report(1, 3, "Comparing pictures with each other")
    is_grey = measured.grey > ISSUES["greyscale"].threshold
    is_among_colour = len(is_grey) > 0 and is_grey.mean() < RARE
    exact, near = nearest(measured.image_ids, duplicates.pairs(project_id))
    columns = [
        *measured.measures.T,
        measures.odd_sizes(measured.sizes),
        measured.grey if is_among_colour else np.zeros(len(measured.grey)),
        exact,
        near,
    ]
    issues = np.stack(columns, axis=1)
    quality.set_issues(project_id, measured, issues)
    return {name: int((issues[:, at] > ISSUES[name].threshold).sum()) for at, name in enumerate(ISSUES)}


def nearest(image_ids: np.ndarray, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Returns (N,) 1 where another of these images has the same pixels, and (N,) 1 - bits/256 of the nearest, else 0.

    image_ids: (N,) ascending ids of active images; pairs of others do not count.
    """
    a, b, distance = pairs
    is_active = np.isin(a, image_ids) & np.isin(b, image_ids)
    closest = np.full(len(image_ids), BITS)
    for end in (a, b):
        np.minimum.at(closest, np.searchsorted(image_ids, end[is_active]), distance[is_active])
    return (closest == 0).astype(np.float64), 1 - closest / BITS
