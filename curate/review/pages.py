"""Pages of a run's images for the grid: filtered, sorted, and as cheap at a million images as at ten thousand.

Rows come straight off an index in their order (keyset pagination); counts come from the run's cells, which never
change, less the few images that decisions or the bin took out.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from curate.catalog.database import reading
from curate.catalog.images import same_picture_elsewhere
from curate.catalog.models import Image, Score, ScoreCell
from curate.catalog.versions import batches
from curate.errors import BadInput
from curate.review import ordering
from curate.review.kin import find_kin
from curate.review.views import REVIEWED, SORTS, View

__all__ = ["REVIEWED", "SORTS", "Item", "Page", "View", "counts", "find_items", "find_page", "upcoming"]

FEWEST_OF_A_LABEL = 8  # on a page that shows the first of each label in turn


@dataclass(frozen=True)
class Item:
    """One card: an image with its score and its standing decision; `row`: its place in the run's arrays.

    `suggested_id`: the label that the evidence supports, None = its own, with its probability `p_suggested`;
    `doubt` in [0, 1] is None in runs without doubts, and so are these.
    """

    image_id: int
    sha: str
    file_name: str
    width: int
    height: int
    split: str
    label_id: int
    trained_label_id: int
    predicted_id: int
    loss: float
    p_actual: float
    p_predicted: float
    decision: str | None
    decision_label_id: int | None
    decided_by: str | None
    is_checked: bool
    is_twin: bool  # the very same picture is filed under another label, too
    row: int = 0
    doubt: float | None = None
    suggested_id: int | None = None
    p_suggested: float | None = None
    suggests_delete: bool = False
    asks_again: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether its label is no longer the one the run was trained with."""
        return self.label_id != self.trained_label_id


@dataclass(frozen=True)
class Page:
    """A page of items; `number` counts from 1, `after` finds the next page by key (None on the last).

    n_all and n_reviewed leave the view's own `reviewed` filter out; n_matching are those of all the filters.
    """

    items: list[Item]
    number: int
    n_pages: int
    n_matching: int
    n_all: int
    n_reviewed: int
    after: str | None


def find_page(view: View, number: int = 1, size: int = 48, after: str | None = None) -> Page:
    """The page of that number; `after`, from the page before, makes it exact while decisions change the list."""
    view = view.checked()
    n_all, n_reviewed = counts(view)
    n_matching = _n_matching(view, n_all, n_reviewed)
    n_pages = _n_pages(view, n_matching, size)
    number = min(max(1, number), n_pages)
    rows, after = _rows(view, number, size, after)
    return Page(_items(rows), number, n_pages, n_matching, n_all, n_reviewed, after)


def find_items(run_id: int, image_ids: list[int]) -> list[Item]:
    """The cards of these images in this order, as they stand now; those in the bin are left out."""
    return _items(_rows_of(ordering.cards(run_id), image_ids))


def upcoming(view: View, after: str | None, size: int = 48) -> list[str]:
    """Blob names of the page after `after`, for the browser to fetch ahead."""
    return [] if after is None else [row.blob_sha for row in _rows(view, 1, size, after)[0]]


def counts(view: View) -> tuple[int, int]:
    """(all, reviewed) images of the view, leaving its own `reviewed` filter out; the bin does not count."""
    if view.order.kin:
        found = [len(_kin(replace(view, reviewed=reviewed))) for reviewed in (None, "yes")]
        return found[0], found[1]
    # Two counts that an index each answers; an OR, or `!= "active"`, would walk every image of the project.
    n_decided = _count(view, [ordering.is_active(), Image.decision.is_not(None)])
    is_checked = [ordering.is_active(), Image.decision.is_(None), Image.checked_at.is_not(None)]
    n_checked = _count(view, is_checked, ordering.is_confirmed(view))
    n_gone = _count(view, [Image.state.in_(("binned", "erased"))])
    return _n_scored(view) - n_gone, n_decided + n_checked


def _n_scored(view: View) -> int:
    if view.quality is not None:
        return _n_flawed(view)
    if view.suggested_id is not None or view.order.needs_doubts:
        return _n_doubted(view)
    cells = select(func.sum(ScoreCell.n)).where(ScoreCell.run_id == view.run_id)
    with reading() as session:
        # PostgreSQL sums whole numbers to a Decimal, which divides otherwise.
        return int(session.scalar(cells.where(*ordering.shared_conditions(view, ScoreCell))) or 0)


def _n_flawed(view: View) -> int:
    scored = select(func.count()).select_from(Score).where(Score.run_id == view.run_id, *ordering.conditions(view))
    with reading() as session:
        return session.scalar(scored) or 0


def _n_doubted(view: View) -> int:
    """How many the run scored: those with a suggestion, or marked, are few; else all have doubts, or none."""
    if view.suggested_id is None and not view.order.flag:
        return _n_scored(replace(view, sort="loss")) if ordering.has_doubts(view.run_id) else 0
    scored = select(func.count()).select_from(Score).where(Score.run_id == view.run_id, *ordering.conditions(view))
    with reading() as session:
        return session.scalar(scored) or 0


