"""Linked pictures: files that stay in their place, and whether they are unchanged by size and time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, update

from curate import store
from curate.catalog.database import reading, writing
from curate.catalog.tables.core import IN_PROJECT, Image
from curate.catalog.tables.gather import LinkedFile
from curate.catalog.versions import batches


@dataclass(frozen=True)
class Links:
    """The number of a project's linked files, and of those changed or missing at the last check."""

    n_all: int
    n_changed: int
    n_missing: int


def remember(project_id: int, folder: str, files: list[tuple[Path, str]]) -> None:
    """Store (path, sha) of linked files, with their present size and time."""
    rows = {str(path): (sha, *facts) for path, sha in files if (facts := _facts(str(path)))}
    if not rows:
        return
    with writing() as session:
        for batch in batches(list(rows)):
            mine = (LinkedFile.project_id == project_id, LinkedFile.path.in_(batch))
            known = {row.path: row for row in session.scalars(select(LinkedFile).where(*mine))}
            for path in batch:
                sha, n_bytes, mtime_ns = rows[path]
                row = known.get(path) or LinkedFile(project_id=project_id, path=path)
                row.folder, row.sha, row.n_bytes, row.mtime_ns, row.state = folder, sha, n_bytes, mtime_ns, "same"
                session.add(row)


def count_links(project_id: int) -> Links:
    """Returns the counts of the last check."""
    query = select(LinkedFile.state, func.count()).where(LinkedFile.project_id == project_id)
    with reading() as session:
        n = {row[0]: row[1] for row in session.execute(query.group_by(LinkedFile.state))}
    return Links(sum(n.values()), n.get("changed", 0), n.get("missing", 0))


def look(project_id: int) -> Links:
    """Check size and time of every linked file now. A changed file no longer serves as its picture."""
    for rows in _in_lots(project_id):
        changed = [(row, state) for row in rows if (state := _state(row)) != row.state]
        with writing() as session:
            for row, state in changed:
                session.execute(update(LinkedFile).where(LinkedFile.id == row.id).values(state=state))
        for row, state in changed:
            if state == "changed":
                store.unlink_blob(row.sha)
            elif state == "same":  # it was put back as it was
                store.link_blob(Path(row.path), row.sha)
    return count_links(project_id)


def altered(project_id: int, limit: int) -> list[tuple[str, str]]:
    """Returns (path, changed or missing) of files that differ from those imported."""
    query = select(LinkedFile.path, LinkedFile.state).where(
        LinkedFile.project_id == project_id, LinkedFile.state != "same"
    )
    with reading() as session:
        return [(path, state) for path, state in session.execute(query.order_by(LinkedFile.path).limit(limit))]


def altered_images(project_id: int) -> list[int]:
    """Returns ids of active images without a decision whose file is changed or missing."""
    lost = select(LinkedFile.sha).where(LinkedFile.project_id == project_id, LinkedFile.state != "same")
    still = select(LinkedFile.sha).where(LinkedFile.project_id == project_id, LinkedFile.state == "same")
    query = select(Image.id).where(
        Image.project_id == project_id, Image.state.in_(IN_PROJECT), Image.decision.is_(None),
        Image.blob_sha.in_(lost), Image.blob_sha.not_in(still),
    )  # fmt: skip
    with reading() as session:
        return [image_id for image_id in session.scalars(query.order_by(Image.id)) if image_id]


def folders(project_id: int) -> list[str]:
    """Returns the folders with linked files."""
    query = select(LinkedFile.folder).where(LinkedFile.project_id == project_id).distinct()
    with reading() as session:
        return list(session.scalars(query.order_by(LinkedFile.folder)))


def _in_lots(project_id: int) -> Iterator[list[LinkedFile]]:
    last_id = 0
    while True:
        query = select(LinkedFile).where(LinkedFile.project_id == project_id, LinkedFile.id > last_id)
        with reading() as session:
            rows = list(session.scalars(query.order_by(LinkedFile.id).limit(5_000)))
        if not rows:
            return
        last_id = rows[-1].id
        yield rows


def _state(row: LinkedFile) -> str:
    facts = _facts(row.path)
    return "missing" if facts is None else "same" if facts == (row.n_bytes, row.mtime_ns) else "changed"


def _facts(path: str) -> tuple[int, int] | None:
    """Returns (bytes, modification time in ns); None for a missing file."""
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
