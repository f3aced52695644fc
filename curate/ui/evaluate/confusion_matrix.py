"""The confusion matrix of a run; a click on a cell shows its pictures."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from curate import evaluation, settings
from curate.catalog import projects, runs
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent, pictures
from curate.review.listing import pages
from curate.review.listing.pages import View
from curate.ui import charts
from curate.ui.components import cards
from curate.ui.evaluate import evaluated_card
from curate.ui.rendering import formatting
from curate.ui.review import filters
from curate.ui.shell import navigation, query_params

ACTUAL, PREDICTED = "actual", "predicted"  # label ids in the address
FIRST_PICTURES = 9
MORE_PICTURES = 24
MOST_PICTURES = 240  # beyond that the Curate page is the place
MOST_PAIRS = 60  # in the list beside the matrix

Cell = tuple[int, int]  # label ids: label, predicted label
ALL: Cell = (0, 0)  # in the list; Streamlit takes None for "nothing chosen yet"


@dataclass(frozen=True)
class Confusions:
    """A run's matrix on one split under the labels at training: (C, C) `counts`, rows and columns `labels`."""

    run: RunRow
    split: str
    labels: list[LabelRow]
    counts: np.ndarray

    @property
    def names(self) -> list[str]:
        """The labels' names, in order."""
        return [label.name for label in self.labels]

    def label(self, label_id: int) -> LabelRow:
        """Returns the label of that id. Raises KeyError when the run did not know it."""
        return {label.id: label for label in self.labels}[label_id]

    def position(self, label_id: int) -> int:
        """Returns a label's row and column."""
        return self.labels.index(self.label(label_id))

    def pairs(self) -> list[tuple[Cell, int]]:
        """Returns the largest errors with their numbers of pictures."""
        table = evaluation.most_confused(self.counts, self.names, MOST_PAIRS)
        rows = zip(table["actual"].tolist(), table["predicted"].tolist(), table["pictures"].tolist(), strict=True)
        return [((self.labels[actual].id, self.labels[predicted].id), n) for actual, predicted, n in rows]


