"""The filters outside the row: in a popover, and as chips while they are on."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

import streamlit as st

from curate.review.listing.filters import MAX_TEXT, WIDE, Context, Filter
from curate.review.listing.views import FILTERS, View
from curate.ui.rendering import formatting
from curate.ui.review import view_url


def show_button(view: View, context: Context, is_doubted: bool) -> None:
    """Show the popover with its fields: wide ones first, the others in two columns."""
    entries = {name: entry for name, entry in FILTERS.items() if entry.place_in(is_doubted) == "more"}
    wide = sorted((name for name, entry in entries.items() if entry.widget in WIDE), key=_place)
    with st.popover("More", key="more_filters", help="More filters"):
        for name in wide:
            _WIDGETS[entries[name].widget](name, view, context)
        with st.grid(2, min_column_width=150, gap="small"):
            for name, entry in entries.items():
                if name not in wide:
                    _WIDGETS[entry.widget](name, view, context)


def show_chips(view: View, context: Context, is_doubted: bool) -> None:
    """Show a chip for each filter that is on and not in the row; a click removes the filter."""
    on = [name for name in _on(view) if FILTERS[name].place_in(is_doubted) != "row"]
    if not on:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for name in on:
            st.button(
                formatting.plain(_describe(name, view, context), 80),
                key=f"chip_{name}",
                icon=":material/close:",
                help="Take this filter off",
                on_click=_remove(_parts(name)),
            )
        if len(on) > 1:
            every = tuple(part for name in on for part in _parts(name))
            st.button("All off", key="chips_off", type="tertiary", on_click=_remove(every))


def describe(view: View, context: Context) -> list[str]:
    """Returns a text for each filter that is on."""
    return [_describe(name, view, context) for name in _on(view)]


def _on(view: View) -> list[str]:
    """Returns the names of the filters that are on; a range has the name of its lower end."""
    upper_ends = {entry.range_end for entry in FILTERS.values()}
    names = [name for name in FILTERS if name not in upper_ends]
    return sorted((name for name in names if any(getattr(view, part) is not None for part in _parts(name))), key=_place)


def _place(name: str) -> int:
    entry = FILTERS[name]
    return WIDE.get(entry.widget if entry.place else "", len(WIDE))


def _parts(name: str) -> tuple[str, ...]:
    end = FILTERS[name].range_end
    return (name, end) if end else (name,)


def _describe(name: str, view: View, context: Context) -> str:
    values = tuple(getattr(view, part) for part in _parts(name))
    return FILTERS[name].describe(values if FILTERS[name].range_end else values[0], context)


def _remove(names: tuple[str, ...]) -> Callable[[], None]:
    return lambda: view_url.write(**dict.fromkeys(names))


def _key(entry: Filter) -> str:
    return f"filter_{entry.address}"


def _list(name: str, view: View, context: Context) -> None:
    entry, value = FILTERS[name], getattr(view, name)
    options = {key: formatting.shorten(text, 80) for key, text in (entry.options or (lambda _: {}))(context).items()}
    if value is not None and value not in options:
        options[value] = str(value)  # a link may name an unknown value: it stays visible and can be removed
    st.session_state[_key(entry)] = value
    st.selectbox(
        entry.label,
        list(options),
        index=None,
        format_func=lambda option: options[option],
        key=_key(entry),
        on_change=lambda: view_url.write(**{name: st.session_state[_key(entry)]}),
        placeholder=entry.empty,
    )


def _text(name: str, view: View, _: Context) -> None:
    entry = FILTERS[name]
    st.session_state[_key(entry)] = getattr(view, name) or ""
    st.text_input(
        entry.label,
        key=_key(entry),
        max_chars=MAX_TEXT,
        placeholder=entry.empty,
        icon=":material/search:",
        on_change=lambda: view_url.write(**{name: st.session_state[_key(entry)] or None}),
    )


def _range(name: str, view: View, _: Context) -> None:
    """Show a slider in per cent for a share in [0, 1]; an end at 0 or 100 does not filter."""
    entry, key = FILTERS[name], f"filter_{FILTERS[name].label.lower()}"
    low, high = (getattr(view, part) for part in _parts(name))
    st.session_state[key] = (round(100 * (low or 0)), round(100 * (1 if high is None else high)))

    def write() -> None:
        low, high = st.session_state[key]
        ends = (low / 100 if low > 0 else None, high / 100 if high < 100 else None)
        view_url.write(**dict(zip(_parts(name), ends, strict=True)))

    st.slider(entry.label, 0, 100, key=key, format="%d %%", on_change=write)


def _day(name: str, view: View, _: Context) -> None:
    entry, value = FILTERS[name], getattr(view, name)

    def write() -> None:
        day: date | None = st.session_state[_key(entry)]
        view_url.write(**{name: day.isoformat() if day else None})

    st.session_state[_key(entry)] = date.fromisoformat(value) if value else None
    st.date_input(
        entry.label, value=None, key=_key(entry), format="YYYY-MM-DD", min_value=date(2000, 1, 1), on_change=write
    )


_WIDGETS: Mapping[str, Callable[[str, View, Context], None]] = MappingProxyType(
    {"list": _list, "text": _text, "range": _range, "day": _day}
)
