"""Everything about one image: facts, origin, story, and a run's probabilities.

It costs the same in any project: it reads rows of this image, and one row of the run's probabilities.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from curate import store
from curate.catalog import images, runs
from curate.catalog.database import reading
from curate.catalog.images import ImageRow
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Decision, Image, Run, Score, Version, VersionChange
from curate.errors import BadPicture, NotFound
from curate.review.image import exif
from curate.review.team.image_story import list_entries

MOST_LABELS = 5  # labels with a probability, besides the present and the suggested one


@dataclass(frozen=True)
class Event:
    """An event of an image.

    action: added, keep, delete, relabel, clear, the kind of a version, or note, flag, unflag, question, answer.
    text: of a note; to: whom a question is for.  label_id: the label it got, or had at import.  run: number of the run
    on the page; version: number of the version that contains the event.
    """

    at: datetime
    by: str
    action: str
    label_id: int | None = None
    run: int | None = None
    version: int | None = None
    text: str = ""
    to: str = ""


@dataclass(frozen=True)
class Thought:
    """A run's prediction.  top: (label id, probability), best first.  held_out: it was not trained on the picture."""

    top: list[tuple[int, float]]
    trained_label_id: int
    rival_id: int | None  # the suggested label, or else the likeliest other than the present one
    held_out: bool
    columns: list[int]


@dataclass(frozen=True)
class CloseUp:
    """One image.  camera: (name, value).  origin: (name, text, URL or "").  story: oldest event first."""

    image: ImageRow
    camera: list[tuple[str, str]]
    origin: list[tuple[str, str, str]]
    story: list[Event]
    thought: Thought | None


def find(project_id: int, image_id: int, run_id: int | None) -> CloseUp:
    """Returns the image as it is now. Raises NotFound for an image or a run of another project."""
    rows = images.image_rows([image_id])
    run = _run_of(project_id, run_id)
    with reading() as session:
        is_mine = session.scalar(select(Image.project_id).where(Image.id == image_id)) == project_id
    if not rows or not is_mine:
        raise NotFound(f"The project has no image {image_id}.")
    image = rows[0]
    return CloseUp(image, _camera(image.sha), origin_of(image.provenance), _story(image), _thought(image, run))


def origin_of(provenance: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Returns (name, text, URL or "") for each known fact about a picture's origin.

    >>> origin_of({"creator": "Ada", "creator_url": "https://a.example/ada", "licence": "CC BY 4.0", "url": "x:y"})
    [('Creator', 'Ada', 'https://a.example/ada'), ('Licence', 'CC BY 4.0', ''), ('Address', 'x:y', '')]
    """
    known = {name: str(value) for name, value in provenance.items() if value}
    rows = []
    for title, name, link in _ORIGIN:
        text, address = known.get(name, ""), known.get(link, "")
        rows.append((title, text, address if _is_web(address) else ""))
    named = {key for _, *keys in _ORIGIN for key in keys} | _NOT_SHOWN
    rows += [(name, text, text if _is_web(text) else "") for name, text in known.items() if name not in named]
    return [row for row in rows if row[1]]


# Title, the key of its text, the key of its link.
_ORIGIN = (
    ("Title", "title", ""),
    ("Creator", "creator", "creator_url"),
    ("Licence", "licence", "licence_url"),
    ("Landing page", "landing_page", "landing_page"),
    ("Address", "url", "url"),
    ("Found by", "name", ""),
    ("Query", "query", ""),
    ("Path", "original_path", ""),
)
# Repetitions of those above: a whole credit line, the search's internal name, the URL again.
_NOT_SHOWN = {"attribution", "source", "path"}


def _is_web(address: str) -> bool:
    return address.lower().startswith(("https://", "http://"))


def _run_of(project_id: int, run_id: int | None) -> RunRow | None:
    run = None if run_id is None else runs.find_run(run_id)
    if run is not None and run.project_id != project_id:
        raise NotFound(f"The project has no run with number {run_id}.")
    return run


def _camera(sha: str) -> list[tuple[str, str]]:
    try:
        return exif.read_facts(store.blob_path(sha))
    except (NotFound, BadPicture):  # a linked file that is gone; everything else can be shown
        return []


def _story(image: ImageRow) -> list[Event]:
    decided = (
        select(Decision.created_at, Decision.reviewer, Decision.action, Decision.label_id, Run.number)
        .outerjoin(Run, Run.id == Decision.run_id)
        .where(Decision.image_id == image.id)
    )
    changed = (
        select(Version.created_at, Version.author, Version.kind, VersionChange.new_label_id, Version.number)
        .join(Version, Version.id == VersionChange.version_id)
        .where(VersionChange.image_id == image.id)
    )
    entered = (
        select(Image.created_at, Version.author, Image.entry_label_id, Version.number)
        .join(Version, Version.id == Image.version_id)
        .where(Image.id == image.id)
    )
    with reading() as session:
        events = [Event(at, by, "added", label, version=number) for at, by, label, number in session.execute(entered)]
        events += [
            Event(at, by, action, label, run=number) for at, by, action, label, number in session.execute(decided)
        ]
        events += [
            Event(at, by, kind, label, version=number) for at, by, kind, label, number in session.execute(changed)
        ]
    # Without opinions on unsettled images: nobody sees those here.
    events += [
        Event(one.at, one.by, one.action, one.label_id, text=one.text, to=one.to) for one in list_entries(image.id)
    ]
    return sorted(events, key=lambda event: event.at)


def _thought(image: ImageRow, run: RunRow | None) -> Thought | None:
    """Returns None for an image imported after the run, and for a run without its file of probabilities."""
    if run is None:
        return None
    with reading() as session:
        score = session.get(Score, (run.id, image.id))
    line = None if score is None else _probabilities(run.id, score.row)
    if score is None or line is None:
        return None
    best = [run.label_ids[column] for column in np.argsort(-line, kind="stable")]
    rival = score.suggested_id or next((label for label in best if label != image.label_id), None)
    shown = [label for at, label in enumerate(best) if at < MOST_LABELS or label in (image.label_id, rival)]
    p = dict(zip(run.label_ids, line.tolist(), strict=True))
    return Thought([(label, p[label]) for label in shown], score.label_id, rival, score.held_out, run.label_ids)


def _probabilities(run_id: int, row: int) -> np.ndarray | None:
    try:
        return np.array(np.load(store.run_folder(run_id) / "probabilities.npy", mmap_mode="r")[row], np.float64)
    except FileNotFoundError:
        return None
