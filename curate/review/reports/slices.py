"""Where a run is worse than elsewhere: by quality, source, size, format, camera, date, label group, column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
from sqlalchemy import select

from curate import settings, store
from curate.catalog import quality
from curate.catalog.database import reading
from curate.catalog.tables.core import Blob, Image
from curate.catalog.versions import batches
from curate.errors import CurateError
from curate.evaluation.slice_combinations import Parts
from curate.evaluation.slices import Feature, Slices, Together, find_slices, find_together
from curate.quality.issues import ISSUES
from curate.review.image import exif
from curate.review.reports.error_causes import POOR, has_issue
from curate.review.reports.evaluated import Evaluated, find_evaluated
from curate.review.reports.imported_columns import column_names, imported_columns
from curate.review.reports.label_groups import label_groups

MOST_WITH_CAMERA = 3_000  # pictures whose files are read for it: 1 ms each
MOST_VALUES = 30  # of a feature, the most frequent ones; days become months beyond
UNKNOWN = "not known"
YES, NO = "yes", "no"


@dataclass(frozen=True, eq=False)
class RunSlices:
    """The slices of a run, and those that go together with a label among its training pictures.

    features: {name: Feature of the evaluated pictures}; groups: (K,) int, equal for near-duplicates.
    """

    found: Slices
    together: list[Together]
    features: dict[str, Feature]
    groups: np.ndarray

    def is_in(self, key: str) -> np.ndarray | None:
        """Returns (K,) bool: the pictures of the slice or combination with that key; None when there is none."""
        is_in = [self._is_in_one(name, value) for name, value in parts_of(key)]
        known = [one for one in is_in if one is not None]
        return np.asarray(np.all(known, axis=0)) if known and len(known) == len(is_in) else None

    def _is_in_one(self, name: str, value: str) -> np.ndarray | None:
        feature = self.features.get(name)
        if feature is None or value not in feature.values:
            return None
        return np.asarray(feature.codes == feature.values.index(value))


def key_of(feature: str, value: str) -> str:
    """Returns the key of a slice, for an address. Names of features have no equals sign."""
    return f"{feature}={value}"


def key_of_combination(parts: Parts) -> str:
    """Returns the key of a combination: an "&", and its parts as in the query of an address."""
    return f"&{urlencode(parts)}"


def parts_of(key: str) -> Parts:
    """Returns feature and value of each part of a key.

    >>> parts_of("Size=up to 9 px"), parts_of(key_of_combination((("Blurry", "yes"), ("Source", "R&B"))))
    ((('Size', 'up to 9 px'),), (('Blurry', 'yes'), ('Source', 'R&B')))
    """
    if key.startswith("&"):
        return tuple(parse_qsl(key[1:], keep_blank_values=True))
    name, _, value = key.partition("=")
    return ((name, value),)


def title_of(key: str) -> str:
    """Returns a slice or a combination as words. Plain text.

    >>> title_of("Blurry=yes"), title_of("&Blurry=yes&Format=PNG")
    ('Blurry', 'Blurry and Format PNG')
    """
    return " and ".join(name if value == YES else f"{name} {value}" for name, value in parts_of(key))


def find_run_slices(evaluated: Evaluated) -> RunSlices:
    """Returns the slices of the evaluated pictures; a second for 100,000 pictures, then from memory."""
    project_id = evaluated.run.project_id
    groups = tuple(label_groups(project_id).items())
    state = (quality.state(project_id).version_id, column_names(project_id), groups)
    return _find(settings.database_url(), evaluated, state)


@lru_cache(maxsize=4)
def _find(_database: str, evaluated: Evaluated, state: Any) -> RunSlices:
    features, groups = _features(evaluated, with_labels=True)
    trained = evaluated if evaluated.split == "train" else find_evaluated(evaluated.run, "train")
    learnt, _ = (features, groups) if trained is evaluated else _features(trained, with_labels=False)
    learnt = {name: feature for name, feature in learnt.items() if name != "Label group"}
    return RunSlices(
        find_slices(evaluated.is_wrong, features, groups),
        find_together(learnt, trained.actual, tuple(trained.names)),
        features,
        groups,
    )


def _features(evaluated: Evaluated, with_labels: bool) -> tuple[dict[str, Feature], np.ndarray]:
    """Returns the features of the pictures, and (K,) their groups of near-duplicates."""
    columns, rows, project_id = evaluated.columns, evaluated.rows, evaluated.run.project_id
    facts = _facts(evaluated.image_ids.tolist())
    features = {
        "Source": _coded([columns.sources[code] or UNKNOWN for code in columns.source[rows].tolist()]),
        "Format": _coded([fact.format for fact in facts]),
        "Size": _sized([fact.side_px for fact in facts]),
        "Date added": _dated(columns.added[rows].tolist()),
    }
    if quality.state(project_id).version_id is not None:
        features |= {ISSUES[name].title: _flag(has_issue(evaluated, name)) for name in POOR}
    if evaluated.n <= MOST_WITH_CAMERA:
        features["Camera"] = _coded([_camera(fact.sha) for fact in facts])
    if with_labels and (groups := label_groups(project_id)):
        of_label = [groups.get(label.id, "") for label in evaluated.labels]
        features["Label group"] = _coded([of_label[position] for position in evaluated.actual.tolist()])
    names = [fact.file_name.casefold() for fact in facts]
    for name, by_file in imported_columns(project_id).items():
        features[name.replace("=", " ")] = _coded([by_file.get(file, "") for file in names])
    return features, np.array([fact.group for fact in facts], np.int64)


@dataclass(frozen=True)
class _Fact:
    sha: str
    file_name: str
    format: str
    side_px: float
    group: int


def _facts(image_ids: list[int]) -> list[_Fact]:
    facts: dict[int, _Fact] = {}
    query = select(Image.id, Image.blob_sha, Image.file_name, Blob.format, Blob.width, Blob.height, Image.group_id)
    query = query.join(Blob, Blob.sha == Image.blob_sha)
    with reading() as session:
        for batch in batches(image_ids, 5_000):
            for row in session.execute(query.where(Image.id.in_(batch))):
                side = float(row.width * row.height) ** 0.5
                facts[row.id] = _Fact(row.blob_sha, row.file_name, row.format, side, row.group_id or row.id)
    missing = _Fact("", "", "", 0.0, -1)
    return [facts.get(image_id, missing) for image_id in image_ids]


@lru_cache(maxsize=20_000)
def _camera(sha: str) -> str:
    try:
        return dict(exif.read_facts(store.blob_path(sha))).get("Camera", "")
    except (CurateError, OSError):
        return ""


def _coded(values: Sequence[str]) -> Feature:
    """Returns the most frequent values as a feature; "" is not known."""
    names, counts = np.unique(np.array([value for value in values if value], dtype=object), return_counts=True)
    kept = [str(names[place]) for place in np.argsort(-counts, kind="stable")[:MOST_VALUES]]
    places = {name: place for place, name in enumerate(kept)}
    return Feature(np.array([places.get(value, -1) for value in values], np.int64), tuple(kept))


def _flag(is_in: np.ndarray) -> Feature:
    return Feature(is_in.astype(np.int64), (NO, YES))


def _sized(sides: list[float]) -> Feature:
    """Returns quarters of the pictures by the root of their pixels."""
    ends = np.unique(np.quantile(sides, [0.25, 0.5, 0.75]).round()) if sides else np.zeros(0)
    if not len(ends):
        return Feature(np.zeros(0, np.int64), ())
    between = [f"{low:.0f} to {high:.0f} px" for low, high in zip(ends[:-1], ends[1:], strict=True)]
    names = [f"up to {ends[0]:.0f} px", *between, f"over {ends[-1]:.0f} px"]
    return Feature(np.searchsorted(ends, np.array(sides), side="left"), tuple(names))


def _dated(days: list[int]) -> Feature:
    def write(pattern: str) -> Callable[[int], str]:
        return lambda day: datetime.fromtimestamp(86_400 * day, UTC).strftime(pattern)

    by_day = "%Y-%m-%d" if len(set(days)) <= MOST_VALUES else "%Y-%m"
    return _coded([write(by_day)(day) for day in days])
