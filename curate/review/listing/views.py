"""A view: which of a run's images, in which order. Saved views, sessions and the address hold it."""

import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Strict, TypeAdapter, ValidationError

from curate.errors import BadInput
from curate.review.listing import filters
from curate.review.listing.filters import Filter
from curate.review.listing.orders import SORTS, Order

Number = Annotated[int, Strict()]
Text = Annotated[str, Strict()]
Share = Annotated[float, Strict()]


def _check_sort(sort: str) -> str:
    filters.among(SORTS)(sort)
    return sort


@dataclass(frozen=True)
class View:
    """Which of a run's images, in which order; None = any. Labels are those the run was trained with.

    `reviewed`: `no` = neither decided nor confirmed in an earlier version (or confirmed, and asked again), `yes` =
    either, or one standing decision. `decided_by`: whose decision stands, applied or not. `suggested_id`: the label
    that the evidence supports. `outcome`: `right` = its label was predicted, `wrong` = another one. `quality`: one of
    `ISSUES`. `doubt_from`, `doubt_to`: in [0, 1], both ends included. `source`, `licence`: as the provenance has them,
    "" = not known. `added_from`, `added_to`: days as 2026-11-21 (UTC), both included. `text`: part of the file name, in
    any case. `picked_id`: the images of `selections` of this number.
    """

    __pydantic_config__: typing.ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    run_id: Number
    sort: Annotated[Text, AfterValidator(_check_sort)] = "loss"
    split: Annotated[Text | None, filters.SPLIT] = None
    label_id: Annotated[Number | None, filters.LABEL] = None
    predicted_id: Annotated[Number | None, filters.PREDICTED] = None
    suggested_id: Annotated[Number | None, filters.SUGGESTED] = None
    outcome: Annotated[Text | None, filters.OUTCOME] = None
    reviewed: Annotated[Text | None, filters.REVIEWED_FILTER] = None
    doubt_from: Annotated[Share | None, filters.DOUBT_FROM] = None
    doubt_to: Annotated[Share | None, filters.DOUBT_TO] = None
    quality: Annotated[Text | None, filters.QUALITY] = None
    decided_by: Annotated[Text | None, filters.DECIDED_BY] = None
    source: Annotated[Text | None, filters.SOURCE] = None
    licence: Annotated[Text | None, filters.LICENCE] = None
    added_from: Annotated[Text | None, filters.ADDED_FROM] = None
    added_to: Annotated[Text | None, filters.ADDED_TO] = None
    text: Annotated[Text | None, filters.TEXT] = None
    picked_id: Annotated[Number | None, filters.SELECTION] = None

    @property
    def order(self) -> Order:
        """The entry that its `sort` names."""
        return SORTS[self.sort]

    @property
    def is_in_turn(self) -> bool:
        """Whether it shows the first few of each label, one label after the other."""
        return self.order.by_label and self.label_id is None

    def to_json(self) -> dict[str, Any]:
        """Returns the set parts as plain values; `from_json` makes the same view of them."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "View":
        """Returns the view that `to_json` wrote. Raises BadInput for anything else."""
        return _validate(dict(values))

    def checked(self) -> "View":
        """Returns this view. Raises BadInput when a value is none of those there are."""
        return _validate(asdict(self))


FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        name: next(one for one in hint.__metadata__ if isinstance(one, Filter))
        for name, hint in typing.get_type_hints(View, include_extras=True).items()
        if any(isinstance(one, Filter) for one in getattr(hint, "__metadata__", ()))
    }
)  # {part of a view: its entry}


@cache
def _adapter() -> TypeAdapter[View]:
    return TypeAdapter(View)


def _validate(values: dict[str, Any]) -> View:
    try:
        return _adapter().validate_python(values)
    except ValidationError as error:
        raise _explain(error) from error


def _explain(error: ValidationError) -> BadInput:
    first = error.errors(include_url=False)[0]
    name = first["loc"][0] if first["loc"] else ""
    if first["type"] == "missing":
        return BadInput("A view names its run.")
    return BadInput(f"{name!r:.30} = {first['input']!r:.50} is no part of a view.")
