"""Projects and their labels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curate import whole_number
from curate.catalog.database import reading, writing
from curate.catalog.tables.core import UNLABELLED, Label, Project, Version
from curate.errors import BadInput, Conflict, NotFound

MAX_NAME = 300  # characters; the column's width
NO_LABEL = "No label"  # how screens and lists name the label of unlabelled images


@dataclass(frozen=True)
class ProjectSummary:
    """A project as lists show it, as of its head version.

    n_train, n_valid: labelled images.  n_unlabelled: images without a label, in no split.
    """

    id: int
    name: str
    created_at: datetime
    n_labels: int
    n_train: int
    n_valid: int
    version_number: int
    source_folder: str | None
    valid_pct: float
    split_seed: int
    is_sample: bool
    n_unlabelled: int = 0

    @property
    def n_images(self) -> int:
        """Labelled images of both splits."""
        return self.n_train + self.n_valid

    @property
    def has_pictures(self) -> bool:
        """Whether it has images, with or without labels."""
        return self.n_images + self.n_unlabelled > 0


@dataclass(frozen=True)
class LabelRow:
    """A label with its position (colour, matrix row), its active images per split, and its key."""

    id: int
    name: str
    position: int
    n_train: int
    n_valid: int
    key: str | None = None


def clean_name(name: str, what: str) -> str:
    """Returns `name` stripped. Raises BadInput when it is empty, has control characters or over 300 characters."""
    name = name.strip()
    if not name:
        raise BadInput(f"A {what} needs a name.")
    if len(name) > MAX_NAME:
        raise BadInput(f"A {what}'s name can have {MAX_NAME} characters; this one has {len(name):,}.")
    if any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) <= 0xDFFF for letter in name):
        raise BadInput(f"A {what}'s name cannot hold line breaks or control characters.")
    return name


def create_project(name: str, valid_pct: float = 20.0, seed: int = 42, source_folder: str | None = None) -> int:
    """Makes an empty project; returns its id. Raises BadInput, Conflict.

    valid_pct: per cent of each label for validation.
    """
    name = clean_name(name, "project")
    if not 1 <= valid_pct <= 90:
        raise BadInput(f"Between 1 and 90 % of the images can be held out for validation; {valid_pct:g} % were asked.")
    project = Project(name=name, valid_pct=float(valid_pct), split_seed=int(seed), source_folder=source_folder)
    try:
        with writing() as session:
            session.add(project)
    except IntegrityError as error:
        raise Conflict(f"There is a project named {name} already.", "Open it, or choose another name.") from error
    return project.id


def list_projects() -> list[ProjectSummary]:
    """Returns all projects, newest first."""
    with reading() as session:
        rows = session.execute(
            select(Project, Version)
            .outerjoin(Version, Version.id == Project.head_version_id)
            .order_by(Project.created_at.desc(), Project.id.desc())
        )
        return [_summary(project, version) for project, version in rows]


def project_names() -> list[tuple[int, str]]:
    """Returns (id, name) of all projects, oldest first."""
    with reading() as session:
        return [(row.id, row.name) for row in session.execute(select(Project.id, Project.name).order_by(Project.id))]


def find_project(key: int | str) -> ProjectSummary:
    """Returns the project with this id or exact name. Raises NotFound."""
    match = Project.id == key if isinstance(key, int) else Project.name == key
    with reading() as session:
        row = session.execute(
            select(Project, Version).outerjoin(Version, Version.id == Project.head_version_id).where(match)
        ).first()
    if row is None:
        raise NotFound(f"There is no project {key}.", "List them with `curate projects`.")
    return _summary(*row)


def find_by_key(key: str) -> ProjectSummary:
    """Returns the project of that name, or of that number. Raises NotFound."""
    try:
        return find_project(key)
    except NotFound:
        number = whole_number.parse(key)
        if number is None:
            raise
        return find_project(number)


def labels(project_id: int, with_unlabelled: bool = False) -> list[LabelRow]:
    """Returns the project's labels by position, with their counts.

    with_unlabelled: ends with the one for no label, named `NO_LABEL`, if the project has it.
    """
    with reading() as session:
        counts = session.scalar(
            select(Version.counts).join(Project, Project.head_version_id == Version.id).where(Project.id == project_id)
        )
        rows = session.scalars(select(Label).where(Label.project_id == project_id).order_by(Label.position)).all()
    listed = [_label_row(label, counts or {}) for label in rows if label.position >= 0]
    unlabelled = [LabelRow(label.id, NO_LABEL, label.position, 0, 0) for label in rows if label.position < 0]
    return listed + unlabelled if with_unlabelled else listed


def label_names(project_id: int, with_unlabelled: bool = False) -> dict[int, str]:
    """Returns {label id: name} of the project, by position; with_unlabelled: also of the one for no label."""
    query = select(Label.id, Label.name).where(Label.project_id == project_id).order_by(Label.position)
    if not with_unlabelled:
        query = query.where(Label.position >= 0)
    with reading() as session:
        return {row.id: row.name or NO_LABEL for row in session.execute(query)}


def find_unlabelled_id(project_id: int) -> int | None:
    """Returns the id of the label that stands for no label; None while the project has none."""
    with reading() as session:
        return session.scalar(unlabelled_of(project_id))


def ensure_unlabelled_id(project_id: int) -> int:
    """Returns the same id; adds the label if it is missing."""
    known = find_unlabelled_id(project_id)
    if known is not None:
        return known
    with writing(project_id) as session:
        return ensure_labels(session, project_id, [UNLABELLED])[UNLABELLED]


def ensure_labels(session: Session, project_id: int, names: list[str]) -> dict[str, int]:
    """Returns {name: label id} for `names`; new labels are added at the end in the given order.

    The name `UNLABELLED` stands for no label.
    """
    rows = session.scalars(select(Label).where(Label.project_id == project_id)).all()
    known = {label.name: label.id for label in rows}
    position = max((label.position for label in rows), default=-1)
    for name in dict.fromkeys(names):
        clean = name if name == UNLABELLED else clean_name(name, "label")
        if clean not in known:
            position += clean != UNLABELLED
            place = -1 if clean == UNLABELLED else position
            label = Label(project_id=project_id, name=clean, position=place)
            session.add(label)
            session.flush()
            known[clean] = label.id
        known[name] = known[clean]
    return known


def add_label(project_id: int, name: str) -> int:
    """Returns the id of the label of that name; adds it if it is missing."""
    name = clean_name(name, "label")
    find_project(project_id)
    with writing(project_id) as session:
        return ensure_labels(session, project_id, [name])[name]


def find_label(project_id: int, name: str) -> int:
    """Returns the id of the label of exactly that name. Raises NotFound with a list of the labels."""
    rows = {label.name: label.id for label in labels(project_id)}
    if name not in rows:
        known = ", ".join(list(rows)[:12]) or "none yet"
        raise NotFound(f"There is no label {name}.", f"The project's labels are: {known}.")
    return rows[name]


def set_planted(project_id: int, planted: dict[str, Any]) -> None:
    """Store the sample's planted problems, {image id: {"kind": what, "label": the right one or None}}."""
    with writing() as session:
        session.get_one(Project, project_id).planted = planted


