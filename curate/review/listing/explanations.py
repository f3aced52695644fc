"""Explains the doubts of a page of pictures in sentences."""

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import and_, select

from curate import store
from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Score, VersionChange
from curate.doubts import stored
from curate.doubts.confirmed import why_again
from curate.doubts.explain import Evidence, explain
from curate.errors import NotFound
from curate.review.listing.pages import Item

AGAIN = "Confirmed by a person once, but the evidence has become much stronger since."  # if the old doubt is unknown


def explain_items(run_id: int, items: Sequence[Item], names: Mapping[int, str]) -> dict[int, str]:
    """Returns {image id: sentence} for the items with a doubt. names: {label id: name}. It reads these rows only.

    Empty where the file of evidence is missing; the doubts themselves are in the catalog.
    """
    doubted = [item for item in items if item.doubt is not None]
    try:
        records = stored.read_rows(store.run_folder(run_id), np.array([item.row for item in doubted], np.int64))
    except NotFound:
        return {}
    confirmed_at = _doubts_when_confirmed([item.image_id for item in doubted if item.asks_again])
    return {
        item.image_id: explain(_evidence(item, record, names, _again(item, confirmed_at)))
        for item, record in zip(doubted, records, strict=True)
    }


def _doubts_when_confirmed(image_ids: list[int]) -> dict[int, float]:
    """Returns {image id: doubt shown when it was last confirmed}, where a run had one."""
    shown = (
        select(VersionChange.image_id, Score.doubt)
        .join(Decision, Decision.id == VersionChange.decision_id)
        .join(Score, and_(Score.run_id == Decision.run_id, Score.image_id == VersionChange.image_id))
        .where(VersionChange.image_id.in_(image_ids), Score.doubt.is_not(None))
        .order_by(VersionChange.decision_id)
    )
    with reading() as session:
        return {image_id: doubt or 0.0 for image_id, doubt in session.execute(shown)} if image_ids else {}


def _again(item: Item, confirmed_at: Mapping[int, float]) -> str:
    if not item.asks_again:
        return ""
    earlier = confirmed_at.get(item.image_id)
    return AGAIN if earlier is None else why_again(item.doubt or 0.0, earlier)


def _evidence(item: Item, record: np.void, names: Mapping[int, str], again: str) -> Evidence:
    given = names.get(item.trained_label_id, "?")
    return Evidence(
        given=given,
        suggested=names.get(item.suggested_id, "?") if item.suggested_id is not None else given,
        votes=int(record["votes"]),
        n_models=int(record["n_models"]),
        neighbours=int(record["neighbours"]),
        n_neighbours=int(record["n_neighbours"]),
        suggests_delete=item.suggests_delete,
        asks_again=again,
    )
