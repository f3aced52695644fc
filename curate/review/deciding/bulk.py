"""One decision on all images of a view, however many: previewed, stored as one step, undone as one.

The previewed images are decided, not those that match later: `prepare` stores their ids as a selection. Each chunk is
a transaction of its own, so that nobody waits for a million images. A killed bulk continues under the same key.
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
CHUNK = 2_000  # images per transaction, some 0.1 s; others can decide between two of them
EXAMPLES = 12


@dataclass(frozen=True)
class Preview:
    """What a bulk decision would change.

    n: images.  by_label: {label id in the run: images}, most first.  n_decided: images with a standing decision.
    suggested: {action: images} if suggestions were accepted.  examples: the view's first image ids.
    """

    n: int
    by_label: dict[int, int]
    n_decided: int
    suggested: dict[str, int]
    examples: list[int]


@dataclass(frozen=True)
class BulkRequest:
    """A confirmed bulk decision; plain values, so that a job can take it.

    action: one of `ACTIONS`; accept = what the run suggests for each image.  key, name: of the step that undo shows.
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
class BulkResult:
    """stored: {action: images}.  n_gone: images that left the project since.  n_silent: images without a suggestion."""

    stored: Counter[str] = field(default_factory=Counter)
    n_gone: int = 0
    n_silent: int = 0


def preview(view: View) -> Preview:
    """Returns what a bulk decision over the view would change now."""
    matches = matching(view)
    columns, decisions, rows = matches.columns, decision_columns.of_run(view.run_id), matches.rows()
    label_ids, counts = np.unique(columns.labels[rows], return_counts=True)
    most = sorted(zip(label_ids.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return Preview(
        n=matches.n,
        by_label=dict(most),
        n_decided=int((decisions.decision[rows] != 0).sum()),
        suggested=_suggested(columns, rows),
        examples=matches.number(0, EXAMPLES)[0].tolist(),
    )


def prepare(
    project_id: int, view: View, action: str, label_id: int | None, reviewer: str, expected: int | None = None
) -> BulkRequest:
    """Store the images of a bulk decision as a selection; `carry_out` decides on them.

    expected: the number of images in the preview. Raises BadInput when another number matches now.
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
    return BulkRequest(
        project_id, view.run_id, picked_id, action, label_id, reviewer, f"bulk-{secrets.token_hex(8)}", name
    )


def carry_out(request: BulkRequest, on_progress: Callable[[int, int], None] = lambda done, total: None) -> BulkResult:
    """Decide on all images of the request.

    on_progress: receives (done, total) before each chunk, and may raise to stop there. Stored decisions stay, as one
    step; the same request continues with the rest.
    """
    ids = selections.image_ids(request.picked_id)
    columns, done = score_columns.of_run(request.run_id), BulkResult()
    for start in range(0, len(ids), CHUNK):
        on_progress(start, len(ids))
        _decide_chunk(request, columns, ids[start : start + CHUNK].tolist(), done)
    on_progress(len(ids), len(ids))
    return done


_VERBS = {
    "keep": "Keep", "delete": "Delete", "relabel": "Relabel", "accept": "Accept what is suggested for",
    "clear": "Take back the decisions on",
}  # fmt: skip


def _decide_chunk(request: BulkRequest, columns: Columns, image_ids: list[int], done: BulkResult) -> None:
    with writing(request.project_id) as session:
        labels = {
            image_id: label_id
            for batch in batches(image_ids)
            for image_id, label_id in session.execute(
                select(Image.id, Image.label_id).where(
                    Image.id.in_(batch), Image.project_id == request.project_id, Image.state == "active"
                )
            )
        }
        groups = _groups(request, columns, labels)
        ops = [
            # One number for each kind of decision, so that a repeated request stores nothing twice.
            Op(_code_of(*choice), tuple(ids), *choice, step=request.key, step_name=request.name)
            for choice, ids in groups.items()
        ]
        if ops:
            decide_within(session, request.project_id, request.reviewer, ops, request.key, request.run_id)
    for (action, _), ids in groups.items():
        done.stored[action] += len(ids)
    done.n_gone += len(image_ids) - len(labels)
    done.n_silent += len(labels) - sum(map(len, groups.values()))


def _groups(request: BulkRequest, columns: Columns, labels: dict[int, int]) -> dict[tuple[str, int | None], list[int]]:
    """Returns {(action, label id): image ids}."""
    if request.action != "accept":
        return {(request.action, request.label_id): list(labels)} if labels else {}
    groups: dict[tuple[str, int | None], list[int]] = {}
    rows = columns.rows_of(np.array(list(labels), np.int64)).tolist()
    for row in rows if columns.has_doubts else []:
        image_id = int(columns.image_ids[row])
        choice = _suggestion(columns, row, labels[image_id])
        if choice is not None:
            groups.setdefault(choice, []).append(image_id)
    return groups


def _suggestion(columns: Columns, row: int, label_id: int) -> tuple[str, int | None] | None:
    """Returns what Enter does on the image's card; None when its label has changed since the run."""
    if columns.suggests_delete[row]:
        return "delete", None
    if columns.suggested[row] != NONE:
        return "relabel", int(columns.suggested[row])
    return ("keep", None) if columns.labels[row] == label_id else None


def _suggested(columns: Columns, rows: np.ndarray) -> dict[str, int]:
    if not columns.has_doubts:
        return {}
    is_delete = columns.suggests_delete[rows]
    is_relabel = ~is_delete & (columns.suggested[rows] != NONE)
    n = {"relabel": int(is_relabel.sum()), "delete": int(is_delete.sum())}
    return {**n, "keep": len(rows) - sum(n.values())}


def _code_of(action: str, label_id: int | None) -> int:
    return label_id + len(ACTIONS) if label_id is not None else ACTIONS.index(action)
