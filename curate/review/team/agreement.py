"""Agreement of a project's reviewers: overall, per pair, per label, and of each with themselves.

Only first answers count: they were given without seeing the others'. An answer is a label, or None for delete.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import case, func, select, tuple_

from curate.catalog.database import reading
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.evaluation.agreement import Agreement, by_answer, cohen, fleiss

MOST = 100_000  # opinions that are read, the newest


@dataclass(frozen=True)
class Report:
    """overall: Fleiss' kappa of all.  pairs: (name, name, Cohen's kappa), most images first.  labels: (label id or
    None = delete, agreement on giving that answer).  own: (name, self-agreement on repeated pictures)."""

    overall: Agreement | None
    pairs: list[tuple[str, str, Agreement]]
    labels: list[tuple[int | None, Agreement]]
    own: list[tuple[str, Agreement]]


def report(project_id: int, session_id: int | None = None) -> Report:
    """Returns the agreement in all sessions of a project, or in one."""
    answers = _first_answers(project_id, session_id)
    by_label = by_answer([list(of_image.values()) for of_image in answers])
    return Report(
        fleiss([list(of_image.values()) for of_image in answers]),
        _pairs(answers),
        [(label if isinstance(label, int) else None, agreement) for label, agreement in by_label.items()],
        _own(project_id, session_id),
    )


def count_waiting(project_id: int, session_id: int | None = None) -> dict[int, int]:
    """Returns {missing opinions: images} for images of open sessions that have at least one opinion."""
    needed = case((ReviewSession.ask_when == "deletes", ReviewSession.n_opinions), else_=SessionItem.needs)
    missing = needed - SessionItem.n_opinions
    query = (
        select(missing, func.count())
        .select_from(SessionItem)
        .join(ReviewSession, ReviewSession.id == SessionItem.session_id)
        .where(ReviewSession.project_id == project_id, ReviewSession.closed_at.is_(None))
        .where(SessionItem.state == "open", SessionItem.n_opinions > 0)
        .group_by(missing)
        .order_by(missing)
    )
    if session_id is not None:
        query = query.where(ReviewSession.id == session_id)
    with reading() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def _pairs(answers: list[dict[str, int | None]]) -> list[tuple[str, str, Agreement]]:
    both: dict[tuple[str, str], list[tuple[int | None, int | None]]] = defaultdict(list)
    for of_image in answers:
        for a, b in combinations(sorted(of_image), 2):
            both[a, b].append((of_image[a], of_image[b]))
    rows = [(a, b, agreement) for (a, b), pairs in both.items() if (agreement := cohen(pairs))]
    return sorted(rows, key=lambda row: (-row[2].n, row[0], row[1]))


def _own(project_id: int, session_id: int | None) -> list[tuple[str, Agreement]]:
    """Returns (reviewer, agreement of their first answers with those on the same pictures when repeated)."""
    repeats = _opinions(project_id, session_id).where(Opinion.kind == "repeat", Opinion.action != "clear")
    first = _opinions(project_id, session_id).where(Opinion.kind == "opinion", Opinion.action != "clear")
    with reading() as session:
        again = {_whose(row): _answer(row) for row in session.execute(repeats.limit(MOST)).all()}
        keys = {(session_id_, image_id) for session_id_, image_id, _ in again}
        first_answers: dict[Any, int | None] = {}
        for batch in _in_batches(sorted(keys)):
            for row in session.execute(first.where(tuple_(Opinion.session_id, Opinion.image_id).in_(batch))):
                first_answers.setdefault(_whose(row), _answer(row))
    pairs: dict[str, list[tuple[int | None, int | None]]] = defaultdict(list)
    for key, answer in again.items():
        if key in first_answers:
            pairs[key[2]].append((first_answers[key], answer))
    return [(name, agreement) for name in sorted(pairs) if (agreement := cohen(pairs[name]))]


def _first_answers(project_id: int, session_id: int | None) -> list[dict[str, int | None]]:
    """Returns {reviewer: first answer} for each image that two or more people answered."""
    is_answer = (Opinion.kind == "opinion", Opinion.action != "clear")
    several = (
        _opinions(project_id, session_id)
        .with_only_columns(Opinion.session_id, Opinion.image_id)
        .where(*is_answer)
        .order_by(None)
        .group_by(Opinion.session_id, Opinion.image_id)
        .having(func.count(Opinion.reviewer.distinct()) > 1)
        .subquery()
    )
    query = (
        _opinions(project_id, session_id)
        .join(several, (several.c.session_id == Opinion.session_id) & (several.c.image_id == Opinion.image_id))
        .where(*is_answer)
        .order_by(None)
        .order_by(Opinion.id.desc())
        .limit(MOST)
    )
    answers: dict[tuple[int, int], dict[str, int | None]] = defaultdict(dict)
    with reading() as session:
        for row in session.execute(query):  # newest first, so that the first answer is what stays
            answers[row.session_id, row.image_id][row.reviewer] = _answer(row)
    return list(answers.values())


def _opinions(project_id: int, session_id: int | None) -> Any:
    query = (
        select(
            Opinion.session_id, Opinion.image_id, Opinion.reviewer, Opinion.action, Opinion.label_id, Opinion.filed_id
        )
        .join(ReviewSession, ReviewSession.id == Opinion.session_id)
        .where(ReviewSession.project_id == project_id)
        .order_by(Opinion.id)
    )
    return query if session_id is None else query.where(Opinion.session_id == session_id)


def _whose(row: Any) -> tuple[int, int, str]:
    return row.session_id, row.image_id, row.reviewer


def _answer(row: Any) -> int | None:
    """The label somebody would file the image under; None = delete it."""
    if row.action == "delete":
        return None
    label_id: int = row.filed_id if row.action == "keep" else row.label_id
    return label_id


def _in_batches(keys: list[tuple[int, int]], size: int = 500) -> list[list[tuple[int, int]]]:
    return [keys[start : start + size] for start in range(0, len(keys), size)]
