"""A page with nothing but a grid and one text field: ?run=1&size=48&user=ann."""

import streamlit as st

from curate.catalog.projects import labels
from curate.catalog.runs import find_run
from curate.catalog.versions import head_id
from curate.review import tokens
from curate.review.deciding.decisions import revision
from curate.review.listing import cards, pages
from curate.review.listing.find_image import find_place
from curate.ui.components import grid


def turn(page: int, shown: grid.Shown | None) -> None:
    st.session_state["page"] = page
    st.session_state["shown"] = shown


def find(view: pages.View, text: str, size: int) -> grid.Found:
    place = find_place(view, text, size)
    return grid.Found(place.page, place.image_id) if place else grid.Found(None, None, f"No picture is “{text}”.")


@st.fragment
def the_grid(run_id: int, size: int, user: str) -> None:
    project_id = find_run(run_id).project_id
    seen, version = revision(project_id), head_id(project_id)
    view = pages.View(run_id)
    page = pages.find_page(view, st.session_state.get("page", 1), size)
    sheet = grid.Sheet(
        items=cards.as_items(page.items),
        page=page.number,
        n_pages=page.n_pages,
        n_decided=page.n_reviewed,
        n_total=page.n_matching,
        listing=grid.Listing(view.to_json(), size),
        after=page.after,
    )
    reviewing = grid.Reviewing(project_id, run_id, user, tokens.sign(user), seen, version)
    grid.show(
        "grid",
        sheet,
        grid.as_labels(labels(project_id)),
        reviewing,
        on_turn=turn,
        on_find=lambda text: find(view, text, size),
    )


if st.runtime.exists():
    st.set_page_config(layout="wide", page_title="Grid")
    wanted = st.query_params
    st.text_input("A field", key="field")
    the_grid(int(wanted.get("run", 1)), int(wanted.get("size", 48)), wanted.get("user", "ann"))
