"""Pages of a run's images for the grid: filtered, sorted, and as cheap at a million images as at ten thousand.

Rows come straight off an index in their order (keyset pagination); counts come from the run's cells, which never
change, less the few images that decisions or the bin took out.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from curate.catalog.database import reading
from curate.catalog.images import same_picture_elsewhere
from curate.catalog.models import Blob, Image, Run, Score, ScoreCell
from curate.errors import BadInput

SORTS = {
    "loss": "Highest loss first",
    "confident": "Most confidently wrong first",
    "right": "Lowest loss first",
}
REVIEWED = {"no": "Not reviewed yet", "yes": "Reviewed", "keep": "Kept", "delete": "Deleted", "relabel": "Relabelled"}


@dataclass(frozen=True)
class View:
    """Which of a run's images, in which order; None = any. Labels are those the run was trained with.

    `reviewed`: `no` = neither decided nor confirmed in an earlier version, `yes` = either, or one standing decision.
    """

    run_id: int
    sort: str = "loss"
    split: str | None = None
    label_id: int | None = None
    predicted_id: int | None = None
    reviewed: str | None = None

    def checked(self) -> "View":
        """This view, or BadInput when a value is none of those there are."""
        for value, known in ((self.sort, SORTS), (self.reviewed, REVIEWED), (self.split, ("train", "valid"))):
            if value is not None and value not in known:
                raise BadInput(f"{value!r:.50} is not one of {', '.join(known)}.")
        return self


@dataclass(frozen=True)
class Item:
    """One card: an image with its score and its standing decision. `is_changed`: relabelled since the run."""

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
    n_pages = max(1, -(-n_matching // size))
    number = min(max(1, number), n_pages)
    query = _ordered(view, after).limit(size + 1)
    if after is None:
        query = query.offset((number - 1) * size)
    with reading() as session:
        rows = session.execute(query).all()
    items = _items(rows[:size])
    after = _cursor(view, items) if len(rows) > size else None
    return Page(items, number, n_pages, n_matching, n_all, n_reviewed, after)


def find_items(run_id: int, image_ids: list[int]) -> list[Item]:
    """The cards of these images in this order, as they stand now; those in the bin are left out."""
    query = _cards(run_id).where(Score.image_id.in_(image_ids))
    with reading() as session:
        found = {item.image_id: item for item in _items(session.execute(query).all())}
    return [found[image_id] for image_id in image_ids if image_id in found]


def upcoming(view: View, after: str | None, size: int = 48) -> list[str]:
    """Blob names of the page after `after`, for the browser to fetch ahead."""
    if after is None:
        return []
    with reading() as session:
        return [row.blob_sha for row in session.execute(_ordered(view, after).limit(size))]


def counts(view: View) -> tuple[int, int]:
    """(all, reviewed) images of the view, leaving its own `reviewed` filter out; the bin does not count."""
    query = select(func.sum(ScoreCell.n)).where(ScoreCell.run_id == view.run_id, *_filters(view, ScoreCell))
    with reading() as session:
        n_all = session.scalar(query) or 0
    # Two counts that an index each answers; an OR, or `!= "active"`, would walk every image of the project.
    n_decided = _count(view, _is_active(), Image.decision.is_not(None))
    n_checked = _count(view, _is_active(), Image.decision.is_(None), Image.checked_at.is_not(None))
    n_gone = _count(view, Image.state.in_(("binned", "erased")))
    return n_all - n_gone, n_decided + n_checked


def _n_matching(view: View, n_all: int, n_reviewed: int) -> int:
    if view.reviewed is None:
        return n_all
    if view.reviewed == "no":
        return n_all - n_reviewed
    return n_reviewed if view.reviewed == "yes" else _count(view, _is_active(), _reviewed(view.reviewed))


def _count(view: View, *conditions: ColumnElement[bool]) -> int:
    # Driven from the images, of which few are decided or in the bin; `project_id` lets their indexes serve.
    query = (
        select(func.count())
        .select_from(Image)
        .join(Score, and_(Score.image_id == Image.id, Score.run_id == view.run_id))
        .where(Image.project_id == _project(view), *conditions, *_filters(view, Score))
    )
    with reading() as session:
        return session.scalar(query) or 0


def _project(view: View) -> Any:
    return select(Run.project_id).where(Run.id == view.run_id).scalar_subquery()


def _is_active() -> ColumnElement[bool]:
    return Image.state == "active"


def _reviewed(which: str) -> ColumnElement[bool]:
    if which == "yes":
        return or_(Image.decision.is_not(None), Image.checked_at.is_not(None))
    if which == "no":
        return and_(Image.decision.is_(None), Image.checked_at.is_(None))
    return Image.decision == which


def _filters(view: View, table: type[Score] | type[ScoreCell]) -> list[ColumnElement[bool]]:
    filters = [
        getattr(table, column) == getattr(view, column)
        for column in ("split", "label_id", "predicted_id")
        if getattr(view, column) is not None
    ]
    if view.sort == "confident":
        filters.append(table.label_id != table.predicted_id)
    return filters


def _ordered(view: View, after: str | None) -> Any:
    key: Any = Score.p_predicted if view.sort == "confident" else Score.loss
    is_down = view.sort != "right"
    query = _cards(view.run_id).where(*_filters(view, Score))
    if view.reviewed is not None:
        query = query.where(_reviewed(view.reviewed))
    if view.reviewed not in (None, "no"):
        # Few are reviewed: find those by their own index and sort them, instead of walking all in order.
        query, key = query.where(Image.project_id == _project(view)), key + 0.0
    if after is not None:
        value, image_id = _read_cursor(after)
        here, there = tuple_(key, Score.image_id), tuple_(value, image_id)
        query = query.where(here < there if is_down else here > there)
    return query.order_by(key.desc() if is_down else key, Score.image_id.desc() if is_down else Score.image_id)


def _cards(run_id: int) -> Any:
    return (
        select(Score, Image, Image.blob_sha, Blob.width, Blob.height)
        .join(Image, Image.id == Score.image_id)
        .join(Blob, Blob.sha == Image.blob_sha)
        .where(Score.run_id == run_id, _is_active())
    )


def _cursor(view: View, items: list[Item]) -> str:
    last = items[-1]
    return f"{(last.p_predicted if view.sort == 'confident' else last.loss)!r}~{last.image_id}"


def _read_cursor(after: str) -> tuple[float, int]:
    value, _, image_id = after.partition("~")
    try:
        return float(value), int(image_id)
    except ValueError as error:
        raise BadInput(f"{after!r:.50} is no place in a list.") from error


def _items(rows: Any) -> list[Item]:
    twins = same_picture_elsewhere([image.id for _, image, *_ in rows])
    return [
        Item(
            image_id=image.id, sha=sha, file_name=image.file_name, width=width, height=height, split=score.split,
            label_id=image.label_id, trained_label_id=score.label_id, predicted_id=score.predicted_id,
            loss=score.loss, p_actual=score.p_actual, p_predicted=score.p_predicted, decision=image.decision,
            decision_label_id=image.decision_label_id, decided_by=image.decided_by,
            is_checked=image.checked_at is not None, is_twin=image.id in twins,
        )
        for score, image, sha, width, height in rows
    ]  # fmt: skip
