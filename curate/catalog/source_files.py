"""Files of imported folders: the image of each, its place, and its state when it was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import IN_PROJECT, Blob, Image, Job, Label, Project
from curate.catalog.tables.gather import LinkedFile
from curate.catalog.tables.write_back import SourceFile
from curate.catalog.versions import batches

_LOT = 2_000


@dataclass(frozen=True)
class SourceFacts:
    """A file that was read: `path` from its folder's root, the SHA-256 of its bytes, and the label it lies under.

    label_at: which part of the path is the label's folder; the last one, the file itself, where none is.  n_bytes,
    mtime_ns: its size and modification time.
    """

    path: str
    sha: str
    label: str
    label_at: int
    n_bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Misplaced:
    """A file whose folder differs from its image's label and state.

    label_id: the label of its folder or, in quarantine, of its former folder.  wanted_id: the image's label, None =
    deleted.
    """

    id: int
    path: str
    home_path: str | None
    label_id: int
    label_at: int
    n_bytes: int
    mtime_ns: int
    sha: str
    wanted_id: int | None


def remember(project_id: int, folder: str, files: list[SourceFacts]) -> None:
    """Store the image of each file of the folder, replacing earlier notes on the same path.

    Files without an image in the project, and names that no database accepts, are left out.
    """
    storable = [file for file in files if _is_storable(file.path)]
    with reading() as session:
        label_ids = {name: id_ for id_, name in session.execute(_of(project_id, Label, Label.id, Label.name))}
    for batch in batches(storable):  # not in one transaction: nobody else could write for a minute
        with writing(project_id) as session:
            _remember_batch(session, project_id, folder, batch, label_ids)


def folders(project_id: int) -> list[str]:
    """Returns the folders from which the project's pictures were copied, the one with the newest files first.

    Projects older than this table are known by their first folder and by their import jobs.
    """
    with reading() as session:
        newest = select(SourceFile.folder).where(SourceFile.project_id == project_id).distinct()
        roots = list(session.scalars(newest.order_by(SourceFile.folder)))
        jobs = _of(project_id, Job, Job.args).where(Job.kind == "import", Job.status == "done").order_by(Job.id.desc())
        roots += [args["folder"] for args in session.scalars(jobs) if args.get("folder") and not args.get("linked")]
        first = session.scalar(select(Project.source_folder).where(Project.id == project_id))
    return list(dict.fromkeys(roots + ([first] if first else [])))


def has_links(project_id: int) -> bool:
    """Whether some of the project's pictures are linked files."""
    with reading() as session:
        return session.scalar(_of(project_id, LinkedFile, LinkedFile.id).limit(1)) is not None


def linked_below(folder: str) -> list[tuple[int, str]]:
    """Returns (id, name) of the projects with linked files below this folder."""
    inside = LinkedFile.path.startswith(f"{folder.rstrip('/')}/", autoescape=True)
    query = select(Project.id, Project.name).join(LinkedFile, LinkedFile.project_id == Project.id).where(inside)
    with reading() as session:
        return [(row[0], row[1]) for row in session.execute(query.distinct().order_by(Project.id))]


def paths(project_id: int, folder: str) -> set[str]:
    """Returns all known paths of the folder."""
    with reading() as session:
        return set(session.scalars(_of(project_id, SourceFile, SourceFile.path).where(SourceFile.folder == folder)))


def is_taken(project_id: int, folder: str, path: str) -> bool:
    """Whether a file is known by that path, even if it is gone."""
    query = _of(project_id, SourceFile, SourceFile.id).where(SourceFile.folder == folder, SourceFile.path == path)
    with reading() as session:
        return session.scalar(query.limit(1)) is not None


def sizes_without_file(project_id: int) -> set[int]:
    """Returns the sizes in bytes of pictures of images without a known file."""
    query = (
        select(Blob.n_bytes)
        .join(Image, Image.blob_sha == Blob.sha)
        .outerjoin(SourceFile, SourceFile.image_id == Image.id)
        .where(Image.project_id == project_id, SourceFile.id.is_(None))
        .distinct()
    )
    with reading() as session:
        return set(session.scalars(query))


def misplaced(project_id: int, folder: str) -> Iterator[Misplaced]:
    """Yields the folder's files that the project's present state wants elsewhere, oldest note first."""
    last_id = 0
    while True:
        with reading() as session:
            rows = session.execute(
                select(SourceFile, Image.blob_sha, Image.label_id, Image.state)
                .join(Image, Image.id == SourceFile.image_id)
                .where(SourceFile.project_id == project_id, SourceFile.folder == folder, SourceFile.id > last_id)
                .where(_is_misplaced())
                .order_by(SourceFile.id)
                .limit(_LOT)
            ).all()
        if not rows:
            return
        for file, sha, label_id, state in rows:
            wanted_id = label_id if state in IN_PROJECT else None
            yield Misplaced(
                file.id, file.path, file.home_path, file.label_id, file.label_at, file.n_bytes, file.mtime_ns, sha,
                wanted_id,
            )  # fmt: skip
        last_id = rows[-1][0].id


def _is_misplaced() -> ColumnElement[bool]:
    lies_in_tree = SourceFile.home_path.is_(None)
    is_there = Image.state.in_(IN_PROJECT)
    return or_(and_(is_there, or_(~lies_in_tree, Image.label_id != SourceFile.label_id)), and_(~is_there, lies_in_tree))


def _remember_batch(
    session: Session, project_id: int, folder: str, files: list[SourceFacts], label_ids: dict[str, int]
) -> None:
    image_of = _images(session, project_id, [file.sha for file in files])
    mine = _of(project_id, SourceFile, SourceFile).where(SourceFile.folder == folder)
    known = {row.path: row for row in session.scalars(mine.where(SourceFile.path.in_([file.path for file in files])))}
    for file in files:
        label_id = label_ids.get(file.label)
        image_id = image_of.get((file.sha, label_id or 0))
        if label_id is None or image_id is None:
            continue
        row = known.get(file.path) or SourceFile(project_id=project_id, folder=folder, path=file.path)
        row.image_id, row.label_id, row.label_at, row.home_path = image_id, label_id, file.label_at, None
        row.n_bytes, row.mtime_ns = file.n_bytes, file.mtime_ns
        session.add(row)
    session.flush()


def _images(session: Session, project_id: int, shas: list[str]) -> dict[tuple[str, int], int]:
    """Returns {(sha, label id): image}, by the label at import, else by the present one."""
    columns = (Image.id, Image.blob_sha, Image.entry_label_id, Image.label_id)
    rows = session.execute(_of(project_id, Image, *columns).where(Image.blob_sha.in_(shas))).all()
    return {(sha, label_id): id_ for id_, sha, _, label_id in rows} | {(sha, entry): id_ for id_, sha, entry, _ in rows}


def _of(project_id: int, table: Any, *columns: Any) -> Select[Any]:
    return select(*columns).where(table.project_id == project_id)


def _is_storable(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8
        return False
    return True
