"""Duplicates of a project: pairs of nearly equal images, and the groups they form at each distance.

The quality job stores pairs; "not duplicates" dismisses them for good. Groups are computed from pairs, stored with
their rank, and read page by page, so that a page never reads all of them.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Image, now
from curate.catalog.tables.quality import DuplicateGroup, DuplicateMember, NearPair
from curate.catalog.versions import batches
from curate.quality.groups import LEVELS, linked

WRITE = 500  # groups written in one transaction
MOST_AT_ONCE = 10_000  # images named in one statement, twice: SQLite takes 32,766 values
ACROSS_BOTH, ACROSS_LABELS, ACROSS_SPLITS, WITHIN = range(4)

Fact = tuple[int, str, str | None]  # label, split, decision of an active image


@dataclass(frozen=True)
class Group:
    """Active images that are duplicates of each other, in id order; `rank` as in `DuplicateGroup`."""

    id: int
    distance: int
    rank: int
    is_settled: bool
    image_ids: tuple[int, ...]


def add_pairs(project_id: int, after: int, pairs: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Store (P,) image ids, (P,) larger image ids, (P,) distances; replaces those of images after `after`."""
    known = (NearPair.project_id == project_id, NearPair.image_b > after)
    with writing() as session:
        session.execute(delete(NearPair).where(*known))
    rows = [
        {"project_id": project_id, "image_a": a, "image_b": b, "distance": distance}
        for a, b, distance in zip(*(part.tolist() for part in pairs), strict=True)
    ]
    for batch in batches(rows, 5_000):
        with writing() as session:
            session.execute(insert(NearPair), batch)


