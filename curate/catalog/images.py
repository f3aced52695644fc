"""Images and their blobs: adding them in bulk, finding one, finding images of the same picture."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, aliased

from curate import whole_number
from curate.catalog.database import BLOBS, reading, refresh_statistics, writing
from curate.catalog.projects import ensure_labels
from curate.catalog.tables.core import INBOX, UNLABELLED, Blob, Decision, Image, Label, VersionChange, now
from curate.catalog.versions import batches, begin_version, finish_version, head_version_id
from curate.errors import NotFound


@dataclass(frozen=True)
class NewBlob:
    """A stored picture: SHA-256, size in bytes and pixels, format name, 32-byte perceptual hash."""

    sha: str
    n_bytes: int
    width: int
    height: int
    format: str
    phash: bytes


@dataclass(frozen=True)
class NewImage:
    """A picture to be added to a project under `label`; with the label `UNLABELLED`, its split is "".

    group: of near-duplicates: None = none, negative = new images with the same number, positive = the group (or the id
    of the single image) that it joins.
    """

    sha: str
    label: str
    file_name: str
    split: str
    group: int | None = None
    provenance: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ImageRow:
    """An image as lists show it."""

    id: int
    sha: str
    file_name: str
    label_id: int
    split: str
    state: str
    width: int
    height: int
    n_bytes: int
    format: str
    provenance: dict[str, Any]
    created_at: datetime
    decision: str | None
    decision_label_id: int | None
    decision_id: int | None  # grows with each decision that anybody makes
    decided_by: str | None
    checked_at: datetime | None


@dataclass(frozen=True)
class Hashes:
    """Perceptual hashes of a project's images in id order, without erased ones.

    (N,) ids, (N,) groups (the id itself when single), (N,) splits, (N, 32) uint8 hashes.
    """

    image_ids: np.ndarray
    groups: np.ndarray
    splits: np.ndarray
    bits: np.ndarray


def known_blobs(shas: list[str]) -> set[str]:
    """Returns those of `shas` that the catalog has."""
    with reading() as session:
        return {sha for batch in batches(shas) for sha in session.scalars(select(Blob.sha).where(Blob.sha.in_(batch)))}


def add_blobs(blobs: list[NewBlob]) -> None:
    """Store blobs; known ones stay as they are."""
    fresh = {blob.sha: blob for blob in blobs}
    with writing(BLOBS) as session:
        have = {
            sha for lot in batches(list(fresh)) for sha in session.scalars(select(Blob.sha).where(Blob.sha.in_(lot)))
        }
        rows = [vars(blob) for sha, blob in fresh.items() if sha not in have]
        if rows:
            session.execute(insert(Blob), rows)


def blob_hashes(shas: list[str]) -> np.ndarray:
    """Returns (N, 32) uint8 perceptual hashes of known pictures, in the order of `shas`."""
    by_sha: dict[str, bytes] = {}
    with reading() as session:
        for batch in batches(shas):
            rows = session.execute(select(Blob.sha, Blob.phash).where(Blob.sha.in_(batch)))
            by_sha |= {row[0]: row[1] for row in rows}
    return np.frombuffer(b"".join(by_sha[sha] for sha in shas), np.uint8).reshape(len(shas), 32)


def known_entries(project_id: int) -> set[tuple[str, str]]:
    """Returns (sha, label name at import) of every image the project ever had, which an import skips."""
    with reading() as session:
        rows = session.execute(
            select(Image.blob_sha, Label.name)
            .join(Label, Label.id == Image.entry_label_id)
            .where(Image.project_id == project_id)
        )
        return {(sha, name) for sha, name in rows}


def relabelled_entries(project_id: int) -> set[tuple[str, str]]:
    """Returns (sha, present label name) of every image whose label differs from that at its import."""
    with reading() as session:
        rows = session.execute(
            select(Image.blob_sha, Label.name)
            .join(Label, Label.id == Image.label_id)
            .where(Image.project_id == project_id, Image.label_id != Image.entry_label_id, Image.state != "erased")
        )
        return {(sha, name) for sha, name in rows}


def hashes(project_id: int) -> Hashes:
    """Returns the perceptual hashes in which near-duplicates of new pictures are searched."""
    with reading() as session:
        rows = session.execute(
            select(Image.id, func.coalesce(Image.group_id, Image.id), Image.split, Blob.phash)
            .join(Blob, Blob.sha == Image.blob_sha)
            .where(Image.project_id == project_id, Image.state != "erased")
            .order_by(Image.id)
        ).all()
    bits = np.frombuffer(b"".join(row[3] for row in rows), np.uint8).reshape(len(rows), 32)
    return Hashes(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], "U5"),
        bits,
    )


def showing(project_id: int, shas: list[str]) -> dict[str, int]:
    """Returns {sha: id of an image of the project with these bytes}, for those of `shas` that have one."""
    image_of: dict[str, int] = {}
    with reading() as session:
        for batch in batches(shas):
            rows = session.execute(
                select(Image.blob_sha, func.min(Image.id))
                .where(Image.project_id == project_id, Image.state != "erased", Image.blob_sha.in_(batch))
                .group_by(Image.blob_sha)
            )
            image_of |= {row[0]: row[1] for row in rows}
    return image_of


def labels_showing(project_id: int, shas: list[str]) -> dict[str, list[str]]:
    """Returns {sha: labels at import}, for those of `shas` that the project ever had."""
    labels_of: dict[str, list[str]] = {}
    with reading() as session:
        for batch in batches(shas):
            rows = session.execute(
                select(Image.blob_sha, Label.name)
                .join(Label, Label.id == Image.entry_label_id)
                .where(Image.project_id == project_id, Image.blob_sha.in_(batch))
                .order_by(Image.id)
            )
            for sha, name in rows:
                labels_of.setdefault(sha, []).append(name)
    return labels_of


def add_images(
    project_id: int, images: list[NewImage], author: str, message: str, label_order: list[str]
) -> tuple[int, int]:
    """Adds images in one transaction; returns (id of the version that contains them, number of added images).

    Known ones (same picture, same label at import) are skipped: another import may have come first. Without new images
    it makes no version and returns the head's id (0 = none). message: of the version; {n} in it is the number of added
    images.
    """
    with writing(BLOBS, project_id) as session:
        label_ids = ensure_labels(session, project_id, label_order + [image.label for image in images])
        fresh = _without_known(session, project_id, images, label_ids)
        if not fresh:
            return head_version_id(session, project_id) or 0, 0
        version = begin_version(session, project_id, "import", message.replace("{n}", f"{len(fresh):,}"), author)
        ids = _insert(session, project_id, version.id, fresh, label_ids)
        _set_groups(session, fresh, ids)
        finish_version(session, version, {"added": len(fresh)})
    refresh_statistics()
    return version.id, len(fresh)


def find_image(project_id: int, key: str) -> ImageRow:
    """Returns the image with this id, file name, or start of its SHA-256 (at least 8 digits). Raises NotFound."""
    query = select(Image.id).where(Image.project_id == project_id).order_by(Image.id).limit(2)
    with reading() as session:
        image_id = whole_number.parse(key)
        matches = [] if image_id is None else session.scalars(query.where(Image.id == image_id)).all()
        matches = matches or session.scalars(query.where(Image.file_name == key)).all()
        if not matches and len(key) >= 8:
            matches = session.scalars(query.where(Image.blob_sha.startswith(key, autoescape=True))).all()
    if not matches:
        raise NotFound(f"The project has no image {key}.")
    if len(matches) > 1:
        raise NotFound(f"Several images are named {key}.", "Say which by its number, the `image` that `top` prints.")
    return image_rows([matches[0]])[0]


def image_rows(image_ids: list[int]) -> list[ImageRow]:
    """Returns the images in the order of `image_ids`; missing ids are left out."""
    with reading() as session:
        rows = session.execute(
            select(Image, Blob).join(Blob, Blob.sha == Image.blob_sha).where(Image.id.in_(image_ids))
        ).all()
    by_id = {image.id: _row(image, blob) for image, blob in rows}
    return [by_id[image_id] for image_id in image_ids if image_id in by_id]


def random_image(project_id: int) -> int:
    """Returns the id of a random active image, without reading the others. Raises NotFound without images."""
    mine = (Image.project_id == project_id, Image.state == "active")
    with reading() as session:
        low, high = session.execute(select(func.min(Image.id), func.max(Image.id)).where(*mine)).one()
        if low is None:
            raise NotFound("The project has no images.")
        drawn = random.randint(low, high)
        return session.scalars(select(Image.id).where(*mine, Image.id >= drawn).order_by(Image.id).limit(1)).one()


def same_picture_elsewhere(image_ids: list[int]) -> set[int]:
    """Returns those of `image_ids` whose bytes have another label in the project, too; both active."""
    other = aliased(Image)
    with reading() as session:
        return set(
            session.scalars(
                select(Image.id)
                .join(other, (other.blob_sha == Image.blob_sha) & (other.project_id == Image.project_id))
                .where(Image.id.in_(image_ids), Image.state == "active", other.state == "active")
                .where(other.label_id != Image.label_id)
            )
        )


def pictures_under_two_labels(project_id: int, limit: int = 200) -> list[list[int]]:
    """Returns groups of ids of active images with the same bytes and different labels."""
    with reading() as session:
        shas = session.scalars(
            select(Image.blob_sha)
            .where(Image.project_id == project_id, Image.state == "active")
            .group_by(Image.blob_sha)
            .having(func.count(func.distinct(Image.label_id)) > 1)
            .order_by(Image.blob_sha)
            .limit(limit)
        ).all()
        rows = session.execute(
            select(Image.blob_sha, Image.id)
            .where(Image.project_id == project_id, Image.state == "active", Image.blob_sha.in_(shas))
            .order_by(Image.blob_sha, Image.id)
        ).all()
    groups: dict[str, list[int]] = {}
    for sha, image_id in rows:
        groups.setdefault(sha, []).append(image_id)
    return list(groups.values())


def story(image_id: int) -> list[dict[str, Any]]:
    """Returns an image's decisions and version changes as plain dicts, oldest first."""
    with reading() as session:
        decisions = session.scalars(select(Decision).where(Decision.image_id == image_id).order_by(Decision.id))
        changes = session.scalars(
            select(VersionChange).where(VersionChange.image_id == image_id).order_by(VersionChange.version_id)
        )
        return [
            {"what": d.action, "label_id": d.label_id, "by": d.reviewer, "at": d.created_at, "run_id": d.run_id}
            for d in decisions
        ] + [{"what": "applied", "label_id": c.new_label_id, "version_id": c.version_id} for c in changes]


