"""The images of any version, streamed in id order: labels, states and decisions as they stood then.

Versions never change, so what is read is one state although each page is a read of its own, and people go on deciding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from curate.catalog import projects, runs
from curate.catalog import versions as version_rows
from curate.catalog.best_run import best_run
from curate.catalog.database import reading
from curate.catalog.projects import LabelRow
from curate.catalog.tables.core import INBOX, Blob, Decision, Image, Score, Version, VersionChange
from curate.catalog.versions import VersionRow
from curate.errors import BadInput

PAGE = 1_000  # images held at once


@dataclass(frozen=True)
class ExportedImage:
    """An image as a version has it.

    decision, decided_by, decided_at: the newest applied decision that speaks for this label; checked_at: when it was
    applied; None = nobody looked. doubt: in [0, 1], 1 = the label is wrong, None where no run judged this label;
    suggested_id: None where the label is supported.
    """

    id: int
    sha: str
    format: str
    n_bytes: int
    width: int
    height: int
    label_id: int
    split: str
    file_name: str
    provenance: dict[str, Any]
    created_at: datetime
    checked_at: datetime | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    doubt: float | None
    suggested_id: int | None


@dataclass(frozen=True)
class ProjectVersion:
    """A version to export: `labels` are all of the project's in order, with this version's counts.

    run_id: the run whose doubts go along; None = no run has finished.  project_key: tells the project from every other,
    also from one with the same number in another catalog.  times: when each version of the project was made, by id.
    with_unlabelled: its images that had no label are among them, whose label is none of `labels`.
    """

    project_id: int
    project_name: str
    project_key: str
    row: VersionRow
    labels: list[LabelRow]
    run_id: int | None
    times: dict[int, datetime]
    with_unlabelled: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """{"train": images, "valid": images}."""
        return {"train": sum(one.n_train for one in self.labels), "valid": sum(one.n_valid for one in self.labels)}

    @property
    def n_images(self) -> int:
        """Images of both splits, and unlabelled ones that are among them; some may have been erased since."""
        return sum(self.counts.values()) + (self.row.n_unlabelled if self.with_unlabelled else 0)


def find_version(project_id: int, number: int | None = None) -> ProjectVersion:
    """Returns the version of that number, None = the newest. Raises NotFound, and BadInput for one without images."""
    project = projects.find_project(project_id)
    if number is None and not project.version_number:
        raise BadInput("The project has no images to export.", "Import some first.")
    row = version_rows.find_version(project_id, project.version_number if number is None else number)
    labels = [_label_of(row, label) for label in projects.labels(project_id)]
    key = f"{project_id} {project.created_at.isoformat()}"
    run_id = _run_for(project_id, row.number)
    version = ProjectVersion(project_id, project.name, key, row, labels, run_id, _times(project_id))
    if not version.n_images:
        raise BadInput(f"Version {row.number} has no images to export.", "Choose another version.")
    return version


def images(
    version: ProjectVersion, split: str | None = None, after: int = 0, until: int | None = None
) -> Iterator[ExportedImage]:
    """Yields the version's images in id order, of one split or both; after, until: ids, the first one excluded.

    Images that were erased since are missing.
    """
    for page in pages(version, split, after, until):
        yield from page


def pages(
    version: ProjectVersion, split: str | None = None, after: int = 0, until: int | None = None
) -> Iterator[list[ExportedImage]]:
    """Yields the same in lists of at most `PAGE`, none of them empty."""
    # Adding nothing keeps indexes of these columns out of it: each page would sort the whole project.
    wanted = [Image.project_id + 0 == version.project_id, Image.version_id + 0 <= version.row.id]
    wanted += [Image.state != "erased", *([Image.split == split] if split else [])]
    wanted += [] if until is None else [Image.id <= until]
    query = select(Image, Blob).join(Blob, Blob.sha == Image.blob_sha).where(*wanted).order_by(Image.id).limit(PAGE)
    while True:
        with reading() as session:
            rows = session.execute(query.where(Image.id > after)).all()
            if not rows:
                return
            page = _as_it_stood(session, version, [(image, blob) for image, blob in rows])
        after = rows[-1][0].id
        if page:
            yield page


def _as_it_stood(session: Session, version: ProjectVersion, rows: list[tuple[Image, Blob]]) -> list[ExportedImage]:
    first, last = rows[0][0].id, rows[-1][0].id
    stood = _changed_since(session, version.row.id, first, last)
    decided = _decisions(session, version.row.id, first, last)
    doubts = _doubts(session, version.run_id, first, last)
    page = []
    for image, blob in rows:
        label_id, state = stood.get(image.id, (image.label_id, image.state))
        if state == "active" or (version.with_unlabelled and state == INBOX):
            page.append(_exported(version, image, blob, label_id, decided.get(image.id), doubts.get(image.id)))
    return page


def _exported(
    version: ProjectVersion, image: Image, blob: Blob, label_id: int, decided: Any, doubt: Any
) -> ExportedImage:
    is_of_this_label = decided is not None and decided.new_state == "active" and decided.new_label_id == label_id
    decided = decided if is_of_this_label else None
    doubt = doubt if doubt is not None and doubt.label_id == label_id else None
    checked_at = decided and version.times[decided.version_id]
    return ExportedImage(
        id=image.id, sha=blob.sha, format=blob.format, n_bytes=blob.n_bytes, width=blob.width, height=blob.height,
        label_id=label_id, split=image.split, file_name=image.file_name, provenance=image.provenance,
        created_at=image.created_at, checked_at=checked_at, decision=decided and decided.action,
        decided_by=decided and decided.reviewer, decided_at=decided and decided.created_at,
        doubt=doubt and doubt.doubt, suggested_id=doubt and doubt.suggested_id,
    )  # fmt: skip


def _changed_since(session: Session, version_id: int, first: int, last: int) -> dict[int, tuple[int, str]]:
    """{image id: (label id, state) in the version}: the oldest change after it holds what stood before."""
    rows = session.execute(
        select(VersionChange.image_id, VersionChange.old_label_id, VersionChange.old_state)
        .where(VersionChange.image_id.between(first, last), VersionChange.version_id > version_id)
        .order_by(VersionChange.version_id)
    )
    stood: dict[int, tuple[int, str]] = {}
    for image_id, label_id, state in rows:
        stood.setdefault(image_id, (label_id, state))
    return stood


def _decisions(session: Session, version_id: int, first: int, last: int) -> dict[int, Any]:
    """{image id: its newest applied decision up to the version}."""
    rows = session.execute(
        select(
            VersionChange.image_id, VersionChange.version_id, VersionChange.new_label_id, VersionChange.new_state,
            Decision.action, Decision.reviewer, Decision.created_at,
        )
        .join(Decision, Decision.id == VersionChange.decision_id)
        .where(VersionChange.image_id.between(first, last), VersionChange.version_id <= version_id)
        .order_by(VersionChange.version_id)
    )  # fmt: skip
    return {row.image_id: row for row in rows}


def _doubts(session: Session, run_id: int | None, first: int, last: int) -> dict[int, Any]:
    if run_id is None:
        return {}
    query = select(Score.image_id, Score.label_id, Score.doubt, Score.suggested_id)
    rows = session.execute(query.where(Score.run_id == run_id, Score.image_id.between(first, last)))
    return {row.image_id: row for row in rows}


def _times(project_id: int) -> dict[int, datetime]:
    with reading() as session:
        rows = session.execute(select(Version.id, Version.created_at).where(Version.project_id == project_id))
        return {row.id: row.created_at for row in rows}


def _label_of(version: VersionRow, label: LabelRow) -> LabelRow:
    n = version.counts.get(str(label.id), {})
    return LabelRow(label.id, label.name, label.position, n.get("train", 0), n.get("valid", 0), label.key)


def _run_for(project_id: int, number: int) -> int | None:
    """The best run for reviewing of those up to the version, else of all; None without a finished one."""
    finished = runs.list_runs(project_id, only_done=True)
    up_to = [run for run in finished if run.version_number <= number]
    return best_run(up_to or finished, "review").run.id if finished else None