def find(project: ProjectSummary, run: RunRow, split: str) -> Confusions:
    """Returns the run's matrix on that split."""
    labels = [label for label in projects.labels(project.id) if label.id in set(run.label_ids)]
    position = {label.id: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    cells = runs.cell_counts(run.id, split)
    rows, columns = ([position[label_id] for label_id in cells[name]] for name in ("label_id", "predicted_id"))
    counts[rows, columns] = cells["n"]
    return Confusions(run, split, labels, counts)


def chosen_cell(confusions: Confusions) -> Cell | None:
    """Returns the cell that the URL names, when the run knows both labels."""
    actual, predicted = query_params.read_number(ACTUAL), query_params.read_number(PREDICTED)
    known = {label.id for label in confusions.labels}
    return (actual, predicted) if actual in known and predicted in known else None  # type: ignore[return-value]


def show_matrix(confusions: Confusions, cell: Cell | None) -> None:
    """Show the matrix; a click writes its cell to the URL."""
    mode = st.segmented_control(
        "Numbers in the matrix",
        ["counts", "share"],
        format_func={"counts": "Pictures", "share": "Per cent of the label"}.__getitem__,
        default="counts",
        required=True,
        key="matrix_mode",
        label_visibility="collapsed",
    )
    selected = (confusions.position(cell[0]), confusions.position(cell[1])) if cell else None
    figure = _figure(
        settings.database_url(),
        confusions.run.id,
        confusions.split,
        tuple(confusions.names),
        mode,
        selected,
        confusions,
    )
    alt = f"Confusion matrix of {confusions.run.name}: {describe_worst(confusions)}"
    # A callback, not the value given back: the value stays what it was when another cell is chosen from the list.
    charts.show(
        figure,
        key="matrix",
        alt=alt,
        on_select=lambda: _take_click(confusions),
        selection_mode="points",
        width=700,
    )
    st.caption("Click a cell to see its pictures. Wrong ones are orange; the grey diagonal is right.")


def show_pictures(project: ProjectSummary, confusions: Confusions, cell: Cell | None) -> None:
    """Show the pictures of the cell, or of all, highest loss first."""
    _choose_pair(confusions, cell)
    actual, predicted = cell or (None, None)
    view = View(confusions.run.id, "loss", confusions.split, actual, predicted)
    limit = _limit(view)
    page = pages.find_page(view, size=limit)
    st.markdown(f"**{_heading(confusions, cell, page.n_matching)}**")
    if n_gone := _n_scored(confusions, cell) - page.n_matching:
        st.caption(f"The matrix is as the run left it; {pictures(n_gone)} of these went to the bin since.")
    if not page.items:
        st.caption("Nothing to see here.")
        return
    st.caption("Label → predicted label. The bar tells how sure the model was of the label.")
    names = {label.id: label for label in projects.labels(project.id)}
    cards.show([evaluated_card.make_card(item, names) for item in page.items], key="pictures", size_px=120)
    with st.container(horizontal=True):
        _offer_more(view, limit, page.n_matching)
        navigation.link("curate", "Review these", _review_address(view))


def _n_scored(confusions: Confusions, cell: Cell | None) -> int:
    """Returns the number of pictures in the cell, or in all."""
    if cell is None:
        return int(confusions.counts.sum())
    return int(confusions.counts[confusions.position(cell[0]), confusions.position(cell[1])])


def describe_worst(confusions: Confusions) -> str:
    """Returns a sentence on the largest confusions. Plain text."""
    n, n_right = int(confusions.counts.sum()), int(np.trace(confusions.counts))
    if not n:
        return "There are no pictures in this part of the data."
    if n == n_right:
        return f"It is right about every one of {pictures(n)}." if n > 1 else "It is right about the one picture."
    worst = evaluation.most_confused(confusions.counts, confusions.names, 1).iloc[0]
    label, predicted = (
        formatting.isolated(formatting.shorten(worst[name], 60)) for name in ("label", "predicted_label")
    )
    was = "was" if worst["pictures"] == 1 else "were"
    return (
        f"Mixed up most: {pictures(int(worst['pictures']))} labelled {label} {was} predicted as {predicted} "
        f"({per_cent(float(worst['share']))} of {label})."
    )


# Drawing takes as long as the rest of the page. A run never changes: all arguments but the last are the key.
@st.cache_resource(max_entries=64, show_spinner=False)
def _figure(
    database: str,
    run_id: int,
    split: str,
    names: tuple[str, ...],
    mode: str | None,
    selected: tuple[int, int] | None,
    _confusions: Confusions,
) -> go.Figure:
    return charts.confusion_figure(_confusions.counts, names, "share" if mode == "share" else "counts", selected)


def _take_click(confusions: Confusions) -> None:
    cell = charts.read_cell(st.session_state["matrix"])
    if cell is not None:  # None: a second click, or the figure was drawn anew
        actual, predicted = (confusions.labels[position].id for position in cell)
        query_params.write(actual=actual, predicted=predicted)


def _choose_pair(confusions: Confusions, cell: Cell | None) -> None:
    """Show the largest errors by name: the matrix's choice for the keyboard."""
    counts = dict(confusions.pairs())
    if cell is not None and cell not in counts:
        counts[cell] = _n_scored(confusions, cell)
    st.session_state["pair"] = cell or ALL
    st.selectbox(
        "Which pictures",
        [ALL, *counts],
        format_func=lambda pair: "The hardest of all" if pair == ALL else _pair_in_words(confusions, pair, counts),
        key="pair",
        on_change=_take_pair,
    )


def _take_pair() -> None:
    actual, predicted = st.session_state["pair"]
    query_params.write(actual=actual or None, predicted=predicted or None)


def _pair_in_words(confusions: Confusions, pair: Cell, counts: dict[Cell, int]) -> str:
    label, predicted = (
        formatting.isolated(formatting.shorten(confusions.label(label_id).name, 40)) for label_id in pair
    )
    return f"{label} → {predicted} · {counts[pair]:,}"


def _heading(confusions: Confusions, cell: Cell | None, n: int) -> str:
    if cell is None:
        return f"Hardest first, of all {pictures(n)}"
    label, other = (formatting.plain(confusions.label(label_id).name, 60) for label_id in cell)
    predicted = "rightly predicted" if cell[0] == cell[1] else f"predicted as {other}"
    n_gone = _n_scored(confusions, cell) - n
    gone = f", {n_gone:,} more deleted since" if n_gone > 0 else ""
    return f"{pictures(n)} labelled {label}, {predicted}{gone}"


def _limit(view: View) -> int:
    """Returns the number of pictures to show; another view starts again."""
    seen, limit = st.session_state.get("pictures_shown", (None, FIRST_PICTURES))
    return limit if seen == view else FIRST_PICTURES


def _offer_more(view: View, limit: int, n_matching: int) -> None:
    n_more = min(MORE_PICTURES, n_matching - limit, MOST_PICTURES - limit)
    if n_more > 0 and st.button(f"Show {n_more:,} more", key="more", icon=":material/expand_more:"):
        st.session_state["pictures_shown"] = (view, limit + n_more)
        st.rerun()


def _review_address(view: View) -> dict[str, str]:
    """Returns the URL of the grid on exactly these pictures, also decided ones."""
    parts = {"run": view.run_id, "split": view.split, "label": view.label_id, "predicted": view.predicted_id}
    query = {name: str(value) for name, value in parts.items() if value is not None}
    return query | {"sort": view.sort, "reviewed": filters.EVERYTHING}
