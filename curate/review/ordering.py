"""A view as SQL: its conditions, the keys it is ordered by, and places in that order that stay exact."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, String, and_, false, func, or_, select, tuple_

from curate.catalog.database import reading
from curate.catalog.models import Blob, Image, Quality, QualityState, Run, Score, ScoreCell
from curate.catalog.quality import column, has_issue
from curate.errors import BadInput
from curate.review.views import View

RARE = 0.005  # share of a run's images; below, listing them is quicker than walking past all the others
FILTERS = ("split", "label_id", "predicted_id")  # columns that scores and their counts share


def has_doubts(run_id: int) -> bool:
    """Whether the run's pictures have doubts: those of runs made by earlier versions of the program do not."""
    with reading() as session:
        return session.scalar(select(func.max(Score.doubt)).where(Score.run_id == run_id)) is not None


def ordered(view: View, after: str | None = None) -> Any:
    """Cards of the view in its order, those past the place `after` only. Not for kin, nor for labels in turn."""
    keys, is_down = _keys(view), view.order.is_down
    query = filtered(view)
    if view.order.issue is not None:
        query = _by_issue(view, view.order.issue)
    elif view.quality is not None and is_rare(view):
        keys[0] = _unindexed(keys[0])  # as below: few have it
    elif view.quality is not None:
        # Many have it: the next in order is soon found by looking at each, and no list of all of them is made.
        having = select(Quality.image_id).where(*has_issue(project_of(view), view.quality))
        is_among = having.where(Quality.image_id == Score.image_id).correlate(Score).exists()
        query = filtered(replace(view, quality=None)).where(is_among)
    if view.reviewed not in (None, "no"):
        # Few are reviewed: find those by their own index and sort them, instead of walking all in order.
        query, keys[0] = query.where(Image.project_id == project_of(view)), _unindexed(keys[0])
    if after is not None:
        here, there = tuple_(*keys), tuple_(*_read_place(view, after))
        query = query.where(here < there if is_down else here > there)
    return query.order_by(*(key.desc() if is_down else key for key in keys))


def filtered(view: View) -> Any:
    """Cards of the view in no order."""
    query = cards(view.run_id).where(*conditions(view))
    return query if view.reviewed is None else query.where(_reviewed(view))


def ids(view: View) -> Any:
    """Ids of the view's images in no order."""
    query = select(Score.image_id).join(Image, Image.id == Score.image_id)
    query = query.where(Score.run_id == view.run_id, is_active(), *conditions(view))
    return query if view.reviewed is None else query.where(_reviewed(view))


def cards(run_id: int) -> Any:
    """Every active image of a run: (Score, Image, picture's name, width, height)."""
    return (
        select(Score, Image, Image.blob_sha, Blob.width, Blob.height)
        .join(Image, Image.id == Score.image_id)
        .join(Blob, Blob.sha == Image.blob_sha)
        .where(Score.run_id == run_id, is_active())
    )


def place_of(view: View, score: Score) -> str:
    """The place of a card in its view, for `ordered`."""
    if view.order.issue is not None:
        with reading() as session:
            value = session.scalar(select(column(view.order.issue)).where(Quality.image_id == score.image_id))
        return f"{value}~{score.image_id}"
    return "~".join(str(getattr(score, name)) for name in _key_names(view))


def conditions(view: View) -> list[ColumnElement[bool]]:
    """What the view asks of scores; whether they are reviewed is not among it."""
    found = shared_conditions(view, Score)
    if view.suggested_id is not None:
        found.append(Score.suggested_id == view.suggested_id)
    if view.quality is not None:
        having = select(Quality.image_id).where(*has_issue(project_of(view), view.quality))
        found.append(Score.image_id.in_(having))
    if view.order.flag:
        found.append(getattr(Score, view.order.flag).is_(True))
    if view.order.needs_doubts and not has_doubts(view.run_id):
        found.append(false())
    return found


def shared_conditions(view: View, table: type[Score] | type[ScoreCell]) -> list[ColumnElement[bool]]:
    """Those of them that the counts of each (split, label, predicted label) can answer, too."""
    given = [(getattr(table, name), value) for name in FILTERS if (value := getattr(view, name)) is not None]
    if view.order.flag:  # the few that are marked come off an index of their own
        given = [(_unindexed(column), value) for column, value in given]
    found = [column == value for column, value in given]
    # Written as the partial indexes of wrong scores are: SQLite uses them for this very condition only.
    if view.order.which == "wrong":
        found.append(table.predicted_id != table.label_id)
    return [*found, table.predicted_id == table.label_id] if view.order.which == "right" else found


def is_active() -> ColumnElement[bool]:
    """Neither in the bin nor erased."""
    return Image.state == "active"


def is_confirmed(view: View) -> ColumnElement[bool]:
    """A person confirmed it, and this run has not asked again since."""
    finished_at = select(Run.finished_at).where(Run.id == view.run_id).scalar_subquery()
    return and_(Image.checked_at.is_not(None), or_(Score.asks_again.is_(False), Image.checked_at > finished_at))


def project_of(view: View) -> Any:
    """The id of the view's project: with it, the images' indexes serve."""
    return select(Run.project_id).where(Run.id == view.run_id).scalar_subquery()


def _reviewed(view: View) -> ColumnElement[bool]:
    if view.reviewed == "yes":
        return or_(Image.decision.is_not(None), is_confirmed(view))
    if view.reviewed == "no":
        return and_(Image.decision.is_(None), ~is_confirmed(view))
    return Image.decision == view.reviewed


def is_rare(view: View) -> bool:
    """Whether so few images have the view's issue that it is quicker to find all of them than to walk the others."""
    with reading() as session:
        row = session.execute(
            select(QualityState.counts, Run.n_train + Run.n_valid)
            .join(Run, Run.project_id == QualityState.project_id)
            .where(Run.id == view.run_id)
        ).first()
    return row is None or row[0].get(view.quality, 0) <= RARE * row[1]


def _by_issue(view: View, issue: str) -> Any:
    """Cards in reach of the issue's own index, which is both their order and their condition."""
    is_own = view.quality == issue
    query = filtered(replace(view, quality=None) if is_own else view)
    query = query.join(Quality, Quality.image_id == Score.image_id)
    return (
        query.where(*has_issue(project_of(view), issue))
        if is_own
        else query.where(Quality.project_id == project_of(view))
    )


def _key_names(view: View) -> list[str]:
    if view.sort == "valid":
        return ["split", "doubt" if has_doubts(view.run_id) else "loss", "image_id"]  # `valid` is after `train`
    return [view.order.key, "image_id"]


def _keys(view: View) -> list[Any]:
    if view.order.issue is not None:
        return [column(view.order.issue), Quality.image_id]
    return [getattr(Score, name) for name in _key_names(view)]


def _unindexed(key: Any) -> Any:
    return key + "" if isinstance(key.type, String) else key + 0


def _read_place(view: View, after: str) -> list[Any]:
    names, parts = _key_names(view), after.split("~")
    kinds = {"split": str, "image_id": int, "shuffle": int}
    try:
        return [kinds.get(name, float)(part) for name, part in zip(names, parts, strict=True)]
    except ValueError as error:
        raise BadInput(f"{after!r:.50} is no place in a list.") from error
