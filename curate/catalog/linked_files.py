"""Pictures left where they lie: which files, and whether they still are what came in, by their size and time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, update

from curate import store
from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Image
from curate.catalog.tables.gather import LinkedFile
from curate.catalog.versions import batches


@dataclass(frozen=True)
class Links:
    """How many linked files a project has, and how many had changed or gone at the last look."""

    n_all: int
    n_changed: int
    n_missing: int


def remember(project_id: int, folder: str, files: list[tuple[Path, str]]) -> None:
    """Note (path, sha) of files that came in linked, with the size and time they have now."""
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
    """As the last look found them."""
    query = select(LinkedFile.state, func.count()).where(LinkedFile.project_id == project_id)
    with reading() as session:
        n = {row[0]: row[1] for row in session.execute(query.group_by(LinkedFile.state))}
    return Links(sum(n.values()), n.get("changed", 0), n.get("missing", 0))


def look(project_id: int) -> Links:
    """Look at size and time of every linked file now. What changed is no longer shown as the picture it was."""
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
    """(path, changed or missing) of files that are no longer what came in."""
    query = select(LinkedFile.path, LinkedFile.state).where(
        LinkedFile.project_id == project_id, LinkedFile.state != "same"
    )
    with reading() as session:
        return [(path, state) for path, state in session.execute(query.order_by(LinkedFile.path).limit(limit))]


def altered_images(project_id: int) -> list[int]:
    """Ids of active images without a decision whose file changed or is gone."""
    lost = select(LinkedFile.sha).where(LinkedFile.project_id == project_id, LinkedFile.state != "same")
    still = select(LinkedFile.sha).where(LinkedFile.project_id == project_id, LinkedFile.state == "same")
    query = select(Image.id).where(
        Image.project_id == project_id, Image.state == "active", Image.decision.is_(None),
        Image.blob_sha.in_(lost), Image.blob_sha.not_in(still),
    )  # fmt: skip
    with reading() as session:
        return [image_id for image_id in session.scalars(query.order_by(Image.id)) if image_id]


def folders(project_id: int) -> list[str]:
    """Names of the folders that files are linked from."""
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
    """(bytes, time of the last change in ns); None when there is no such file to read."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
