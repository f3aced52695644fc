"""The typical size of a project's pictures."""

from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.tables.core import IN_PROJECT, Blob, Image

_LOOKED_AT = 1_000


def typical_side_px(project_id: int) -> int:
    """Returns the longer side that 9 of 10 of the project's first 1,000 pictures do not exceed; 0 = none."""
    sizes = (
        select(Blob.width, Blob.height)
        .join(Image, Image.blob_sha == Blob.sha)
        .where(Image.project_id == project_id, Image.state.in_(IN_PROJECT))
        .order_by(Image.id)
        .limit(_LOOKED_AT)
    )
    with reading() as session:
        sides = sorted(max(width, height) for width, height in session.execute(sizes))
    return sides[(len(sides) - 1) * 9 // 10] if sides else 0
