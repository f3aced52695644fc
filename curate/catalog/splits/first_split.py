"""The split of images that came in without a label, drawn when they first get one; nothing here moves an image."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from curate.catalog.splits.draw import TRAIN, UNKNOWN, VALID, Arrivals, draw_split
from curate.catalog.tables.core import Image, Project
from curate.catalog.versions import batches


def draw_missing_splits(session: Session, project_id: int, changes: Sequence[dict[str, Any]]) -> None:
    """Draw a split for the images of `changes` that are active now and have none.

    A near-duplicate of an image with a split gets the same one. The rest is drawn so that every label has the
    project's share of validation images, as in an import.
    """
    active = [change["image_id"] for change in changes if change["new_state"] == "active"]
    fresh = _without_split(session, active)
    if not fresh:
        return
    project = session.get_one(Project, project_id)
    arrivals = _arrivals(session, project_id, fresh)
    is_valid = draw_split(arrivals, project.valid_pct, project.split_seed)[: len(fresh)]
    rows = [
        {"id": row.id, "split": "valid" if valid else "train"}
        for row, valid in zip(fresh, is_valid.tolist(), strict=True)
    ]
    for batch in batches(rows):
        session.execute(update(Image), batch)


def _without_split(session: Session, image_ids: list[int]) -> list[Any]:
    columns = (Image.id, Image.blob_sha, Image.label_id, Image.group_id)
    return [
        row
        for batch in batches(image_ids)
        for row in session.execute(select(*columns).where(Image.id.in_(batch), Image.split == "").order_by(Image.id))
    ]


def _arrivals(session: Session, project_id: int, fresh: list[Any]) -> Arrivals:
    """Returns the images to draw, then one entry for each labelled image that has a split, as if without duplicates."""
    group_sides = _group_sides(session, project_id, [row.group_id for row in fresh if row.group_id is not None])
    labels, sides = _labelled(session, project_id, {row.label_id for row in fresh})
    n_members, n_labelled = len(group_sides), len(labels)
    # Groups have positive numbers; images without near-duplicates get negative ones.
    groups = [row.group_id if row.group_id is not None else -row.id for row in fresh]
    lowest = min([0, *groups])
    return Arrivals(
        shas=[row.blob_sha for row in fresh] + [""] * (n_members + n_labelled),
        labels=np.concatenate([np.array([row.label_id for row in fresh], np.int64), np.full(n_members, -1), labels]),
        groups=np.concatenate(
            [np.array(groups, np.int64), np.array(list(group_sides), np.int64), lowest - 1 - np.arange(n_labelled)]
        ),
        settled=np.concatenate([np.full(len(fresh), UNKNOWN), np.array(list(group_sides.values()), np.int64), sides]),
        given=np.full(len(fresh) + n_members + n_labelled, UNKNOWN),
    )


def _group_sides(session: Session, project_id: int, group_ids: list[int]) -> dict[int, int]:
    """Returns {group id: side} of the groups with an image that has a split; training wins in a divided group."""
    sides: dict[int, int] = {}
    for batch in batches(sorted(set(group_ids))):
        rows = session.execute(
            select(Image.group_id, Image.split)
            .where(Image.project_id == project_id, Image.group_id.in_(batch), Image.split != "")
            .where(Image.state != "erased")
        )
        for group_id, split in rows:
            side = VALID if split == "valid" else TRAIN
            sides[int(group_id or 0)] = min(side, sides.get(int(group_id or 0), side))
    return sides


def _labelled(session: Session, project_id: int, label_ids: set[int]) -> tuple[np.ndarray, np.ndarray]:
    """Returns (N,) labels and (N,) sides of the active images of these labels that have a split."""
    rows = session.execute(
        select(Image.label_id, Image.split, func.count())
        .where(Image.project_id == project_id, Image.state == "active", Image.split != "")
        .where(Image.label_id.in_(label_ids))
        .group_by(Image.label_id, Image.split)
    ).all()
    counts = [row[2] for row in rows]
    labels = np.repeat(np.array([row[0] for row in rows], np.int64), counts)
    return labels, np.repeat(np.array([VALID if row[1] == "valid" else TRAIN for row in rows], np.int64), counts)
