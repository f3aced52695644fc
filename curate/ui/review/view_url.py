"""A view in the page's address, so that reload, back and a link shown to somebody else keep every filter."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from curate.errors import BadInput
from curate.review.listing import selections
from curate.review.listing.views import SORTS, View
from curate.ui.shell import query_params, run_picker

PAGE = "page"  # from 1; any change of the filters begins at the first
ORDER = "sort"
EVERYTHING = "any"  # how the address says that the filter for what is reviewed is off
# What a view calls it, and what the address does.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "sort": ORDER, "split": "split", "label_id": "label", "predicted_id": "predicted", "reviewed": "reviewed",
        "suggested_id": "suggested", "quality": "quality", "decided_by": "by", "doubt_from": "doubt_from",
        "doubt_to": "doubt_to", "source": "source", "licence": "licence", "added_from": "added_from",
        "added_to": "added_to", "text": "text", "picked_id": "picked",
    }
)  # fmt: skip
_PER_CENT = ("doubt_from", "doubt_to")
_LABELS = ("label_id", "predicted_id", "suggested_id")
_NUMBERS = (*_LABELS, "picked_id")


def read(project_id: int, run_id: int, sort: str, label_ids: set[int]) -> View:
    """The view that the address asks for; what makes no sense in it is left out. sort: the order, chosen elsewhere."""
    view = View(run_id, sort)
    for name, value in {"reviewed": "no", **_given()}.items():
        view = _with(view, name, value)
    named = {
        name: None for name in ("label_id", "predicted_id", "suggested_id") if getattr(view, name) not in label_ids
    }
    kept = view.picked_id is None or selections.is_kept(project_id, view.picked_id)
    return _replaced(view, **named, **({} if kept else {"picked_id": None}))


def write(**changed: Any) -> None:
    """Put these parts of a view into the address; None takes one out. The page begins at the first picture."""
    query_params.write(**{NAMES[name]: _written(name, value) for name, value in changed.items()}, **{PAGE: None})


def put(view: View) -> None:
    """Make the address ask for this view, on the run that it names already."""
    write(**{name: getattr(view, name) for name in NAMES})


def of(view: View) -> dict[str, str]:
    """What an address says that asks for this view, its run included."""
    said = {NAMES[name]: _written(name, getattr(view, name)) for name in NAMES}
    return {run_picker.ADDRESS: str(view.run_id)} | {key: value for key, value in said.items() if value is not None}


def is_given() -> bool:
    """Whether the address names an order or a filter."""
    return any(key in query_params.read() for key in NAMES.values())


def show_everything() -> None:
    """Take all filters off; the order stays."""
    write(**dict.fromkeys(name for name in NAMES if name != "sort"))


def _given() -> dict[str, Any]:
    """{part of a view: what the address says} of all but the order."""
    by_address = {address: name for name, address in NAMES.items() if name != "sort"}
    given: dict[str, Any] = {by_address[key]: value for key, value in query_params.read().items() if key in by_address}
    if given.get("reviewed") == EVERYTHING:
        given["reviewed"] = None
    return given


def _with(view: View, name: str, value: Any) -> View:
    try:
        return _replaced(view, **{name: _parsed(name, value)}).checked()
    except (BadInput, ValueError):  # somebody's typing, or an address of another version of the program
        return view


def _replaced(view: View, **changed: Any) -> View:
    return View(**{**vars(view), **changed})


def _parsed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _NUMBERS:
        return int(value) if value.isdecimal() and len(value) < 18 else None
    if name in _PER_CENT:
        return int(value) / 100
    return value


def _written(name: str, value: Any) -> str | None:
    if value is None:
        return EVERYTHING if name == "reviewed" else None
    if name == "sort":
        return value if value in SORTS else None
    if name in _PER_CENT:
        return f"{100 * value:.0f}"
    return value.isoformat() if isinstance(value, date) else str(value)
