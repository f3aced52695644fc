"""Which images a request asks for: the grid's filters, with labels by their names."""

from datetime import date
from typing import Annotated, Any, Literal, get_args, get_type_hints

from pydantic import Field, create_model

from curate.catalog import projects
from curate.quality.issues import ISSUES
from curate.review.listing.filters import OUTCOMES, REVIEWED, SPLITS
from curate.review.listing.orders import SORTS
from curate.review.listing.views import FILTERS, View
from curate.server.api.fields import Fields

MOST = 500
_CHOICES = {"split": tuple(SPLITS), "reviewed": tuple(REVIEWED), "quality": tuple(ISSUES), "outcome": tuple(OUTCOMES)}
LABELS = {"label": "label_id", "predicted": "predicted_id", "suggested": "suggested_id"}  # {query: part of a view}
WITHOUT_RUN = frozenset({"label", "split", "text"})
_Number = Annotated[int, Field(ge=1, lt=2**63)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Place = Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]
_TYPES = {"doubt_from": _Share, "doubt_to": _Share, "added_from": date, "added_to": date}
Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]  # PostgreSQL stores no NUL


def _type_of(part: str) -> Any:
    if part in _TYPES:
        return _TYPES[part]
    if part in _CHOICES:
        return Literal[_CHOICES[part]]
    if part in LABELS.values():
        return Text
    kind = get_args(get_type_hints(View)[part])[0]
    return {int: _Number, str: Text}.get(kind, kind)


def _name_of(part: str) -> str:
    return part.removesuffix("_id")


_FIELDS: dict[str, Any] = dict(
    run=(_Number | None, Field(None, description="number of a finished run, whose scores come along")),
    sort=(Literal[tuple(SORTS)], Field("loss", description="the order of a run's images")),
    limit=(int, Field(100, ge=1, le=MOST)),
    unlabelled=(bool, Field(False, description="the images without a label, by their number; no order or run counts")),
    after=(_Place | None, Field(None, description="`next` of the part before")),
    **{
        _name_of(part): (
            _type_of(part) | None,
            Field(None, description=entry.label),
        )
        for part, entry in FILTERS.items()
    },
)
ImageQuery = create_model("ImageQuery", __base__=Fields, **_FIELDS)


def chosen_filters(query: Any) -> dict[str, Any]:
    """{filter: value} of those that are set, as the query names them."""
    values = {_name_of(part): getattr(query, _name_of(part)) for part in FILTERS}
    return {name: value for name, value in values.items() if value is not None}


def view_of(query: Any, run_id: int, project_id: int) -> View:
    """The view that the grid would show. Raises BadInput, NotFound for an unknown label."""
    parts: dict[str, Any] = {"run_id": run_id, "sort": query.sort}
    for name, value in chosen_filters(query).items():
        if name in LABELS:
            parts[LABELS[name]] = projects.find_label(project_id, value)
        else:
            part = next(part for part in FILTERS if _name_of(part) == name)
            parts[part] = value.isoformat() if isinstance(value, date) else value
    return View.from_json(parts)


def needs_run(query: Any) -> bool:
    """Whether the query names a run, or an order or filter that only a run has."""
    others = set(chosen_filters(query)) - WITHOUT_RUN
    return query.run is not None or "sort" in query.model_fields_set or bool(others)
