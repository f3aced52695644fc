"""Maps: the place of each picture of a project in the plane, made by a job and stored as arrays; the newest counts.

A map is one file that never changes, `cache/maps/PROJECT/NUMBER.npz`, so that its number is enough for caching.
"""

import json
import zipfile
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from curate import store
from curate.catalog.database import reading
from curate.catalog.tables.core import Image, Score
from curate.catalog.versions import batches
from curate.errors import NotFound

MOST = 100_000  # pictures on a map; of more, so many drawn by chance
FEWEST = 5  # of fewer there is nothing to lay out
GONE = 0  # the label of an image that is in the bin, or erased
DECISIONS = (None, "keep", "delete", "relabel")
_KEPT = 2  # files of a project: somebody may be looking at the one before
_BATCH = 5_000
_MOST_NEW = 1_000_000


@dataclass(frozen=True)
class MapFacts:
    """The origin of a map: `n_all` active images up to `newest_image_id`, at that version, embedded by `network`.

    number: id of its job.  made_at: UTC, ISO 8601.
    """

    number: int
    version_number: int
    network: str
    made_at: str
    n_all: int
    newest_image_id: int


@dataclass(frozen=True)
class Map:
    """image_ids: (N,) int64, ascending.  places: (N, 2) float32 in [0, 1]."""

    facts: MapFacts
    image_ids: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class Shades:
    """The colours of points, in the map's order.

    (N,) label ids now (`GONE` = none), (N,) decisions as places in `DECISIONS`, (N,) doubt in [0, 1], NaN = none.
    """

    label_ids: np.ndarray
    decisions: np.ndarray
    doubt: np.ndarray


def write(project_id: int, made: Map) -> None:
    """Store it as the project's newest map; removes all but the previous one."""
    array = BytesIO()
    facts = np.frombuffer(json.dumps(asdict(made.facts)).encode(), np.uint8)
    np.savez(array, facts=facts, image_ids=made.image_ids, places=made.places.astype(np.float32))
    store.write_atomic(_folder(project_id) / f"{made.facts.number}.npz", array.getvalue(), is_derived=True)
    for number in _numbers(project_id)[:-_KEPT]:
        (_folder(project_id) / f"{number}.npz").unlink(missing_ok=True)


def newest(project_id: int) -> MapFacts | None:
    """Returns the newest map; None when there is none, or its file is damaged."""
    numbers = _numbers(project_id)
    try:
        return find(project_id, numbers[-1], only_facts=True).facts if numbers else None
    except NotFound:
        return None


def find(project_id: int, number: int, only_facts: bool = False) -> Map:
    """Returns the map of that number; only_facts: without its arrays. Raises NotFound when it is gone."""
    try:
        path = _folder(project_id) / f"{int(number)}.npz"
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            facts = MapFacts(**json.loads(kept["facts"].tobytes()))
            if only_facts:
                return Map(facts, np.empty(0, np.int64), np.empty((0, 2), np.float32))
            return Map(facts, kept["image_ids"], kept["places"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise NotFound("This map is no longer there.", "Reload the page for the newest one.") from error


def n_new(project_id: int, facts: MapFacts) -> int:
    """Returns the number of active images added after the map was made."""
    # Plus nothing: so that the images after that one are walked, not all of the project's.
    newer = select(Image.id).where(Image.id > facts.newest_image_id, Image.project_id + 0 == project_id)
    with reading() as session:
        counted = newer.where(Image.state == "active").limit(_MOST_NEW).subquery()
        return session.scalar(select(func.count()).select_from(counted)) or 0


def shades(image_ids: np.ndarray, run_id: int | None) -> Shades:
    """Returns the present colours of these images; 0.4 s for 100,000, independent of the project's size."""
    by_image: dict[int, tuple[int, str | None]] = {}
    doubts: dict[int, float | None] = {}
    with reading() as session:
        for batch in batches(image_ids.tolist(), _BATCH):
            active = select(Image.id, Image.label_id, Image.decision).where(
                Image.id.in_(batch), Image.state == "active"
            )
            by_image |= {image_id: (label_id, decision) for image_id, label_id, decision in session.execute(active)}
            if run_id is not None:
                scored = select(Score.image_id, Score.doubt).where(Score.run_id == run_id, Score.image_id.in_(batch))
                doubts |= dict(session.execute(scored).all())
    rows = [by_image.get(image_id, (GONE, None)) for image_id in image_ids.tolist()]
    return Shades(
        np.array([label_id for label_id, _ in rows], np.int64),
        np.array([DECISIONS.index(decision) for _, decision in rows], np.uint8),
        np.array([doubts.get(image_id) for image_id in image_ids.tolist()], np.float64),
    )


def cards(project_id: int, image_ids: list[int]) -> list[dict[str, Any]]:
    """Returns {id, sha, file_name, label_id} of those of these images that belong to the project, in order."""
    columns = (Image.id, Image.blob_sha, Image.file_name, Image.label_id)
    with reading() as session:
        rows = session.execute(select(*columns).where(Image.id.in_(image_ids), Image.project_id == project_id))
        by_id = {row[0]: dict(zip(("id", "sha", "file_name", "label_id"), row, strict=True)) for row in rows}
    return [by_id[image_id] for image_id in image_ids if image_id in by_id]


def pictures(project_id: int) -> tuple[np.ndarray, dict[int, str], int]:
    """Returns (N,) ids to lay out, ascending, {id: blob name}, and the number of active images.

    Of more than `MOST` images it draws that many, always the same for an unchanged project.
    """
    mine = (Image.project_id == project_id, Image.state == "active")
    with reading() as session:
        ids = np.array(session.scalars(select(Image.id).where(*mine).order_by(Image.id)).all(), np.int64)
        drawn = ids
        if len(ids) > MOST:
            drawn = np.sort(np.random.default_rng(0).choice(ids, MOST, replace=False))
        shas: dict[int, Any] = {}
        for batch in batches(drawn.tolist(), _BATCH):
            shas |= {
                row[0]: row[1] for row in session.execute(select(Image.id, Image.blob_sha).where(Image.id.in_(batch)))
            }
    return drawn, shas, len(ids)


def newest_image_id(project_id: int) -> int:
    """Returns the id of the project's newest image; 0 = none."""
    with reading() as session:
        return session.scalar(select(func.max(Image.id)).where(Image.project_id == project_id)) or 0


def _folder(project_id: int) -> Path:
    return store.cache_folder("maps") / str(int(project_id))


def _numbers(project_id: int) -> list[int]:
    return sorted(int(path.stem) for path in _folder(project_id).glob("*.npz") if path.stem.isdecimal())
