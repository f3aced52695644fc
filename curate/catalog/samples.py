"""A few pictures that represent many: of a label, of a version's additions, of the bin, or of a validation set."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curate.catalog.database import reading
from curate.catalog.tables.core import Image, Score, Version


@dataclass(frozen=True)
class Sample:
    """A picture to show: its image, its blob's name, its file's name."""

    image_id: int
    sha: str
    file_name: str


@dataclass(frozen=True)
class AddedLabel:
    """A version's additions under one label: their number, and some that still have the label."""

    label_id: int
    n: int
    samples: list[Sample]


def of_version(version_id: int, n: int) -> list[AddedLabel]:
    """Returns the labels under which a version added pictures, by id, each with at most `n` of them.

    Numbers are differences of counts in versions, and pictures come from short index look-ups: the cost does not grow
    with the number of pictures.
    """
    with reading() as session:
        version = session.get(Version, version_id)
        if version is None:
            return []
        before = session.scalar(
            select(Version).where(Version.project_id == version.project_id, Version.number == version.number - 1)
        )
        numbers = _label_counts(version)
        old = _label_counts(before)
        added = {label_id: count - old.get(label_id, 0) for label_id, count in sorted(numbers.items())}
        first = session.scalar(select(func.min(Image.id)).where(Image.version_id == version_id)) or 0
        return [
            AddedLabel(label_id, count, _added_samples(session, version, label_id, first, n))
            for label_id, count in added.items()
            if count > 0
        ]


def _label_counts(version: Version | None) -> dict[int, int]:
    return {int(label_id): sum(splits.values()) for label_id, splits in version.counts.items()} if version else {}


def _added_samples(session: Session, version: Version, label_id: int, first_id: int, n: int) -> list[Sample]:
    """first_id: the smallest id of the version's images, where the index look-up starts on each side."""
    samples: list[Sample] = []
    for split in ("train", "valid"):
        rows = session.execute(
            select(Image.id, Image.blob_sha, Image.file_name)
            .where(Image.project_id == version.project_id, Image.state == "active", Image.label_id == label_id)
            .where(Image.split == split, Image.id >= first_id, Image.version_id == version.id)
            .order_by(Image.id)
            .limit(n - len(samples))
        )
        samples += [Sample(*row) for row in rows]
    return samples


def of_labels(project_id: int, label_ids: list[int], n: int) -> dict[int, list[Sample]]:
    """Returns at most `n` active images of each label, by label id; one short index look-up per label."""
    with reading() as session:
        return {
            label_id: [
                Sample(*row)
                for row in session.execute(
                    select(Image.id, Image.blob_sha, Image.file_name)
                    .where(Image.project_id == project_id, Image.state == "active", Image.label_id == label_id)
                    .order_by(Image.split, Image.id)
                    .limit(n)
                )
            ]
            for label_id in label_ids
        }


def of_bin(project_id: int, n: int) -> list[Sample]:
    """Returns at most `n` images of the bin."""
    with reading() as session:
        rows = session.execute(
            select(Image.id, Image.blob_sha, Image.file_name)
            .where(Image.project_id == project_id, Image.state == "binned")
            .order_by(Image.label_id, Image.split, Image.id)
            .limit(n)
        )
        return [Sample(*row) for row in rows]


def held_out(run_id: int, most: int) -> list[tuple[int, str]]:
    """(row in the run's probabilities, SHA-256) of at most so many validation pictures, spread evenly over them."""
    query = (
        select(Score.row, Image.blob_sha)
        .join(Image, Image.id == Score.image_id)
        .where(Score.run_id == run_id, Score.split == "valid")
        .order_by(Score.row)
    )
    with reading() as session:
        rows = [(int(row), sha) for row, sha in session.execute(query)]
    if not rows:
        return []
    return [rows[place] for place in np.unique(np.linspace(0, len(rows) - 1, most).astype(int))]
