"""The grid over a view: which page is shown, held still while decisions take pictures out of the list."""

from dataclasses import dataclass, field, replace
from uuid import uuid4

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.versions import head_id
from curate.review import tokens
from curate.review.deciding.decisions import revision
from curate.review.listing import cards, pages
from curate.review.listing.find_image import find_place
from curate.review.listing.pages import Page, View
from curate.ui.components import grid
from curate.ui.rendering import formatting
from curate.ui.review import view_url
from curate.ui.shell import identity, query_params

_WALK, _IS_OUTDATED = "review_walk", "review_is_outdated"


@dataclass
class Walk:
    """One visitor's way through one view: the images of every page seen, so that turning back shows the same ones.

    seen: page number → (image ids, where the next page begins).  n_pages: as many as there were at the beginning.
    name: a random one; what the browser knows of pages is of one walk.
    """

    key: tuple[View, int, int]  # view, page size, version: another one begins anew
    n_pages: int = 0
    seen: dict[int, tuple[list[int], str | None]] = field(default_factory=dict)
    name: str = field(default_factory=lambda: uuid4().hex)


def show(project: ProjectSummary, view: View, size: int) -> None:
    """The grid, in a fragment of its own: turning a page runs nothing else."""
    key = (view, size, project.version_number)
    if _WALK not in st.session_state or st.session_state[_WALK].key != key:
        st.session_state[_WALK] = Walk(key)
    st.fragment(lambda: _draw(project, view, size))()


def start_over() -> None:
    """Forget which images the pages held; the next look asks the catalog anew."""
    st.session_state.pop(_WALK, None)


def _draw(project: ProjectSummary, view: View, size: int) -> None:
    if st.session_state.pop(_IS_OUTDATED, False):
        st.rerun()  # the whole page: what stands around the grid counts the same decisions
    # Before the items, so that nothing others decide or apply meanwhile falls between.
    seen_up_to, version_id = revision(project.id), head_id(project.id)
    number = query_params.read_number(view_url.PAGE) or 1
    page = _find(view, size, number)
    reviewer, labels = identity.reviewer(), projects.labels(project.id)
    grid.show(
        "grid",
        grid.Sheet(
            items=cards.explained(view.run_id, page.items, labels),
            page=page.number,
            n_pages=page.n_pages,
            n_decided=page.n_reviewed,
            n_total=page.n_all,
            view_key=f"{hash((view, size))}",
            listing=grid.Listing(view.to_json(), size, st.session_state[_WALK].name),
            after=page.after,
        ),
        grid.as_labels(labels),
        grid.Reviewing(project.id, view.run_id, reviewer, tokens.sign(reviewer), seen_up_to, version_id),
        on_turn=_turn,
        on_outdated=None if page.items else _look_again,
        on_find=lambda text: _look_for(view, size, text),
    )
    if not page.items:
        _show_nothing(page)


def _look_again() -> None:
    """An undo may have brought pictures back into the view that had none left."""
    start_over()
    st.session_state[_IS_OUTDATED] = True


def _turn(asked: int, shown: grid.Shown | None) -> None:
    if shown:  # what follows is what the browser shows already, whatever was decided since it was fetched
        st.session_state[_WALK].seen[asked] = (shown.image_ids, shown.after)
    query_params.write(**{view_url.PAGE: asked if asked > 1 else None})


def _look_for(view: View, size: int, text: str) -> grid.Found:
    """The page of an image: that on which it was seen, else where it stands now."""
    seen = st.session_state[_WALK].seen
    place = find_place(view, text, size)
    if place is None:
        return grid.Found(None, None, f"No picture of this list is “{text}”. Filters may hide it.")
    pages_seen = [number for number, (image_ids, _) in seen.items() if place.image_id in image_ids]
    if not pages_seen:
        seen.pop(place.page, None)  # pictures decided since have left that page
    return grid.Found(next(iter(pages_seen), place.page), place.image_id)


def _find(view: View, size: int, number: int) -> Page:
    """The page of that number; one seen before holds the same images as then, with what is decided of them now."""
    walk: Walk = st.session_state[_WALK]
    if number in walk.seen:
        page = pages.reread_page(view, number, size, *walk.seen[number])
    else:
        _, start = walk.seen.get(number - 1, ([], None))
        page = pages.find_page(view, number, size, start)
        if start is None:
            number = page.number  # an address may ask for a page past the end
    walk.n_pages = max(walk.n_pages, page.n_pages)
    walk.seen[number] = ([item.image_id for item in page.items], page.after)
    return replace(page, number=number, n_pages=max(walk.n_pages, number))


def _show_nothing(page: Page) -> None:
    if page.n_all and page.n_reviewed >= page.n_all:
        st.success(f"Nothing waits for you: all {formatting.counted(page.n_all, 'picture')} of this view are reviewed.")
    elif page.number > 1:
        left = formatting.counted(page.n_all - page.n_reviewed, "picture")
        st.info(f"This is the end of the list; {left} on earlier pages are still undecided.", icon=":material/flag:")
    else:
        st.info("No picture matches these filters.", icon=":material/filter_alt_off:")
    with st.container(horizontal=True):
        if page.number > 1 and st.button("Back to the first page", key="first_page", icon=":material/first_page:"):
            start_over()
            query_params.write(**{view_url.PAGE: None})
            st.rerun()
        if st.button("Show everything", key="show_everything", icon=":material/filter_alt_off:"):
            view_url.show_everything()
            st.rerun()
