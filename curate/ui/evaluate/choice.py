"""Which of a run's pictures the visitor has chosen on Evaluate: kept in the address, shown by the grid."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from curate import settings
from curate.evaluation.levels import Levels
from curate.review.listing import selections
from curate.review.listing.views import View
from curate.review.reports.error_causes import TITLES, find_causes
from curate.review.reports.evaluated import AS_TRAINED, CONFIRMED, Evaluated
from curate.review.reports.run_probabilities import find_per_picture
from curate.review.reports.slices import find_run_slices, title_of
from curate.ui.rendering import formatting
from curate.ui.review import view_url
from curate.ui.shell import identity, query_params

OUTCOMES = ("wrong", "right")
SCORES = ("loss", "confidence")
MADE = "evaluate_choice_made"  # session state: since the pictures were last shown, the visitor chose others
NAMES = ("actual", "predicted", "outcome", "cause", "slice", "score", "from", "to")  # in the address


@dataclass(frozen=True)
class Choice:
    """Every part that is set narrows the choice; nothing set = all pictures.

    actual, predicted: keys of levels of the matrix.  outcome: of `OUTCOMES`.  cause: of `error_causes.TITLES`.
    slice_key: of `slices.key_of`.
    score: of `SCORES`, from `low` to `high` (both in hundredths, `high` not included).
    """

    actual: str = ""
    predicted: str = ""
    outcome: str = ""
    cause: str = ""
    slice_key: str = ""
    score: str = ""
    low: int = 0
    high: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it is all pictures."""
        return self == ALL

    @property
    def is_of_matrix(self) -> bool:
        """Whether it is a cell, a row, a column or the diagonal of the matrix."""
        return not (self.is_empty or self.cause or self.slice_key or self.score)


ALL = Choice()


def read(levels: Levels) -> Choice:
    """Returns the choice in the address, without parts that do not exist here."""
    actual, predicted = (query_params.read_text(name) for name in ("actual", "predicted"))
    score = query_params.read_option("score", SCORES, "")
    ends = [query_params.read_number(name) for name in ("from", "to")]
    is_range = bool(score) and None not in ends
    return Choice(
        actual if actual in levels.titles else "",
        predicted if predicted in levels.titles else "",
        query_params.read_option("outcome", OUTCOMES, ""),
        query_params.read_option("cause", list(TITLES), ""),
        query_params.read_text("slice"),
        score if is_range else "",
        *((end or 0) if is_range else 0 for end in ends),
    )


def write(choice: Choice) -> None:
    """Put this choice into the address, and nothing of an earlier one; the grid begins at its first page."""
    values: tuple[object, ...] = (
        choice.actual, choice.predicted, choice.outcome, choice.cause, choice.slice_key, choice.score,
    )  # fmt: skip
    ends = (choice.low, choice.high) if choice.score else (None, None)
    texts = dict(zip(NAMES, (*(value or None for value in values), *ends), strict=True))
    query_params.write(**texts, **{view_url.PAGE: None})
    st.session_state[MADE] = True


def find_pictures(evaluated: Evaluated, levels: Levels, choice: Choice) -> np.ndarray:
    """Returns (K,) bool: the chosen ones of the evaluated pictures."""
    chosen = np.ones(evaluated.n, bool)
    if choice.actual:
        chosen &= levels.is_in(choice.actual)[evaluated.actual]
    if choice.predicted:
        chosen &= levels.is_in(choice.predicted)[evaluated.predicted]
    if choice.outcome:
        chosen &= evaluated.is_wrong == (choice.outcome == "wrong")
    if choice.cause:
        chosen &= find_causes(evaluated).is_cause(choice.cause)
    if choice.slice_key:
        is_in = find_run_slices(evaluated).is_in(choice.slice_key)
        chosen &= is_in if is_in is not None else False
    if choice.score:
        chosen &= _is_in_range(evaluated, choice)
    return chosen


def find_view(evaluated: Evaluated, levels: Levels, choice: Choice) -> View | None:
    """Returns the view of the chosen pictures, the highest loss first; None without any.

    What the grid's own filters can say is said by them; anything else is stored as a selection.
    """
    run = evaluated.run
    if _is_filter(evaluated, choice):
        label_id, predicted_id = (int(key) if key else None for key in (choice.actual, choice.predicted))
        return View(run.id, "loss", evaluated.split, label_id, predicted_id, outcome=choice.outcome or None)
    picked_id = _keep(settings.database_url(), evaluated, levels, choice, identity.reviewer())
    return None if picked_id is None else View(run.id, "loss", picked_id=picked_id)


def _is_filter(evaluated: Evaluated, choice: Choice) -> bool:
    if choice.cause or choice.slice_key or choice.score or evaluated.source == CONFIRMED:
        return False
    are_labels = all(key.isdecimal() for key in (choice.actual, choice.predicted) if key)
    return are_labels and (evaluated.source == AS_TRAINED or choice.is_empty)


def _is_in_range(evaluated: Evaluated, choice: Choice) -> np.ndarray:
    figures = find_per_picture(evaluated)
    if figures is None:
        return np.zeros(evaluated.n, bool)
    values = figures.loss if choice.score == "loss" else figures.p_first
    return np.asarray((values >= choice.low / 100) & (values < choice.high / 100))


@lru_cache(maxsize=64)
def _keep(_database: str, evaluated: Evaluated, levels: Levels, choice: Choice, reviewer: str) -> int | None:
    """Stores the pictures as a selection; returns its id, None without any."""
    image_ids = evaluated.image_ids[find_pictures(evaluated, levels, choice)]
    if not len(image_ids):
        return None
    title = f"Evaluate, {evaluated.run.name}"
    return selections.keep(evaluated.run.project_id, image_ids, title, reviewer)


def describe(choice: Choice, levels: Levels) -> str:
    """Returns the choice as text, such as an option of a list."""
    if choice.cause:
        return f"Errors: {TITLES[choice.cause].lower()}"
    if choice.slice_key:
        return formatting.in_sentence(title_of(choice.slice_key), 120)
    if choice.score:
        return _describe_range(choice)
    actual, predicted = (
        formatting.in_sentence(levels.titles.get(key, ""), 40) for key in (choice.actual, choice.predicted)
    )
    if choice.actual and choice.predicted:
        return f"{actual} → {predicted}"
    which = {"": "All", "wrong": "Every error", "right": "Everything right"}[choice.outcome]
    if choice.actual:
        return f"{which} labelled {actual}"
    if choice.predicted:
        return f"{which} predicted as {predicted}"
    return which


def _describe_range(choice: Choice) -> str:
    which = {"": "Pictures", "wrong": "Errors", "right": "Right ones"}[choice.outcome]
    if choice.score == "loss":
        return f"{which} with a loss of {choice.low / 100:g} to {choice.high / 100:g}"
    return f"{which} the model is {choice.low} to {min(choice.high, 100)} % sure of"
