"""Accepting the surest suggestions at once, with an honest estimate of how many of them are wrong.

`draw` freezes what is to be accepted, and a random forty of it, which a person checks one by one. The share of wrong
ones among the checked ones, with an exact interval, holds for the rest. What is accepted in bulk is unconfirmed.
"""

import json
import re
import secrets
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from sqlalchemy import select

from curate import store
from curate.catalog.database import reading
from curate.catalog.tables.core import IN_PROJECT, INBOX, Image
from curate.catalog.versions import batches
from curate.errors import BadInput, NotFound
from curate.evaluation import per_cent
from curate.evaluation.intervals import Interval, exact_interval
from curate.review.deciding.decisions import BULK_CLIENT, Op, decide
from curate.review.labelling import inbox, run_predictions
from curate.review.labelling.suggestions import NOTHING

THRESHOLDS = (0.99, 0.98, 0.95, 0.9, 0.8)
N_CHECKED = 40
MOST = 20_000  # images at once, decided in some two seconds
_CHUNK = 2_000


@dataclass(frozen=True)
class Acceptance:
    """image_ids, label_ids: (N,) what is to be accepted, in random order, the images to check first."""

    key: str
    project_id: int
    threshold: float
    image_ids: np.ndarray
    label_ids: np.ndarray

    @property
    def sample(self) -> list[int]:
        """The images to check."""
        return self.image_ids[:N_CHECKED].tolist()

    @property
    def label_of(self) -> dict[int, int]:
        """{image id: label to accept}."""
        return dict(zip(self.image_ids.tolist(), self.label_ids.tolist(), strict=True))


@dataclass(frozen=True)
class Checked:
    """What the check came to.  wrong: the share of wrong ones with its 95 % interval.  n_rest: undecided others."""

    n: int
    n_checked: int
    n_wrong: int
    wrong: Interval
    n_rest: int

    @property
    def is_complete(self) -> bool:
        """Whether every image of the sample is decided."""
        return self.n_checked == min(self.n, N_CHECKED)

    def describe(self) -> str:
        """Returns the estimate as a sentence."""
        if not self.n_checked:
            return "Nothing is checked yet."
        share = f"{self.n_wrong} of {self.n_checked} checked {'was' if self.n_wrong == 1 else 'were'} wrong"
        low, high = (round(self.n_rest * end) for end in (self.wrong.low, self.wrong.high))
        return (
            f"{share}: between {per_cent(self.wrong.low)} and {per_cent(self.wrong.high)} of the others, "
            f"{low:,} to {high:,} of {self.n_rest:,}."
        )


def counts(project_id: int, run_id: int | None = None) -> dict[float, int]:
    """Returns {threshold: undecided images that are predicted at least that surely}.

    run_id: by which run; None = by the project's own suggestions.
    """
    p = np.sort(_open_suggestions(project_id, run_id)[2])
    return {threshold: int(len(p) - np.searchsorted(p, threshold)) for threshold in THRESHOLDS}


def draw(project_id: int, threshold: float, run_id: int | None = None) -> Acceptance:
    """Freeze the undecided images predicted at least that surely, at most 20,000 of them. Raises BadInput for none."""
    image_ids, label_ids, p = _open_suggestions(project_id, run_id)
    sure = np.flatnonzero(p >= threshold)
    if not len(sure):
        raise BadInput("No suggestion is that sure.", "Choose a lower threshold, or label some more.")
    sure = sure[np.argsort(-p[sure], kind="stable")][:MOST]
    key = secrets.token_hex(8)
    order = np.random.default_rng(int(key, 16)).permutation(len(sure))
    made = Acceptance(key, project_id, threshold, image_ids[sure][order], label_ids[sure][order])
    file = BytesIO()
    facts = np.frombuffer(json.dumps({"threshold": threshold}).encode(), np.uint8)
    np.savez(file, facts=facts, image_ids=made.image_ids, label_ids=made.label_ids)
    store.write_atomic(store.labelling_folder(project_id) / f"accept-{key}.npz", file.getvalue(), is_derived=True)
    return made


def find(project_id: int, key: str) -> Acceptance:
    """Returns what was drawn under this key. Raises NotFound."""
    try:
        if not re.fullmatch("[0-9a-f]{16}", key):
            raise ValueError("no key")
        path = store.labelling_folder(project_id) / f"accept-{key}.npz"
        with np.load(path, allow_pickle=False) as kept:
            threshold = float(json.loads(kept["facts"].tobytes())["threshold"])
            return Acceptance(key, project_id, threshold, kept["image_ids"], kept["label_ids"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise NotFound("This check is no longer there.", "Begin a new one.") from error


def check(acceptance: Acceptance) -> Checked:
    """Returns what the decisions on the sample say of the rest."""
    label_of, n_checked, n_wrong = acceptance.label_of, 0, 0
    for row in _rows(acceptance.project_id, acceptance.sample):
        is_labelled = row.state == "active" and row.decision is None
        label_id = row.label_id if is_labelled else row.decision_label_id if row.decision == "relabel" else None
        is_judged = is_labelled or row.decision in ("relabel", "delete") or row.state not in IN_PROJECT
        n_checked += is_judged
        n_wrong += is_judged and label_id != label_of[row.id]
    n_rest = len(_rest(acceptance))
    return Checked(len(acceptance.image_ids), n_checked, n_wrong, exact_interval(n_wrong, n_checked), n_rest)


def carry_out(acceptance: Acceptance, reviewer: str) -> int:
    """Decide on the rest as suggested, as one step that undo takes back; returns the number of images.

    The step's name keeps the estimate. Raises BadInput before the whole sample is checked.
    """
    checked = check(acceptance)
    if not checked.is_complete:
        raise BadInput(f"{checked.n_checked} of {min(checked.n, N_CHECKED)} are checked.", "Check the others first.")
    rest, label_of = _rest(acceptance), acceptance.label_of
    client = f"{BULK_CLIENT}{acceptance.key}"
    name = f"Accept {len(rest):,} above {per_cent(acceptance.threshold)}. {checked.describe()}"
    for start in range(0, len(rest), _CHUNK):
        by_label: dict[int, list[int]] = {}
        for image_id in rest[start : start + _CHUNK]:
            by_label.setdefault(label_of[image_id], []).append(image_id)
        ops = [Op(label_id, tuple(ids), "relabel", label_id, client, name) for label_id, ids in by_label.items()]
        decide(acceptance.project_id, reviewer, ops, client)
    return len(rest)


def _open_suggestions(project_id: int, run_id: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns ids, predicted labels and probabilities of undecided images with a prediction."""
    made, unlabelled = run_predictions.chosen(project_id, run_id) or NOTHING, inbox.of_project(project_id)
    is_open = np.isin(made.image_ids, unlabelled.image_ids[~unlabelled.is_decided]) & (made.predicted != 0)
    return made.image_ids[is_open], made.predicted[is_open], made.p[is_open]


def _rest(acceptance: Acceptance) -> list[int]:
    """Returns the images outside the sample that have no label and no decision by now, in ascending order."""
    rows = _rows(acceptance.project_id, acceptance.image_ids[N_CHECKED:].tolist())
    return sorted(row.id for row in rows if row.state == INBOX and row.decision is None)


def _rows(project_id: int, image_ids: list[int]) -> list[Any]:
    columns = (Image.id, Image.state, Image.label_id, Image.decision, Image.decision_label_id)
    with reading() as session:
        return [
            row
            for batch in batches(image_ids)
            for row in session.execute(
                select(*columns).where(Image.id.in_(batch), Image.project_id == project_id)
            ).all()
        ]
