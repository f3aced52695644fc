"""The confirmations on a project's images, as the doubts of a run need them."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Image, Score, VersionChange


@dataclass(frozen=True)
class Standing:
    """Facts on N images.

    groups: (N,) int64, equal for near-duplicates, never changing.  is_checked: (N,) bool, a person confirmed the label.
    earlier_doubt: (N,) float64, the doubt shown at the confirmation, NaN without either.
    """

    groups: np.ndarray
    is_checked: np.ndarray
    earlier_doubt: np.ndarray


def standing(project_id: int, image_ids: np.ndarray) -> Standing:
    """Returns the facts on these images of the project, in their order (ascending ids)."""
    groups, is_checked = image_ids.astype(np.int64), np.zeros(len(image_ids), bool)
    earlier = np.full(len(image_ids), np.nan)
    with reading() as session:
        grouped = session.execute(
            select(Image.id, Image.group_id).where(Image.project_id == project_id, Image.group_id.is_not(None))
        ).all()
        checked = session.scalars(
            select(Image.id).where(Image.project_id == project_id, Image.checked_at.is_not(None))
        ).all()
        shown = session.execute(_shown(project_id)).all()
    for ids, values, column in (
        ([row[0] for row in grouped], [row[1] for row in grouped], groups),
        (checked, [True] * len(checked), is_checked),
        ([row[0] for row in shown], [row[1] for row in shown], earlier),
    ):
        rows, is_here = _rows(image_ids, np.array(ids, np.int64))
        column[rows] = np.array(values)[is_here]
    return Standing(groups, is_checked, earlier)


def _shown(project_id: int):  # type: ignore[no-untyped-def]
    """Selects (image, doubt) that the reviewer saw at the last confirmation of the image."""
    last = (
        select(VersionChange.image_id, func.max(VersionChange.decision_id).label("decision_id"))
        .join(Image, Image.id == VersionChange.image_id)
        .where(Image.project_id == project_id, Image.checked_at.is_not(None), VersionChange.decision_id.is_not(None))
        .group_by(VersionChange.image_id)
        .subquery()
    )
    return (
        select(last.c.image_id, Score.doubt)
        .join(Decision, Decision.id == last.c.decision_id)
        .join(Score, (Score.run_id == Decision.run_id) & (Score.image_id == last.c.image_id))
        .where(Score.doubt.is_not(None))
    )


def _rows(image_ids: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows of `ids` in the ascending `image_ids`, and which of `ids` are there."""
    at = np.searchsorted(image_ids, ids).clip(max=max(0, len(image_ids) - 1))
    is_here = image_ids[at] == ids if len(image_ids) else np.zeros(len(ids), bool)
    return at[is_here], is_here
