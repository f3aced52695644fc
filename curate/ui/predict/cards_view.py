"""Many answers as small cards, a page at a time."""

import streamlit as st

from curate.evaluation import per_cent
from curate.tray.pictures import Tray
from curate.ui.components import cards
from curate.ui.components.cards import Card, Tag
from curate.ui.predict import session
from curate.ui.predict.table_view import Rows
from curate.ui.rendering import formatting
from curate.ui.rendering.colours import label_colour
from curate.ui.rendering.image_urls import tray_url

PAGE = 48


def show(tray: Tray, rows: Rows) -> list[int]:
    """Draw the cards of one page; returns the numbers of all pictures that pass the filters."""
    n_pages = max(1, -(-len(rows.order) // PAGE))
    page = st.session_state.get(f"predict_page_{n_pages}", 1)
    first = (page - 1) * PAGE
    shown = rows.order[first : first + PAGE].tolist()
    if not shown:
        st.caption("No picture passes the filters.")
    clicked = cards.show_clickable([_card(tray, rows, row) for row in shown], "predict_cards", size_px=120)
    if clicked is not None and clicked < len(shown):
        session.open_picture(int(rows.results.numbers[shown[clicked]]), rows.numbers)
        st.rerun()
    if n_pages > 1:
        st.pagination(n_pages, key=f"predict_page_{n_pages}")
    return rows.numbers


def _card(tray: Tray, rows: Rows, row: int) -> Card:
    run, results = rows.runs[0], rows.results
    best, number = int(results.predicted[row]), int(results.numbers[row])
    tags: tuple[Tag] | tuple[Tag, Tag] = (_tag(run.names[best], run.positions[best]),)
    lines = [results.files[row].rpartition("/")[2]]
    if rows.other:
        second = int(rows.other.predicted[row])
        name, other = rows.other.names[second], rows.runs[1]
        if name != run.names[best]:
            tags = (*tags, _tag(name, other.positions[second]))
            lines.insert(0, f"{rows.runs[0].run.name} → {other.run.name}")
    lines += ["Unfamiliar"] * bool(results.is_unfamiliar[row])
    lines += [f"In the project: {rows.known[number]}"] * bool(rows.known.get(number))
    confidence = float(results.confidence[row])
    caption = f"{results.files[row]}: {run.names[best]}, {per_cent(confidence)}"
    shares = (confidence,)
    return Card("", caption, tags=tags, shares=shares, lines=tuple(lines), address=tray_url(tray.name, number))


def _tag(name: str, position: int) -> Tag:
    return Tag(formatting.shorten(name, 120), label_colour(position))
