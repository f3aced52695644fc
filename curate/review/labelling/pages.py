"""Pages of unlabelled images for the grid. Pages that were shown keep their images; the next holds what is left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.tables.core import INBOX, Image
from curate.review.labelling import inbox
from curate.review.labelling.orders import ORDERS
from curate.review.listing.cards import CardJson


@dataclass(frozen=True)
class Left:
    """What is left to label.

    image_ids: the next ones.  n_left: undecided images that were not shown, these included.  n_all: all unlabelled
    images.  n_decided: those of them with a decision.
    """

    image_ids: list[int]
    n_left: int
    n_all: int
    n_decided: int

    @property
    def n_open(self) -> int:
        """Images without a decision."""
        return self.n_all - self.n_decided


def find_left(project_id: int, order: str, size: int, shown: Collection[int] = ()) -> Left:
    """Returns the next `size` undecided images that are not among `shown`, in that order (one of `ORDERS`)."""
    unlabelled = inbox.of_project(project_id)
    is_left = ~unlabelled.is_decided
    is_left[np.isin(unlabelled.image_ids, np.fromiter(shown, np.int64))] = False
    left = inbox.Inbox(unlabelled.image_ids[is_left], unlabelled.is_decided[is_left])
    first = np.argsort(ORDERS[order].rank(left), kind="stable")[:size]
    ids = left.image_ids[first].tolist()
    return Left(ids, len(left.image_ids), len(unlabelled.image_ids), unlabelled.n_decided)


def find_cards(image_ids: Sequence[int]) -> list[CardJson]:
    """Returns the cards of these images, in this order; images that have a label by now are left out."""
    columns = (
        Image.id, Image.blob_sha, Image.file_name, Image.label_id, Image.decision, Image.decision_label_id,
        Image.decided_by,
    )  # fmt: skip
    with reading() as session:
        rows = session.execute(select(*columns).where(Image.id.in_(image_ids), Image.state == INBOX)).all()
    cards: dict[int, CardJson] = {
        row.id: {
            "image_id": row.id, "sha": row.blob_sha, "file_name": row.file_name, "label": row.label_id,
            "predicted": None, "loss": None, "p_actual": None, "p_predicted": None, "split": None,
            "decision": row.decision, "decision_label": row.decision_label_id, "decided_by": row.decided_by,
            "checked": False, "changed": None, "same_picture_elsewhere": False, "noted": None,
        }
        for row in rows
    }  # fmt: skip
    return [cards[image_id] for image_id in image_ids if image_id in cards]
