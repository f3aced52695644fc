"""Turns waiting decisions into a version, restores versions, and empties the bin."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, aliased

from curate import store
from curate.catalog.database import BLOBS, reading, writing
from curate.catalog.projects import unlabelled_of
from curate.catalog.splits.first_split import draw_missing_splits
from curate.catalog.tables.core import INBOX, Decision, Image, Version, VersionChange, now
from curate.catalog.versions import batches, begin_version, finish_version, record_changes
from curate.errors import BadInput, NotFound
from curate.review.deciding import conflicts
from curate.review.deciding.decisions import BULK_CLIENT, is_waiting
from curate.review.team import unsettled

RULES = ("all", "settled")


def apply(
    project_id: int,
    author: str,
    message: str = "",
    up_to: int | None = None,
    rule: str = "all",
    opinions_up_to: int = 0,
) -> int:
    """Apply the waiting decisions in one transaction; returns the id of the new version.

    Deleted images go to the bin (`restore` brings them back); relabels change the label; kept and relabelled images
    count as checked, but for what was accepted in bulk. Unlabelled images that get a label are drawn into a split;
    images that lose theirs go back to the unlabelled ones, and count as unchecked. Raises BadInput when no decision
    waits.

    up_to: decisions after this revision keep waiting, such as those that the preview did not show.
    rule: `settled` leaves decisions waiting that contradict another person's (`deciding.conflicts`). `all` applies
    them, and the opinions up to `opinions_up_to` that wait for a second one. Images on which the people of a session
    disagree are applied only after somebody has settled them.
    """
    if rule not in RULES:
        raise BadInput(f"Apply {' or '.join(RULES)}, not {rule!r:.30}.")
    with writing(project_id) as session:
        rows = _waiting(session, project_id, up_to, rule, opinions_up_to)
        if not rows:
            raise BadInput("No decision waits to be applied.", "Review some images first.")
        version = begin_version(session, project_id, "apply", message.strip(), author)
        unlabelled_id = session.scalar(unlabelled_of(project_id))
        changes = [_change(row, unlabelled_id) for row in rows]
        record_changes(session, version, changes)
        draw_missing_splits(session, project_id, changes)
        _settle(session, rows, changes)
        n = _count(rows, changes)
        version.message = version.message or _message(n)
        finish_version(session, version, n)
        return version.id


def _waiting(session: Session, project_id: int, up_to: int | None, rule: str, opinions_up_to: int) -> list[Any]:
    """Returns the images to apply, with their standing decisions."""
    left_out = set(conflicts.answers(session, project_id, up_to)) if rule == "settled" else set()
    rows = _rows(session, *is_waiting(project_id, up_to))
    if rule == "all" and opinions_up_to:
        client = f"apply-{secrets.token_hex(8)}"
        for batch in batches(unsettled.decide_single_opinions(session, project_id, opinions_up_to, client)):
            rows += _rows(session, Image.id.in_(batch))
    return [row for row in rows if row.id not in left_out]


def _rows(session: Session, *conditions: ColumnElement[bool]) -> list[Any]:
    newest, origin = aliased(Decision), aliased(Decision)  # an undo or redo brings the origin back
    columns = (Image.id, Image.label_id, Image.state, Image.decision, Image.decision_label_id, Image.decision_id)
    query = (
        select(*columns, origin.client.startswith(BULK_CLIENT, autoescape=True).label("is_bulk"))
        .outerjoin(newest, newest.id == Image.decision_id)
        .outerjoin(origin, origin.id == func.coalesce(newest.restores_id, newest.id))
    )
    return list(session.execute(query.where(*conditions).order_by(Image.id)).all())


def restore(project_id: int, number: int, author: str) -> int:
    """Bring every image back to its state in version `number`; returns the id of the new version.

    Images that were added later go to the bin; erased images cannot come back. Raises NotFound, BadInput.
    """
    with writing(project_id) as session:
        version = begin_version(session, project_id, "restore", f"Restored version {number}", author)
        target = session.scalar(
            select(Version).where(Version.project_id == project_id, Version.number == number, Version.id != version.id)
        )
        if target is None:
            raise NotFound(f"The project has no version {number}.")
        changes = _way_back(session, project_id, target)
        if not changes:
            raise BadInput(f"Version {number} is how the project stands already.")
        record_changes(session, version, changes)
        _recheck(session, target, changes)
        finish_version(session, version, {"restored": number, "changed": len(changes)})
        return version.id


@dataclass(frozen=True)
class WayBack:
    """How many images restoring a version would change, and how; it erases nothing."""

    n_relabelled: int
    n_from_bin: int
    n_to_bin: int

    @property
    def total(self) -> int:
        """Images that would change; 0 = the project is in that state already."""
        return self.n_relabelled + self.n_from_bin + self.n_to_bin


def preview_restore(project_id: int, number: int) -> WayBack:
    """Returns what `restore` would do now. Raises NotFound."""
    with reading() as session:
        target = session.scalar(select(Version).where(Version.project_id == project_id, Version.number == number))
        if target is None:
            raise NotFound(f"The project has no version {number}.")
        changes = _way_back(session, project_id, target)
    from_bin = sum(1 for change in changes if change["old_state"] == "binned")
    to_bin = sum(1 for change in changes if change["new_state"] == "binned" and change["old_state"] != "binned")
    return WayBack(len(changes) - from_bin - to_bin, from_bin, to_bin)


def empty_bin(project_id: int, author: str) -> tuple[int, int]:
    """Erase the images in the bin for good; returns (images, bytes). Nothing else erases a picture."""
    with writing(project_id) as session:
        version = begin_version(session, project_id, "erase", "", author)
        rows = session.execute(
            select(Image.id, Image.label_id, Image.blob_sha).where(
                Image.project_id == project_id, Image.state == "binned"
            )
        ).all()
        if not rows:
            raise BadInput("The bin is empty.")
        record_changes(session, version, [_erasure(image_id, label_id) for image_id, label_id, _ in rows])
        version.message = f"Emptied the bin: {len(rows):,} images erased"
        finish_version(session, version, {"erased": len(rows)})
    return len(rows), _remove_unused(sorted({sha for _, _, sha in rows}))


def n_binned(project_id: int) -> int:
    """Returns how many images are in the bin."""
    with reading() as session:
        query = select(func.count()).where(Image.project_id == project_id, Image.state == "binned")
        return session.scalar(query) or 0


def _change(row: Any, unlabelled_id: int | None) -> dict[str, Any]:
    label_id = row.decision_label_id if row.decision == "relabel" else row.label_id
    state = INBOX if label_id == unlabelled_id else "active"
    return {
        "image_id": row.id,
        "old_label_id": row.label_id,
        "new_label_id": label_id,
        "old_state": row.state,
        "new_state": "binned" if row.decision == "delete" else state,
        "decision_id": None if row.is_bulk else row.decision_id,  # what nobody looked at confirms no label
    }


def _count(rows: list[Any], changes: list[dict[str, Any]]) -> dict[str, int]:
    """Returns images by what was done: keep, delete, relabel and, where there are any, label and unlabel."""
    n = dict.fromkeys(("keep", "delete", "relabel"), 0)
    for row, change in zip(rows, changes, strict=True):
        action = row.decision
        if action == "relabel" and change["old_state"] == INBOX:
            action = "label"
        elif action == "relabel" and change["new_state"] == INBOX:
            action = "unlabel"
        n[action] = n.get(action, 0) + 1
    return n


def _settle(session: Session, rows: list[Any], changes: list[dict[str, Any]]) -> None:
    settled = {"decision": None, "decision_label_id": None, "decided_by": None}
    at = now()
    values = [
        {"id": row.id, **settled, "checked_at": at if change["new_state"] == "active" and not row.is_bulk else None}
        for row, change in zip(rows, changes, strict=True)
    ]
    for batch in batches(values):
        session.execute(update(Image), batch)


def _message(n: dict[str, int]) -> str:
    words = {"label": "labelled", "delete": "deleted", "relabel": "relabelled", "unlabel": "unlabelled", "keep": "kept"}
    parts = [f"{n[action]:,} {word}" for action, word in words.items() if n.get(action)]
    return ", ".join(parts).capitalize() if parts else ""


def _way_back(session: Session, project_id: int, target: Version) -> list[dict[str, Any]]:
    """Returns the changes from the present state to that of `target`.

    The oldest change after `target` holds the state that an image had in it.
    """
    later = select(Version.id).where(Version.project_id == project_id, Version.number > target.number)
    stood: dict[int, tuple[int, str]] = {}
    for image_id, label_id, state in session.execute(
        select(VersionChange.image_id, VersionChange.old_label_id, VersionChange.old_state)
        .where(VersionChange.version_id.in_(later))
        .order_by(VersionChange.version_id)
    ):
        stood.setdefault(image_id, (label_id, state))
    came_later = session.execute(
        select(Image.id, Image.entry_label_id).where(Image.project_id == project_id, Image.version_id.in_(later))
    )
    stood |= {image_id: (label_id, "binned") for image_id, label_id in came_later}
    return [change for batch in batches(list(stood)) for change in _differences(session, batch, stood)]


def _differences(session: Session, image_ids: list[int], stood: dict[int, tuple[int, str]]) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Image.id, Image.label_id, Image.state).where(Image.id.in_(image_ids), Image.state != "erased")
    )
    return [
        {
            "image_id": image_id, "old_label_id": label_id, "new_label_id": stood[image_id][0],
            "old_state": state, "new_state": stood[image_id][1], "decision_id": None,
        }
        for image_id, label_id, state in rows
        if (label_id, state) != stood[image_id]
    ]  # fmt: skip


def _recheck(session: Session, target: Version, changes: list[dict[str, Any]]) -> None:
    """Mark restored labels as checked only where a decision up to `target` gave or confirmed them."""
    back = {change["image_id"]: change["new_label_id"] for change in changes if _is_relabel(change)}
    for batch in batches(list(back)):
        rows = session.execute(
            select(VersionChange.image_id, VersionChange.new_label_id).where(
                VersionChange.image_id.in_(batch), VersionChange.decision_id.is_not(None),
                VersionChange.new_state == "active", VersionChange.version_id <= target.id,
            )
        )  # fmt: skip
        confirmed = {image_id for image_id, label_id in rows if label_id == back[image_id]}
        at = now()
        session.execute(update(Image), [{"id": i, "checked_at": at if i in confirmed else None} for i in batch])


def _is_relabel(change: dict[str, Any]) -> bool:
    return change["new_label_id"] != change["old_label_id"]


def _erasure(image_id: int, label_id: int) -> dict[str, Any]:
    return {
        "image_id": image_id, "old_label_id": label_id, "new_label_id": label_id,
        "old_state": "binned", "new_state": "erased", "decision_id": None,
    }  # fmt: skip


def _remove_unused(shas: list[str]) -> int:
    """Remove the blobs that no image uses any more; returns the bytes freed.

    It holds the write lock: an import of the same picture either comes before, or finds the blob gone and stores it.
    """
    with writing(BLOBS) as session:
        return sum(store.remove_blob(sha) for sha in _unused(session, shas))


def _unused(session: Session, shas: list[str]) -> list[str]:
    """Returns those of `shas` that no image of any project uses any more."""
    used = {
        sha
        for batch in batches(shas)
        for sha in session.scalars(select(Image.blob_sha).where(Image.blob_sha.in_(batch), Image.state != "erased"))
    }
    return [sha for sha in shas if sha not in used]
