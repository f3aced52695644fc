"""The grid over a project's unlabelled images. Pages that were shown keep their images while the order changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.versions import head_id
from curate.review import tokens
from curate.review.deciding.decisions import revision
from curate.review.labelling import pages, run_predictions
from curate.review.labelling.orders import ORDERS
from curate.ui.components import grid
from curate.ui.rendering import formatting
from curate.ui.shell import identity, query_params

ORDER, PAGE = "order", "page"  # in the address
SIZE = 48
_WALK, _IS_OUTDATED = "label_walk", "label_is_outdated"


@dataclass
class Walk:
    """One visitor's pages of one order: {page number: image ids}.

    key: project, order, version, the run that suggests, whether there are suggestions; any change starts a new walk.
    """

    key: tuple[int, str, int, int | None, bool]
    seen: dict[int, list[int]] = field(default_factory=dict)

    def shown(self) -> set[int]:
        """Returns the images of all pages."""
        return {image_id for image_ids in self.seen.values() for image_id in image_ids}


def show_orders() -> str:
    """Show the choice of the order; returns it."""
    known = query_params.read_option(ORDER, tuple(ORDERS), next(iter(ORDERS)))
    return str(
        st.selectbox(
            "Order", list(ORDERS), key="label_order", format_func=lambda name: ORDERS[name].title, width=260,
            help="\n".join(f"- **{order.title}**: {order.help}" for order in ORDERS.values()),
            on_change=query_params.bind("label_order", ORDER, known),
        )
    )  # fmt: skip


def show_grid(project: ProjectSummary, order: str, run_id: int | None) -> None:
    """Show the grid in a fragment of its own, so that turning a page reruns nothing else.

    run_id: whose predictions are suggested; None = the project's own suggestions.
    """
    has_suggestions = ORDERS[order].needs_suggestions and run_predictions.chosen(project.id, run_id) is not None
    key = (project.id, order, project.version_number, run_id, has_suggestions)
    if _WALK not in st.session_state or st.session_state[_WALK].key != key:
        st.session_state[_WALK] = Walk(key)
    st.fragment(lambda: _draw(project, order, run_id))()


def _draw(project: ProjectSummary, order: str, run_id: int | None) -> None:
    if st.session_state.pop(_IS_OUTDATED, False):
        st.rerun()  # the whole page: the parts around the grid count the same images
    # Read before the items, so that no decision or apply of others in between is missed.
    seen_up_to, version_id = revision(project.id), head_id(project.id)
    number, left = _find(project, order, run_id, query_params.read_number(PAGE) or 1)
    image_ids = st.session_state[_WALK].seen.get(number, [])
    cards = pages.find_cards(project.id, image_ids, run_id=run_id)
    n_pages = len(st.session_state[_WALK].seen) + left.n_pages
    sheet = grid.Sheet(cards, number, max(n_pages, number), left.n_decided, left.n_all, f"label-{order}")
    _show_sheet(project, sheet, seen_up_to, version_id)
    if not cards:
        _show_nothing(left)


def show_images(project: ProjectSummary, image_ids: list[int], label_of: Mapping[int, int], name: str) -> None:
    """Show just these images on one page, whatever is decided about them.

    label_of: {image id: the label to suggest}.  name: of the list; another one puts the cursor at the start.
    """

    def draw() -> None:
        seen_up_to, version_id = revision(project.id), head_id(project.id)
        cards = pages.find_cards(project.id, image_ids, label_of)
        n_decided = sum(1 for card in cards if card["decision"])
        _show_sheet(project, grid.Sheet(cards, 1, 1, n_decided, len(cards), name), seen_up_to, version_id)

    st.fragment(draw)()


def _show_sheet(project: ProjectSummary, sheet: grid.Sheet, seen_up_to: int, version_id: int) -> None:
    reviewer = identity.reviewer()
    grid.show(
        "label_grid",
        sheet,
        grid.as_labels(projects.labels(project.id, with_unlabelled=True)),
        grid.Reviewing(project.id, None, reviewer, tokens.sign(reviewer), seen_up_to, version_id),
        on_turn=_turn,
        on_outdated=None if sheet.items else _reload,
    )


def _find(project: ProjectSummary, order: str, run_id: int | None, number: int) -> tuple[int, pages.Left]:
    """Finds the images of the page unless they were found before; returns its number and what is left after it."""
    walk: Walk = st.session_state[_WALK]
    if number not in walk.seen:
        number = len(walk.seen) + 1
        walk.seen[number] = pages.find_left(project.id, order, SIZE, walk.shown(), run_id).image_ids
    return number, pages.find_left(project.id, order, SIZE, walk.shown(), run_id)


def _reload() -> None:
    st.session_state.pop(_WALK, None)
    st.session_state[_IS_OUTDATED] = True


def _turn(number: int, _shown: grid.Shown | None) -> None:
    query_params.write(**{PAGE: number if number > 1 else None})


def _show_nothing(left: pages.Left) -> None:
    if not left.n_all:
        st.success("Every picture of the project has a label.", icon=":material/check_circle:")
    elif not left.n_open:
        st.success(f"All {formatting.counted(left.n_all, 'picture')} are decided: apply, and they have their labels.")
    else:
        st.info(f"{formatting.counted(left.n_open, 'picture')} on earlier pages have no label yet.")