def _n_matching(view: View, n_all: int, n_reviewed: int) -> int:
    if view.reviewed is None:
        return n_all
    if view.reviewed == "no":
        return n_all - n_reviewed
    if view.reviewed == "yes":
        return n_reviewed
    if view.order.kin:
        return len(_kin(view))
    return _count(view, [ordering.is_active(), Image.decision == view.reviewed])


def _count(view: View, of_image: list[ColumnElement[bool]], *of_score: ColumnElement[bool]) -> int:
    """How many of the view's images meet both: few are decided or in the bin, and their indexes serve.

    Each of them is looked up among the scores: joined, SQLite would walk all scores of a label instead.
    """
    scored = exists().where(Score.run_id == view.run_id, Score.image_id == Image.id)
    scored = scored.where(*ordering.conditions(view), *of_score).correlate(Image)
    query = select(func.count()).select_from(Image).where(Image.project_id == ordering.project_of(view), *of_image)
    with reading() as session:
        return session.scalar(query.where(scored)) or 0


def _n_pages(view: View, n_matching: int, size: int) -> int:
    n, of_page = n_matching, size
    if view.is_in_turn and n_matching:
        n, of_page = len(_labels(view)), _n_labels_of_page(view, size)
    return max(1, -(-n // max(1, of_page)))


def _rows(view: View, number: int, size: int, after: str | None) -> tuple[list[Any], str | None]:
    """The page's rows, and the place after them."""
    if view.order.kin:
        return _rows_of_kin(view, number, size, after)
    if view.is_in_turn:
        return _rows_in_turn(view, number, size, after)
    query = ordering.ordered(view, after).limit(size + 1)
    if after is None:
        query = query.offset((number - 1) * size)
    with reading() as session:
        rows = list(session.execute(query).all())
    return rows[:size], ordering.place_of(view, rows[size - 1][0]) if len(rows) > size else None


def _rows_in_turn(view: View, number: int, size: int, after: str | None) -> tuple[list[Any], str | None]:
    """The first few of each label, one label after the other; places count labels."""
    labels, n_labels = _labels(view), _n_labels_of_page(view, size)
    start = (number - 1) * n_labels if after is None else _whole(after)
    chosen = labels[start : start + n_labels]
    rows: list[Any] = []
    with reading() as session:
        for label_id in chosen:
            query = ordering.ordered(replace(view, label_id=label_id)).limit(size // n_labels)
            rows += session.execute(query).all()
    return rows, str(start + n_labels) if start + n_labels < len(labels) else None


def _labels(view: View) -> list[int]:
    """Labels that have any picture of the view, reviewed or not."""
    cells = select(ScoreCell.label_id).where(ScoreCell.run_id == view.run_id)
    query = cells.where(*ordering.shared_conditions(view, ScoreCell)).distinct().order_by(ScoreCell.label_id)
    with reading() as session:
        return list(session.scalars(query))


def _n_labels_of_page(view: View, size: int) -> int:
    return max(1, min(len(_labels(view)), size // FEWEST_OF_A_LABEL))


def _rows_of_kin(view: View, number: int, size: int, after: str | None) -> tuple[list[Any], str | None]:
    """Pictures that are alike, in their groups; places are those in the whole list, which no decision changes."""
    everyone = find_kin(view.run_id, view.order.kin or "")
    start = 0 if after is None else _whole(after)
    matching = set(_kin(view))
    left = [place for place in range(start, len(everyone)) if everyone[place] in matching]
    if after is None:
        left = left[(number - 1) * size :]
    chosen = [everyone[place] for place in left[:size]]
    rows = _rows_of(ordering.filtered(view), chosen)
    return rows, str(left[size]) if len(left) > size else None


def _kin(view: View) -> list[int]:
    """Ids of the alike pictures that the view lets through, in no order."""
    wanted = ordering.ids(view)
    found: list[int] = []
    with reading() as session:
        for batch in batches(list(find_kin(view.run_id, view.order.kin or "")), 5_000):
            found += session.scalars(wanted.where(Score.image_id.in_(batch)))
    return found


def _rows_of(query: Any, image_ids: list[int]) -> list[Any]:
    with reading() as session:
        found = {row[0].image_id: row for row in session.execute(query.where(Score.image_id.in_(image_ids)))}
    return [found[image_id] for image_id in image_ids if image_id in found]


def _whole(after: str) -> int:
    if not after.isdecimal() or len(after) > 9:
        raise BadInput(f"{after!r:.50} is no place in a list.")
    return int(after)


def _items(rows: Any) -> list[Item]:
    twins = same_picture_elsewhere([image.id for _, image, *_ in rows])
    return [
        Item(
            image_id=image.id, sha=sha, file_name=image.file_name, width=width, height=height, split=score.split,
            label_id=image.label_id, trained_label_id=score.label_id, predicted_id=score.predicted_id,
            loss=score.loss, p_actual=score.p_actual, p_predicted=score.p_predicted, decision=image.decision,
            decision_label_id=image.decision_label_id, decided_by=image.decided_by,
            is_checked=image.checked_at is not None, is_twin=image.id in twins, row=score.row, doubt=score.doubt,
            suggested_id=score.suggested_id, p_suggested=score.p_suggested, suggests_delete=score.suggests_delete,
            asks_again=score.asks_again,
        )
        for score, image, sha, width, height in rows
    ]  # fmt: skip
