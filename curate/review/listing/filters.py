"""The filters of the grid, one entry each: where it matches, how it is checked, written, named and shown.

A new filter is an entry here and a field of `views.View` that names it. The page, the address, saved views and the
preview of *All…* read these entries.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema
from sqlalchemy import select

from curate import whole_number
from curate.catalog import quality
from curate.catalog.database import reading
from curate.catalog.tables.quality import Quality
from curate.errors import BadInput
from curate.quality.issues import ISSUES
from curate.review.listing import selections
from curate.review.listing.decision_columns import ACTIONS, DecisionColumns
from curate.review.listing.score_columns import NONE, Columns

REVIEWED = {"no": "Not reviewed yet", "yes": "Reviewed", "keep": "Kept", "delete": "Deleted", "relabel": "Relabelled"}
OUTCOMES = {"wrong": "Wrong", "right": "Right"}
SPLITS = {"train": "Training", "valid": "Validation"}
MAX_TEXT = 200  # letters of a text to look for in file names
UNKNOWN = "Not known"


@dataclass(frozen=True)
class Context:
    """What a run's filters can be set to: its project's labels by id, and its columns."""

    project_id: int
    labels: Mapping[int, str]
    columns: Columns
    decisions: DecisionColumns


@dataclass(frozen=True)
class Filter:
    """One filter of a `View`.

    address: its name in the page's address.  label: of its field.  empty: shown while it is off.
    matches: (columns, value) -> (N,) bool; the columns are `Columns`, or `DecisionColumns` if `by_people`.
    describe: the value as text.  options: {value: text} to choose from; an unlisted value of an `is_closed` filter is
    ignored.  check: raises BadInput.  parse, write: from and to the address.
    widget: which field the page shows; `range` covers this filter and `range_end`, its upper end.
    place: `row` above the grid, `more` behind a button, "" = set by links only; place_undoubted: in runs without
    doubts.  width: of a field in the row, px.  default: its value while the address is silent.
    """

    address: str
    label: str
    matches: Callable[[Any, Any], np.ndarray]
    describe: Callable[[Any, Context], str]
    options: Callable[[Context], Mapping[Any, str]] | None = None
    check: Callable[[Any], None] = lambda value: None
    parse: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    widget: Literal["list", "text", "range", "day"] = "list"
    place: Literal["row", "more", ""] = "more"
    place_undoubted: Literal["row", "more", "", "same"] = "same"
    range_end: str = ""
    empty: str = "Any"
    width: int = 0
    default: Any = None
    by_people: bool = False
    is_closed: bool = False

    def place_in(self, is_doubted: bool) -> str:
        """Where the page shows the filter of a run with or without doubts."""
        return self.place if is_doubted or self.place_undoubted == "same" else self.place_undoubted

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Makes Pydantic run `check` on every value but None."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: Any) -> Any:
        if value is not None:
            self.check(value)
        return value


def among(known: Mapping[str, Any]) -> Callable[[Any], None]:
    """A check that a value is a key of `known`."""

    def check(value: Any) -> None:
        if value not in known:
            raise BadInput(f"{value!r:.50} is not one of {', '.join(known)}.")

    return check


def _check_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise BadInput(f"A doubt lies between 0 and 1, not at {share!r:.50}.")


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise BadInput(f"{day!r:.50} is not a day such as 2026-11-21.") from error


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise BadInput(f"A part of a file name can have {MAX_TEXT} letters.")


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f}"


def _code(names: list[str], name: str) -> int:
    """Returns the place of a name, or `NONE`, which no image has."""
    return names.index(name) if name in names else NONE


def _day(day: str) -> int:
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp() // 86_400)


def _among_rows(columns: Columns, image_ids: np.ndarray) -> np.ndarray:
    is_in = np.zeros(columns.n, bool)
    is_in[columns.rows_of(image_ids)] = True
    return is_in


def _has_issue(columns: Columns, issue: str) -> np.ndarray:
    query = select(Quality.image_id).where(*quality.has_issue(columns.project_id, issue))
    with reading() as session:
        return _among_rows(columns, np.array(session.scalars(query).all(), np.int64))


def _is_reviewed(decisions: DecisionColumns, value: str) -> np.ndarray:
    if value in ("yes", "no"):
        return decisions.is_reviewed == (value == "yes")
    return decisions.decision == ACTIONS.index(value)


def _describe_range(low: float, high: float | None) -> str:
    return f"Doubt {100 * low:.0f}–{100 * (1 if high is None else high):.0f} %"


def _describe_selection(selection_id: int, _: Context) -> str:
    row = selections.find(selection_id)
    return f"{row.title}: {row.n:,} picture{'' if row.n == 1 else 's'}"


def _issues(context: Context) -> dict[str, str]:
    counts = quality.state(context.project_id).counts
    return {name: f"{issue.title} ({counts.get(name, 0):,})" for name, issue in ISSUES.items()}


def _named(values: list[str]) -> dict[str, str]:
    return {value: value or UNKNOWN for value in values}


SPLIT = Filter(
    "split", "Split", lambda columns, split: columns.is_valid == (split == "valid"),
    lambda split, _: SPLITS[split], lambda _: SPLITS, among(SPLITS), place="row", empty="Any split", width=100,
    is_closed=True,
)  # fmt: skip
LABEL = Filter(
    "label", "Label", lambda columns, label_id: columns.labels == label_id,
    lambda label_id, context: f"Label: {context.labels.get(label_id, label_id)}", lambda context: context.labels,
    parse=whole_number.parse, place="row", empty="Any label", width=126, is_closed=True,
)  # fmt: skip
SUGGESTED = Filter(
    "suggested", "Suggested label", lambda columns, label_id: columns.suggested == label_id,
    lambda label_id, context: f"Suggested: {context.labels.get(label_id, label_id)}", lambda context: context.labels,
    parse=whole_number.parse, place="row", place_undoubted="", empty="Any suggestion", width=146, is_closed=True,
)  # fmt: skip
PREDICTED = Filter(
    "predicted", "Predicted label", lambda columns, label_id: columns.predicted == label_id,
    lambda label_id, context: f"Predicted: {context.labels.get(label_id, label_id)}", lambda context: context.labels,
    parse=whole_number.parse, place_undoubted="row", width=146, is_closed=True,
)  # fmt: skip
OUTCOME = Filter(
    "outcome", "Prediction", lambda columns, value: (columns.predicted == columns.labels) == (value == "right"),
    lambda value, _: f"Prediction: {OUTCOMES[value].lower()}", lambda _: OUTCOMES, among(OUTCOMES), is_closed=True,
)  # fmt: skip
REVIEWED_FILTER = Filter(
    "reviewed", "Reviewed", _is_reviewed, lambda value, _: REVIEWED[value], lambda _: REVIEWED, among(REVIEWED),
    place="row", empty="Reviewed or not", width=178, default="no", by_people=True, is_closed=True,
)  # fmt: skip
QUALITY = Filter(
    "quality", "Quality", _has_issue, lambda issue, _: ISSUES[issue].title, _issues, among(ISSUES),
)  # fmt: skip
DECIDED_BY = Filter(
    "by", "Decided by", lambda decisions, name: decisions.by == _code(decisions.people, name),
    lambda name, _: f"By {name}", lambda context: {name: name for name in context.decisions.people if name},
    by_people=True,
)  # fmt: skip
DOUBT_FROM = Filter(
    "doubt_from", "Doubt", lambda columns, share: columns.doubt >= share,
    lambda ends, _: _describe_range(ends[0] or 0, ends[1]), check=_check_share, parse=lambda text: int(text) / 100,
    write=_per_cent, widget="range", range_end="doubt_to", place_undoubted="",
)  # fmt: skip
DOUBT_TO = Filter(
    "doubt_to", "Doubt at most", lambda columns, share: columns.doubt <= share,
    lambda share, _: _describe_range(0, share), check=_check_share, parse=lambda text: int(text) / 100,
    write=_per_cent, place="",
)  # fmt: skip
SOURCE = Filter(
    "source", "Source", lambda columns, name: columns.source == _code(columns.sources, name),
    lambda name, _: f"Source: {name or UNKNOWN.lower()}", lambda context: _named(context.columns.sources),
)  # fmt: skip
LICENCE = Filter(
    "licence", "Licence", lambda columns, name: columns.licence == _code(columns.licences, name),
    lambda name, _: f"Licence: {name or UNKNOWN.lower()}", lambda context: _named(context.columns.licences),
)  # fmt: skip
ADDED_FROM = Filter(
    "added_from", "Added from", lambda columns, day: columns.added >= _day(day), lambda day, _: f"Added from {day}",
    check=_check_day, widget="day",
)  # fmt: skip
ADDED_TO = Filter(
    "added_to", "Added until", lambda columns, day: columns.added <= _day(day), lambda day, _: f"Added until {day}",
    check=_check_day, widget="day",
)  # fmt: skip
TEXT = Filter(
    "text", "In the file name", lambda columns, text: columns.has_text(text), lambda text, _: f"“{text}” in the name",
    check=_check_text, widget="text", empty="Any part of it, such as IMG_20",
)  # fmt: skip
SELECTION = Filter(
    "picked", "Chosen pictures", lambda columns, number: _among_rows(columns, selections.image_ids(number)),
    _describe_selection, parse=whole_number.parse, place="",
)  # fmt: skip
WIDE: Mapping[str, int] = MappingProxyType({"": 0, "text": 1, "range": 2})  # fields that take a whole line, first
