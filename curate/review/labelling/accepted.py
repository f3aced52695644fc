"""How many of the last suggestions were accepted as they were, by people who had the image before them.

What counts is what was predicted before the image had its label: a refit knows the label, and then agrees with it.
"""

from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import select

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision
from curate.review.deciding.decisions import BULK_CLIENT
from curate.review.labelling import run_predictions, suggestions
from curate.review.labelling.pictures import Pictures
from curate.review.labelling.suggestions import Suggestions

N = 100
_KEPT = 2_000  # images whose earlier prediction is kept
_LOOKED_AT = 1_000  # newest decisions


@dataclass(frozen=True)
class Accepted:
    """n: images decided last with a suggestion, at most 100.  n_as_suggested: those that got its label."""

    n: int
    n_as_suggested: int


def note_judged(made: Suggestions, earlier: Suggestions | None, chosen: Pictures) -> Suggestions:
    """Returns the suggestions with what was predicted for images before they got the label that `made` has learnt from.

    chosen: the images that `made` was made for and from.
    """
    earlier = earlier or suggestions.NOTHING
    known = dict(zip(earlier.judged_ids.tolist(), earlier.judged_predicted.tolist(), strict=True))
    is_open = np.isin(earlier.image_ids, chosen.image_ids[chosen.label_ids == 0], assume_unique=True)
    before = dict(zip(earlier.image_ids[~is_open].tolist(), earlier.predicted[~is_open].tolist(), strict=True))
    for image_id in chosen.image_ids[chosen.is_unlabelled & (chosen.label_ids != 0)].tolist():
        before.setdefault(image_id, 0)  # it had its label before anything was predicted
    known |= {image_id: label_id for image_id, label_id in before.items() if image_id not in known}
    kept = list(known.items())[-_KEPT:]
    ids, labels = (np.array([pair[place] for pair in kept], np.int64) for place in (0, 1))
    return replace(made, judged_ids=ids, judged_predicted=labels)


def last_hundred(project_id: int, run_id: int | None = None) -> Accepted:
    """Returns how the last hundred decided images with a suggestion were decided, without those accepted in bulk.

    run_id: by which run; None = by the project's own suggestions. An undecided image, or a deleted one, does not count.
    """
    predicted = _predicted_before(project_id, run_id)
    if not predicted:
        return Accepted(0, 0)
    query = (
        select(Decision.image_id, Decision.action, Decision.label_id, Decision.client)
        .where(Decision.project_id == project_id)
        .order_by(Decision.id.desc())
        .limit(_LOOKED_AT)
    )
    seen, verdicts = set[int](), list[bool]()
    with reading() as session:
        for row in session.execute(query):
            if row.image_id in seen:
                continue
            seen.add(row.image_id)
            suggested = predicted.get(row.image_id, 0)
            if suggested and row.action == "relabel" and not row.client.startswith(BULK_CLIENT):
                verdicts.append(row.label_id == suggested)
    return Accepted(len(verdicts[:N]), sum(verdicts[:N]))


def _predicted_before(project_id: int, run_id: int | None) -> dict[int, int]:
    """Returns {image id: label predicted before the image had one} of images that may have been decided."""
    made = run_predictions.chosen(project_id, run_id)
    if made is None:
        return {}
    with reading() as session:
        newest = select(Decision.image_id).where(Decision.project_id == project_id)
        decided = np.array(session.scalars(newest.order_by(Decision.id.desc()).limit(_LOOKED_AT)).all(), np.int64)
    at, is_known = made.places(decided)
    predicted = dict(zip(decided[is_known].tolist(), made.predicted[at[is_known]].tolist(), strict=True))
    return predicted | dict(zip(made.judged_ids.tolist(), made.judged_predicted.tolist(), strict=True))