def planted(project_id: int) -> dict[int, dict[str, Any]]:
    """Returns the sample's planted problems by image id; empty for other projects."""
    with reading() as session:
        stored = session.get_one(Project, project_id).planted or {}
    return {int(image_id): problem for image_id, problem in stored.items()}


def _summary(project: Project, version: Version | None) -> ProjectSummary:
    counts = version.counts if version else {}
    return ProjectSummary(
        id=project.id,
        name=project.name,
        created_at=project.created_at,
        n_labels=sum(1 for of_label in counts.values() if sum(of_label.values())),
        n_train=sum(of_label.get("train", 0) for of_label in counts.values()),
        n_valid=sum(of_label.get("valid", 0) for of_label in counts.values()),
        version_number=version.number if version else 0,
        source_folder=project.source_folder,
        valid_pct=project.valid_pct,
        split_seed=project.split_seed,
        is_sample=project.planted is not None,
        n_unlabelled=int(version.summary.get("unlabelled", 0)) if version else 0,
    )


def unlabelled_of(project_id: int) -> Select[int]:
    """Selects the id of the label that stands for no label, for transactions that are open already."""
    return select(Label.id).where(Label.project_id == project_id, Label.name == UNLABELLED)


def _label_row(label: Label, counts: dict[str, Any]) -> LabelRow:
    of_label = counts.get(str(label.id), {})
    n_train, n_valid = of_label.get("train", 0), of_label.get("valid", 0)
    return LabelRow(label.id, label.name, label.position, n_train, n_valid, label.key)