def _without_known(
    session: Session, project_id: int, images: list[NewImage], label_ids: dict[str, int]
) -> list[NewImage]:
    rows = session.execute(select(Image.blob_sha, Image.entry_label_id).where(Image.project_id == project_id))
    seen = {(sha, label_id) for sha, label_id in rows}
    fresh = []
    for image in images:
        entry = (image.sha, label_ids[image.label])
        if entry not in seen:
            seen.add(entry)
            fresh.append(image)
    return fresh


def _insert(
    session: Session, project_id: int, version_id: int, images: list[NewImage], label_ids: dict[str, int]
) -> list[int]:
    ids: list[int] = []
    for batch in batches(images):
        rows = [
            {
                "project_id": project_id, "blob_sha": image.sha, "entry_label_id": label_ids[image.label],
                "label_id": label_ids[image.label], "split": image.split, "file_name": image.file_name,
                "version_id": version_id, "provenance": image.provenance, "created_at": now(),
                "state": INBOX if image.label == UNLABELLED else "active",
            }
            for image in batch
        ]  # fmt: skip
        ids += session.scalars(insert(Image).returning(Image.id, sort_by_parameter_order=True), rows).all()
    return ids


def _set_groups(session: Session, images: list[NewImage], ids: list[int]) -> None:
    first: dict[int, int] = {}
    joined: list[dict[str, int]] = []
    for image, image_id in zip(images, ids, strict=True):
        if image.group is None:
            continue
        group_id = first.setdefault(image.group, image.group if image.group > 0 else image_id)
        joined.append({"id": image_id, "group_id": group_id})
    joined += [{"id": group, "group_id": group} for group in first if group > 0]
    for batch in batches(joined):
        session.execute(update(Image), batch)


def _row(image: Image, blob: Blob) -> ImageRow:
    return ImageRow(
        id=image.id, sha=blob.sha, file_name=image.file_name, label_id=image.label_id, split=image.split,
        state=image.state, width=blob.width, height=blob.height, n_bytes=blob.n_bytes, format=blob.format,
        provenance=image.provenance, created_at=image.created_at, decision=image.decision,
        decision_label_id=image.decision_label_id, decision_id=image.decision_id, decided_by=image.decided_by,
        checked_at=image.checked_at,
    )  # fmt: skip
