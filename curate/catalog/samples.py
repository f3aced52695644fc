"""A few pictures to stand for many: of a label, or of the bin."""

from dataclasses import dataclass

from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.tables.core import Image


@dataclass(frozen=True)
class Sample:
    """A picture to look at: its image, its blob's name, its file's name."""

    image_id: int
    sha: str
    file_name: str


def of_labels(project_id: int, label_ids: list[int], n: int) -> dict[int, list[Sample]]:
    """At most `n` active images of each label, by label id; one short look into an index for each label."""
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
    """At most `n` images that lie in the bin."""
    with reading() as session:
        rows = session.execute(
            select(Image.id, Image.blob_sha, Image.file_name)
            .where(Image.project_id == project_id, Image.state == "binned")
            .order_by(Image.label_id, Image.split, Image.id)
            .limit(n)
        )
        return [Sample(*row) for row in rows]
