"""The filters that do not stand in the row: behind one button, and as chips once they are on."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from curate.catalog import quality
from curate.catalog.projects import ProjectSummary
from curate.quality.issues import ISSUES
from curate.review.listing import decision_columns, score_columns, selections
from curate.review.listing.views import MOST_LETTERS, View
from curate.ui.rendering import formatting
from curate.ui.review import view_url

UNKNOWN = "Not known"


def offer(project: ProjectSummary, view: View, predicted: Mapping[int, str]) -> None:
    """The button and its fields. predicted: labels to ask what the model took pictures for; empty = asked elsewhere."""
    known, said = score_columns.of_run(view.run_id), decision_columns.of_run(view.run_id)
    with st.popover("More", key="more_filters", help="More filters"):
        _text(view)
        if known.has_doubts:
            _doubt(view)
        with st.grid(2, min_column_width=150, gap="small"):
            if predicted:
                _choose("predicted_id", "Taken for", predicted, view)
            _choose("quality", "Quality", _issues(project), view)
            people = {name: formatting.shorten(name) for name in said.people if name}
            _choose("decided_by", "Decided by", people, view)
            _choose("source", "Source", _named(known.sources), view)
            _choose("licence", "Licence", _named(known.licences), view)
            _day("added_from", "Added from", view)
            _day("added_to", "Added until", view)


def show_chips(view: View, labels: Mapping[int, str], is_doubted: bool) -> None:
    """What is on of the filters that do not stand in the row; a click takes one off."""
    on = _on(view, labels, is_doubted)
    if not on:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for names, told in on:
            st.button(
                formatting.plain(told, 80),
                key=f"chip_{names[0]}",
                icon=":material/close:",
                help="Take this filter off",
                on_click=_taking_off(names),
            )
        if len(on) > 1:
            every = tuple(name for names, _ in on for name in names)
            st.button("All off", key="chips_off", type="tertiary", on_click=_taking_off(every))


def _taking_off(names: tuple[str, ...]) -> Callable[[], None]:
    return lambda: view_url.write(**dict.fromkeys(names))


def _on(view: View, labels: Mapping[int, str], is_doubted: bool) -> list[tuple[tuple[str, ...], str]]:
    """[(parts of the view, what they ask in words)]"""
    on: list[tuple[tuple[str, ...], str]] = []

    def tell(name: str, words_of: Callable[[Any], str]) -> None:
        value = getattr(view, name)
        if value is not None:
            on.append(((name,), words_of(value)))

    tell("picked_id", _picked_in_words)
    tell("text", lambda text: f"“{text}” in the name")
    if is_doubted:
        tell("predicted_id", lambda label_id: f"Taken for {labels[label_id]}")
    if (view.doubt_from, view.doubt_to) != (None, None):
        low, high = 100 * (view.doubt_from or 0), 100 * (1 if view.doubt_to is None else view.doubt_to)
        on.append((("doubt_from", "doubt_to"), f"Doubt {low:.0f}–{high:.0f} %"))
    tell("quality", lambda issue: ISSUES[issue].title)
    tell("decided_by", lambda name: f"By {name}")
    tell("source", lambda name: f"Source: {name or UNKNOWN.lower()}")
    tell("licence", lambda name: f"Licence: {name or UNKNOWN.lower()}")
    tell("added_from", lambda day: f"Added from {day}")
    tell("added_to", lambda day: f"Added until {day}")
    return on


def _picked_in_words(picked_id: int) -> str:
    row = selections.find(picked_id)
    return f"{row.title}: {formatting.counted(row.n, 'picture')}"


def _issues(project: ProjectSummary) -> dict[str, str]:
    """What can be wrong with a picture itself, with how many of the project have it."""
    counts = quality.state(project.id).counts
    return {name: f"{issue.title} ({counts.get(name, 0):,})" for name, issue in ISSUES.items()}


def _named(values: list[str]) -> dict[str, str]:
    return {value: formatting.shorten(value, 80) or UNKNOWN for value in values}


def _choose(name: str, label: str, options: Mapping[Any, str], view: View) -> None:
    key = f"filter_{view_url.NAMES[name]}"
    asked = getattr(view, name)
    # A name in a link may be one that nothing has here: it stays in sight, and can be taken off.
    known = dict(options) if asked is None or asked in options else {**options, asked: str(asked)}
    st.session_state[key] = asked
    st.selectbox(
        label,
        list(known),
        index=None,
        format_func=lambda option: known[option],
        key=key,
        on_change=lambda: view_url.write(**{name: st.session_state[key]}),
        placeholder="Any",
    )


def _text(view: View) -> None:
    st.session_state["filter_text"] = view.text or ""
    st.text_input(
        "In the file name",
        key="filter_text",
        max_chars=MOST_LETTERS,
        placeholder="Any part of it, such as IMG_20",
        icon=":material/search:",
        on_change=lambda: view_url.write(text=st.session_state["filter_text"] or None),
    )


def _doubt(view: View) -> None:
    low, high = view.doubt_from, view.doubt_to
    st.session_state["filter_doubt"] = (round(100 * (low or 0)), round(100 * (1 if high is None else high)))

    def write() -> None:
        low, high = st.session_state["filter_doubt"]
        view_url.write(doubt_from=low / 100 if low > 0 else None, doubt_to=high / 100 if high < 100 else None)

    st.slider("Doubt", 0, 100, key="filter_doubt", format="%d %%", on_change=write)


def _day(name: str, label: str, view: View) -> None:
    key, asked = f"filter_{name}", getattr(view, name)
    st.session_state[key] = date.fromisoformat(asked) if asked else None
    st.date_input(
        label,
        value=None,
        key=key,
        format="YYYY-MM-DD",
        min_value=date(2000, 1, 1),
        on_change=lambda: view_url.write(**{name: st.session_state[key]}),
    )
