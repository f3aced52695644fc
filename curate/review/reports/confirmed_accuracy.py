"""A run's accuracy on the gold set: held-out pictures whose label a person confirmed."""

from functools import lru_cache

from sqlalchemy import and_, case, func, select

from curate import settings
from curate.catalog.database import reading
from curate.catalog.tables.core import Image, Run, Score, Version
from curate.evaluation import Interval, accuracy_interval, per_cent, pictures


def accuracy(run_id: int) -> tuple[int, Interval]:
    """Returns (pictures, accuracy under today's labels) over active, confirmed pictures held out from the run."""
    with reading() as session:
        project_id = session.scalar(select(Run.project_id).where(Run.id == run_id)) or 0
        version_id = session.scalar(select(func.max(Version.id)).where(Version.project_id == project_id)) or 0
    n, n_right = _count(settings.database_url(), project_id, run_id, version_id)
    return n, accuracy_interval(n_right, n)


def describe(run_id: int) -> str:
    """Returns the accuracy as text, "" without a gold set: "92 % (80 to 97 %) on 40 checked pictures"."""
    n, share = accuracy(run_id)
    if not n:
        return ""
    checked = pictures(n).replace(" ", " checked ")
    return f"{per_cent(share.value)} ({100 * share.low:.0f} to {100 * share.high:.0f} %) on {checked}"


@lru_cache(maxsize=64)  # only a new version confirms anything
def _count(_database: str, project_id: int, run_id: int, _version_id: int) -> tuple[int, int]:
    confirmed = (
        select(func.count(), func.sum(case((Score.predicted_id == Image.label_id, 1), else_=0)))
        .select_from(Image)
        .join(Score, and_(Score.image_id == Image.id, Score.run_id == run_id))
        .where(Image.project_id == project_id, Image.checked_at.is_not(None), Image.state == "active")
        .where(Score.held_out.is_(True))
    )
    with reading() as session:
        n, n_right = session.execute(confirmed).one()
    return int(n), int(n_right or 0)