def pairs(project_id: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns (P,) image ids, (P,) larger image ids, (P,) distances of the project's pairs that are not dismissed."""
    with reading() as session:
        return _pair_arrays(session.execute(_standing_pairs(project_id)).all())


def find_groups(
    project_id: int, distance: int, number: int, size: int, is_settled: bool | None = False, ranks: tuple[int, ...] = ()
) -> list[Group]:
    """Returns page `number` (from 1) of the groups at a distance, those across labels and splits first.

    is_settled: None = both.  ranks: the wanted ones, empty = all.
    """
    query = _listed(project_id, distance, is_settled)
    if ranks:
        query = query.where(DuplicateGroup.rank.in_(ranks))
    query = query.order_by(DuplicateGroup.rank, DuplicateGroup.id).offset((number - 1) * size).limit(size)
    with reading() as session:
        return _with_members(session, session.scalars(query).all())


def groups_by_id(group_ids: list[int]) -> list[Group]:
    """Returns these groups in this order, as they are now; missing ones are left out."""
    with reading() as session:
        rows = session.scalars(select(DuplicateGroup).where(DuplicateGroup.id.in_(group_ids))).all()
        groups = {group.id: group for group in _with_members(session, rows)}
    return [groups[group_id] for group_id in group_ids if group_id in groups]


def count_groups(project_id: int, distance: int, is_settled: bool | None = False) -> dict[int, int]:
    """Returns {rank: number of groups at that distance}."""
    query = _listed(project_id, distance, is_settled).with_only_columns(DuplicateGroup.rank, func.count())
    with reading() as session:
        return {row[0]: row[1] for row in session.execute(query.group_by(DuplicateGroup.rank))}


def distances_between(image_ids: list[int]) -> dict[tuple[int, int], int]:
    """Returns {(image, larger image): differing bits} of the pairs among these images, also dismissed ones."""
    query = select(NearPair.image_a, NearPair.image_b, NearPair.distance)
    query = query.where(NearPair.image_a.in_(image_ids), NearPair.image_b.in_(image_ids))
    with reading() as session:
        return {(row[0], row[1]): row[2] for row in session.execute(query)}


def dismiss(project_id: int, image_ids: list[int], by: str) -> None:
    """Mark these images as no duplicates of each other, so that present pairs group them no more."""
    _mark(project_id, image_ids, dismissed_by=by, dismissed_at=now())


def undismiss(project_id: int, image_ids: list[int]) -> None:
    """Remove a dismissal."""
    _mark(project_id, image_ids, dismissed_by=None, dismissed_at=None)


def regroup(project_id: int, image_ids: list[int] | None = None) -> None:
    """Update the stored groups from pairs, labels and decisions: all, or those with these images."""
    with reading() as session:
        scope = None if image_ids is None else _touched(session, image_ids)
        if scope is not None and len(scope) > MOST_AT_ONCE:
            scope = None
        a, b, distance = _pair_arrays(session.execute(_standing_pairs(project_id, scope)).all())
        facts = _facts(session, np.unique(np.concatenate([a, b])).tolist() if scope is None else scope)
    active = np.array(sorted(facts), np.int64)
    is_active = np.isin(a, active) & np.isin(b, active)
    for level in LEVELS:
        chosen = is_active & (distance <= level)
        wanted = {tuple(group) for group in linked(a[chosen], b[chosen])}
        _store_groups(project_id, level, wanted, facts, scope)


def resettle(project_id: int, image_ids: list[int]) -> None:
    """Update whether the waiting decisions settle the groups of these images."""
    with writing() as session:
        group_ids = _groups_of(session, image_ids)
        groups = _with_members(
            session,
            session.scalars(
                select(DuplicateGroup).where(DuplicateGroup.id.in_(group_ids), DuplicateGroup.project_id == project_id)
            ).all(),
        )
        facts = _facts(session, sorted({image_id for group in groups for image_id in group.image_ids}))
        for group in groups:
            is_settled = _is_settled([facts[image_id] for image_id in group.image_ids if image_id in facts])
            if is_settled != group.is_settled:
                session.execute(
                    update(DuplicateGroup).where(DuplicateGroup.id == group.id).values(is_settled=is_settled)
                )


def _standing_pairs(project_id: int, scope: list[int] | None = None) -> Any:
    query = select(NearPair.image_a, NearPair.image_b, NearPair.distance)
    query = query.where(NearPair.project_id == project_id, NearPair.dismissed_by.is_(None))
    return query if scope is None else query.where(NearPair.image_a.in_(scope), NearPair.image_b.in_(scope))


def _pair_arrays(rows: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _mark(project_id: int, image_ids: list[int], **values: Any) -> None:
    among = (NearPair.image_a.in_(image_ids), NearPair.image_b.in_(image_ids))
    with writing() as session:
        session.execute(update(NearPair).where(NearPair.project_id == project_id, *among).values(**values))
    regroup(project_id, image_ids)


def _groups_of(session: Session, image_ids: list[int]) -> list[int]:
    group_ids: set[int] = set()
    for batch in batches(image_ids):
        group_ids |= set(session.scalars(select(DuplicateMember.group_id).where(DuplicateMember.image_id.in_(batch))))
    return sorted(group_ids)


def _touched(session: Session, image_ids: list[int]) -> list[int]:
    """Returns these images and all that share a group with one of them at any distance."""
    touched = set(image_ids)
    for batch in batches(_groups_of(session, image_ids)):
        touched |= set(session.scalars(select(DuplicateMember.image_id).where(DuplicateMember.group_id.in_(batch))))
    return sorted(touched)


def _facts(session: Session, image_ids: list[int]) -> dict[int, Fact]:
    """Returns the active ones of the images."""
    facts: dict[int, Fact] = {}
    for batch in batches(image_ids):
        rows = session.execute(
            select(Image.id, Image.label_id, Image.split, Image.decision).where(
                Image.id.in_(batch), Image.state == "active"
            )
        )
        facts |= {row[0]: (row[1], row[2], row[3]) for row in rows}
    return facts


def _store_groups(
    project_id: int, level: int, wanted: set[tuple[int, ...]], facts: dict[int, Fact], scope: list[int] | None
) -> None:
    stored = _stored(project_id, level, scope)
    gone = [group.id for members, group in stored.items() if members not in wanted]
    for batch in batches(gone, WRITE):
        with writing() as session:
            session.execute(delete(DuplicateMember).where(DuplicateMember.group_id.in_(batch)))
            session.execute(delete(DuplicateGroup).where(DuplicateGroup.id.in_(batch)))
    for batch in batches(sorted(wanted - stored.keys()), WRITE):
        with writing() as session:
            _insert(session, project_id, level, batch, facts)
    changed = [
        {"id": group.id, **standing}
        for members, group in stored.items()
        if members in wanted and (standing := _standing(members, facts)) != _as_stored(group)
    ]
    for batch in batches(changed, WRITE):
        with writing() as session:
            session.execute(update(DuplicateGroup), batch)


def _stored(project_id: int, level: int, scope: list[int] | None) -> dict[tuple[int, ...], Group]:
    with reading() as session:
        query = _listed(project_id, level, None)
        if scope is not None:
            query = query.where(DuplicateGroup.id.in_(_groups_of(session, scope)))
        return {group.image_ids: group for group in _with_members(session, session.scalars(query).all())}


def _insert(
    session: Session, project_id: int, level: int, groups: list[tuple[int, ...]], facts: dict[int, Fact]
) -> None:
    rows = [{"project_id": project_id, "distance": level, **_standing(group, facts)} for group in groups]
    returning = insert(DuplicateGroup).returning(DuplicateGroup.id, sort_by_parameter_order=True)
    ids = session.scalars(returning, rows).all()
    members = [
        {"group_id": group_id, "image_id": image_id}
        for group_id, group in zip(ids, groups, strict=True)
        for image_id in group
    ]
    session.execute(insert(DuplicateMember), members)


def _standing(members: tuple[int, ...], facts: dict[int, Fact]) -> dict[str, Any]:
    known = [facts[image_id] for image_id in members]
    n_labels, n_splits = (len({fact[place] for fact in known}) for place in (0, 1))
    rank = {(True, True): ACROSS_BOTH, (True, False): ACROSS_LABELS, (False, True): ACROSS_SPLITS}
    return {"rank": rank.get((n_labels > 1, n_splits > 1), WITHIN), "is_settled": _is_settled(known)}


def _is_settled(known: list[Fact]) -> bool:
    decisions = [decision for _, _, decision in known]
    return len(decisions) - decisions.count("delete") <= 1 or None not in decisions


def _as_stored(group: Group) -> dict[str, Any]:
    return {"rank": group.rank, "is_settled": group.is_settled}


def _listed(project_id: int, distance: int, is_settled: bool | None) -> Any:
    query = select(DuplicateGroup).where(DuplicateGroup.project_id == project_id, DuplicateGroup.distance == distance)
    # Named either way, as the index has it before the rank.
    return query.where(DuplicateGroup.is_settled.in_((False, True) if is_settled is None else (is_settled,)))


def _with_members(session: Session, rows: Any) -> list[Group]:
    members: dict[int, list[int]] = defaultdict(list)
    for batch in batches([row.id for row in rows]):
        query = select(DuplicateMember.group_id, DuplicateMember.image_id).where(DuplicateMember.group_id.in_(batch))
        for group_id, image_id in session.execute(query.order_by(DuplicateMember.image_id)):
            members[group_id].append(image_id)
    return [Group(row.id, row.distance, row.rank, row.is_settled, tuple(members[row.id])) for row in rows]
