"""The grid over a view. Its pages stay the same while decisions remove pictures from the list."""

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
    """One visitor's pages of one view, so that turning back shows the same images.

    seen: {page number: (image ids, where the next page begins)}.  n_pages: the number at the beginning.
    name: random; the browser caches pages of one walk.
    """

    key: tuple[View, int, int]  # view, page size, version: any change starts a new walk
    n_pages: int = 0
    seen: dict[int, tuple[list[int], str | None]] = field(default_factory=dict)
    name: str = field(default_factory=lambda: uuid4().hex)


def show_grid(project: ProjectSummary, view: View, size: int) -> None:
    """Show the grid in a fragment of its own, so that turning a page reruns nothing else."""
    key = (view, size, project.version_number)
    if _WALK not in st.session_state or st.session_state[_WALK].key != key:
        st.session_state[_WALK] = Walk(key)
    st.fragment(lambda: _draw(project, view, size))()


def start_over() -> None:
    """Forget the images of the pages; the next rerun reads them from the catalog."""
    st.session_state.pop(_WALK, None)


def _draw(project: ProjectSummary, view: View, size: int) -> None:
    if st.session_state.pop(_IS_OUTDATED, False):
        st.rerun()  # the whole page: the parts around the grid count the same decisions
    # Read before the items, so that no decision or apply of others in between is missed.
    seen_up_to, version_id = revision(project.id), head_id(project.id)
    number = query_params.read_number(view_url.PAGE) or 1
    page = _find(view, size, number)
    projects.ensure_unlabelled_id(project.id)  # a label can be taken off
    reviewer, labels = identity.reviewer(), projects.labels(project.id, with_unlabelled=True)
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
        on_outdated=None if page.items else _reload,
        on_find=lambda text: _find_page(view, size, text),
    )
    if not page.items:
        _show_nothing(page)


def _reload() -> None:
    """Reload an empty view: an undo may have brought pictures back."""
    start_over()
    st.session_state[_IS_OUTDATED] = True


def _turn(number: int, shown: grid.Shown | None) -> None:
    if shown:  # keep the page that the browser shows already, whatever was decided since it was fetched
        st.session_state[_WALK].seen[number] = (shown.image_ids, shown.after)
    query_params.write(**{view_url.PAGE: number if number > 1 else None})


def _find_page(view: View, size: int, text: str) -> grid.Found:
    """Returns the page on which an image was shown, else its page now."""
    seen = st.session_state[_WALK].seen
    place = find_place(view, text, size)
    if place is None:
        return grid.Found(None, None, f"No picture of this list is “{text}”. Filters may hide it.")
    pages_seen = [number for number, (image_ids, _) in seen.items() if place.image_id in image_ids]
    if not pages_seen:
        seen.pop(place.page, None)  # reload it, as decided pictures have left it
    return grid.Found(next(iter(pages_seen), place.page), place.image_id)


def _find(view: View, size: int, number: int) -> Page:
    """Returns a page; one shown before keeps its images, with their present decisions."""
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
