"""One decision on all images that a view shows, however many: previewed, one step, undone as one.

What was previewed is decided, not what happens to match later: the ids are kept (`review.picked`) when the person says
yes. They are stored in lots, a transaction each, so that nobody waits for a million; a bulk that was killed goes on
where it was under the same key.
"""

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select

from curate.catalog.database import writing
from curate.catalog.tables.core import Image
from curate.catalog.versions import batches
from curate.errors import BadInput
from curate.review.deciding.decisions import Op, decide_within
from curate.review.listing import decision_columns, score_columns, selections
from curate.review.listing.matching import matching
from curate.review.listing.score_columns import NONE, Columns
from curate.review.listing.views import View

ACTIONS = ("keep", "delete", "relabel", "accept", "clear")
LOT = 2_000  # images a transaction, some 0.1 s: between two of them others decide
EXAMPLES = 12


@dataclass(frozen=True)
class Preview:
    """What a bulk would be about: how many images, how many of each label it was trained under (most first), on how
    many a decision stands already, what accepting suggestions would do ({action: images}), and some ids, the first of
    the view's order."""

    n: int
    by_label: dict[int, int]
    n_decided: int
    suggested: dict[str, int]
    examples: list[int]


@dataclass(frozen=True)
class Asked:
    """A bulk that a person said yes to; plain values, so that a job can be handed it.

    action: of `ACTIONS`; accept: what the run suggests for each.  key: of its step.  name: what undo calls it.
    """

    project_id: int
    run_id: int
    picked_id: int
    action: str
    label_id: int | None
    reviewer: str
    key: str
    name: str


@dataclass
class Done:
    """How many images each action was stored on; gone: left the project meanwhile; silent: nothing is suggested."""

    stored: Counter[str] = field(default_factory=Counter)
    n_gone: int = 0
    n_silent: int = 0


def preview(view: View) -> Preview:
    """What a bulk over the view would be about, as it stands now."""
    found = matching(view)
    known, said, rows = found.columns, decision_columns.of_run(view.run_id), found.rows()
    label_ids, counts = np.unique(known.labels[rows], return_counts=True)
    most = sorted(zip(label_ids.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return Preview(
        n=found.n,
        by_label=dict(most),
        n_decided=int((said.decision[rows] != 0).sum()),
        suggested=_suggested(known, rows),
        examples=found.number(0, EXAMPLES)[0].tolist(),
    )


def ask(
    project_id: int, view: View, action: str, label_id: int | None, reviewer: str, expected: int | None = None
) -> Asked:
    """Settle what a bulk is about. expected: as many images as the person saw; raises BadInput when it is not so now.

    Nothing is decided before `carry_out`.
    """
    if action not in ACTIONS or (action == "relabel") != (label_id is not None):
        raise BadInput("A bulk keeps, deletes, relabels to a label, accepts what is suggested, or clears.")
    ids = matching(view).image_ids()
    if expected is not None and len(ids) != expected:
        raise BadInput(
            f"{len(ids):,} match now, {expected:,} did in the preview: somebody decided meanwhile.",
            "Look at the preview again.",
        )
    name = f"{_VERBS[action]} {len(ids):,} that match"
    picked_id = selections.keep(project_id, ids, name, reviewer)
    return Asked(project_id, view.run_id, picked_id, action, label_id, reviewer, f"bulk-{secrets.token_hex(8)}", name)


def carry_out(asked: Asked, told: Callable[[int, int], None] = lambda done, total: None) -> Done:
    """Decide on all of them. told: hears (done, total) after every lot, and may raise to stop there; what is stored
    stays, as one step, and the same `asked` goes on with the rest."""
    ids = selections.image_ids(asked.picked_id)
    known, done = score_columns.of_run(asked.run_id), Done()
    for start in range(0, len(ids), LOT):
        told(start, len(ids))
        _decide_lot(asked, known, ids[start : start + LOT].tolist(), done)
    told(len(ids), len(ids))
    return done


_VERBS = {
    "keep": "Keep", "delete": "Delete", "relabel": "Relabel", "accept": "Accept what is suggested for",
    "clear": "Take back the decisions on",
}  # fmt: skip


def _decide_lot(asked: Asked, known: Columns, image_ids: list[int], done: Done) -> None:
    with writing(asked.project_id) as session:
        labels = {
            image_id: label_id
            for batch in batches(image_ids)
            for image_id, label_id in session.execute(
                select(Image.id, Image.label_id).where(
                    Image.id.in_(batch), Image.project_id == asked.project_id, Image.state == "active"
                )
            )
        }
        groups = _groups(asked, known, labels)
        ops = [
            # One number for each kind of decision: asked again, the same images carry the same number.
            Op(_number(*said), tuple(ids), *said, step=asked.key, step_name=asked.name)
            for said, ids in groups.items()
        ]
        if ops:
            decide_within(session, asked.project_id, asked.reviewer, ops, asked.key, asked.run_id)
    for (action, _), ids in groups.items():
        done.stored[action] += len(ids)
    done.n_gone += len(image_ids) - len(labels)
    done.n_silent += len(labels) - sum(map(len, groups.values()))


def _groups(asked: Asked, known: Columns, labels: dict[int, int]) -> dict[tuple[str, int | None], list[int]]:
    """{(action, label): images}"""
    if asked.action != "accept":
        return {(asked.action, asked.label_id): list(labels)} if labels else {}
    groups: dict[tuple[str, int | None], list[int]] = {}
    rows = known.rows_of(np.array(list(labels), np.int64)).tolist()
    for row in rows if known.has_doubts else []:
        image_id = int(known.image_ids[row])
        said = _suggestion(known, row, labels[image_id])
        if said is not None:
            groups.setdefault(said, []).append(image_id)
    return groups


def _suggestion(known: Columns, row: int, label_id: int) -> tuple[str, int | None] | None:
    """What Enter does on its card; None when the evidence was about another label than it has now."""
    if known.suggests_delete[row]:
        return "delete", None
    if known.suggested[row] != NONE:
        return "relabel", int(known.suggested[row])
    return ("keep", None) if known.labels[row] == label_id else None


def _suggested(known: Columns, rows: np.ndarray) -> dict[str, int]:
    if not known.has_doubts:
        return {}
    is_delete = known.suggests_delete[rows]
    is_relabel = ~is_delete & (known.suggested[rows] != NONE)
    n = {"relabel": int(is_relabel.sum()), "delete": int(is_delete.sum())}
    return {**n, "keep": len(rows) - sum(n.values())}


def _number(action: str, label_id: int | None) -> int:
    return label_id + len(ACTIONS) if label_id is not None else ACTIONS.index(action)
