"""A view in the URL, so that reload, back and a shared link keep every filter."""

from dataclasses import replace
from typing import Any

from curate.errors import BadInput
from curate.review.listing import selections
from curate.review.listing.orders import SORTS
from curate.review.listing.views import FILTERS, View
from curate.ui.shell import query_params, run_picker

PAGE = "page"  # from 1; any change of the filters begins at the first
ORDER = "sort"
EVERYTHING = "any"  # turns off, in the URL, a filter that has a default
LABELS = tuple(name for name in FILTERS if name.endswith("label_id") or name in ("predicted_id", "suggested_id"))


def read(project_id: int, run_id: int, sort: str, label_ids: set[int]) -> View:
    """Returns the view in the URL, without invalid parts. sort: the order, chosen elsewhere."""
    view = View(run_id, sort)
    for name, value in _values().items():
        view = _with(view, name, value)
    unknown = [name for name in LABELS if getattr(view, name) not in label_ids]
    if view.picked_id is not None and not selections.is_kept(project_id, view.picked_id):
        unknown.append("picked_id")
    no_filter: dict[str, Any] = dict.fromkeys(unknown)
    return replace(view, **no_filter)


def write(**changed: Any) -> None:
    """Write these parts of a view to the URL; None removes one. It goes back to the first page."""
    query_params.write(**{_address(name): _as_text(name, value) for name, value in changed.items()}, **{PAGE: None})


def put(view: View) -> None:
    """Write this view to the URL; the run stays."""
    write(**{name: getattr(view, name) for name in (ORDER, *FILTERS)})


def of(view: View) -> dict[str, str]:
    """Returns the query parameters of this view, with its run: {name: text}."""
    texts = {_address(name): _as_text(name, getattr(view, name)) for name in (ORDER, *FILTERS)}
    return {run_picker.ADDRESS: str(view.run_id)} | {name: text for name, text in texts.items() if text is not None}


def is_given() -> bool:
    """Whether the URL names an order or a filter."""
    return any(_address(name) in query_params.read() for name in (ORDER, *FILTERS))


def show_everything() -> None:
    """Remove all filters; the order stays."""
    write(**dict.fromkeys(FILTERS))


def _address(name: str) -> str:
    return ORDER if name == ORDER else FILTERS[name].address


def _values() -> dict[str, Any]:
    """Returns {part of a view: its value in the URL}, with the defaults of filters that the URL does not name."""
    given = query_params.read()
    values: dict[str, Any] = {}
    for name, entry in FILTERS.items():
        text = given.get(entry.address)
        if text is None:
            values[name] = entry.default
        elif not (entry.default is not None and text == EVERYTHING):
            values[name] = text
    return values


def _with(view: View, name: str, text: str | None) -> View:
    """Returns the view with that part; unchanged for an invalid text."""
    if text is None:
        return view
    try:
        return replace(view, **{name: FILTERS[name].parse(text)}).checked()
    except (BadInput, ValueError):  # typed by hand, or a URL of another version of the program
        return view


def _as_text(name: str, value: Any) -> str | None:
    if name == ORDER:
        return value if value in SORTS else None
    if value is None:
        return EVERYTHING if FILTERS[name].default is not None else None
    return FILTERS[name].write(value)
