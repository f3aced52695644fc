"""Pages of unlabelled images for the grid. Pages that were shown keep their images; the next holds what is left."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.tables.core import INBOX, Image
from curate.evaluation import per_cent
from curate.review.labelling import inbox, run_predictions, suggestions
from curate.review.labelling.orders import ORDERS, put_in_order
from curate.review.labelling.suggestions import NOTHING, Suggestions
from curate.review.listing.cards import CardJson
from curate.review.team.notes import newest_by_image


@dataclass(frozen=True)
class Left:
    """What is left to label.

    image_ids: the next ones.  n_pages: pages that the undecided images fill that were not shown, this one included.
    n_all: all unlabelled images.  n_decided: those of them with a decision.
    """

    image_ids: list[int]
    n_pages: int
    n_all: int
    n_decided: int

    @property
    def n_open(self) -> int:
        """Images without a decision."""
        return self.n_all - self.n_decided


def find_left(project_id: int, order: str, size: int, shown: Collection[int] = (), run_id: int | None = None) -> Left:
    """Returns the next page of undecided images that are not among `shown`, in that order (one of `ORDERS`).

    run_id: whose predictions the order goes by; None = the project's own suggestions.
    """
    unlabelled, made = inbox.of_project(project_id), run_predictions.chosen(project_id, run_id)
    is_left = ~unlabelled.is_decided
    is_left[inbox.rows_of(unlabelled.image_ids, np.fromiter(shown, np.int64))] = False
    image_ids = unlabelled.image_ids[is_left]
    ordered = image_ids[put_in_order(image_ids, order, made)]
    n_pages, first = -(-len(ordered) // size), ordered[:size]
    if ORDERS[order].by_group and made is not None:
        at, is_known = made.places(ordered)
        if is_known.any():
            groups = made.group[at[is_known]]
            sizes = np.unique(groups, return_counts=True)[1]
            n_pages = int((-(-sizes // size)).sum()) + -(-int((~is_known).sum()) // size)
            first = ordered[: min(size, int((groups == groups[0]).sum()))]
    return Left(first.tolist(), n_pages, len(unlabelled.image_ids), unlabelled.n_decided)


def first(project_id: int, order: str, n: int) -> list[int]:
    """Returns the first n undecided images in that order; they may be of several groups of alike ones."""
    unlabelled = inbox.of_project(project_id)
    image_ids = unlabelled.image_ids[~unlabelled.is_decided]
    rows = put_in_order(image_ids, order, suggestions.find(project_id))
    return [int(image_id) for image_id in image_ids[rows[:n]]]


def find_cards(
    project_id: int, image_ids: Sequence[int], label_of: Mapping[int, int] | None = None, run_id: int | None = None
) -> list[CardJson]:
    """Returns the cards of these images, in this order, with what is suggested; labelled images are left out.

    label_of: {image id: the label to suggest}; None = that of the suggestions.  run_id: as in `find_left`.
    """
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
            "checked": False, "changed": None, "same_picture_elsewhere": False, "noted": None, "sure_text": "",
        }
        for row in rows
    }  # fmt: skip
    _add_suggestions(run_predictions.chosen(project_id, run_id) or NOTHING, cards, label_of)
    return [cards[image_id] for image_id in image_ids if image_id in cards]


def _add_suggestions(made: Suggestions, cards: dict[int, CardJson], label_of: Mapping[int, int] | None) -> None:
    image_ids = np.array(list(cards), np.int64)
    at, is_known = made.places(image_ids)
    for image_id, place in zip(image_ids[is_known].tolist(), at[is_known].tolist(), strict=True):
        if label_id := int(made.predicted[place]) if label_of is None else label_of.get(image_id, 0):
            p = float(made.p[place]) if label_id == made.predicted[place] else 0.0
            cards[image_id] |= {
                "predicted": label_id, "p_predicted": p, "sure_text": per_cent(p) if p else "",
                "suggestion": {"action": "relabel", "label": label_id},
            }  # fmt: skip
    for image_id, noted in newest_by_image(list(cards)).items():
        cards[image_id]["noted"] = {
            "kind": noted.kind, "by": noted.by, "text": noted.text, "to": noted.to, "n_more": noted.n_more,
        }  # fmt: skip
