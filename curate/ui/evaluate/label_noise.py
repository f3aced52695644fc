"""Label noise by the held-out evidence: a matrix of confused labels whose cells link to their pictures."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from curate import settings
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.review.listing.score_columns import has_doubts
from curate.review.reports.label_noise import Direction, Noise, find_noise
from curate.ui import charts
from curate.ui.rendering import formatting
from curate.ui.review import filters
from curate.ui.shell import navigation, run_picker

MOST_DIRECTIONS = 8
_COUNTED = {
    "Suggested": "Pictures for which another label is suggested.",
    "Estimated": "How many there are in truth, estimated over all pictures (confident learning): also those of which "
    "nobody can say which they are.",
}


def show_label_noise(run: RunRow) -> None:
    """Show the matrix, the directions as text, and labels that should perhaps be merged."""
    if not has_doubts(run.id):
        st.caption("This run has no held-out evidence; train again to get it.")
        return
    noise = find_noise(run.id)
    st.markdown(formatting.plain(summary(noise), 400))
    if not noise.n_wrong:
        return
    with st.grid(2, min_column_width=400, gap="medium"):
        with st.container():
            _show_matrix(run, noise)
        with st.container():
            _show_directions(run, noise)
            _show_mixed(run, noise)


def summary(noise: Noise) -> str:
    """Returns a sentence on how many labels held-out models disagree with. Plain text."""
    n, n_all = noise.n_wrong, int(noise.counts.sum())
    if not n:
        sentence = "The evidence supports the label of every picture."
    else:
        share = per_cent(n / n_all)
        sentence = (
            f"{formatting.counted(n, 'picture')} of {n_all:,} ({share}) look more like another label to models that "
            "had not seen them. How many of these labels are wrong, decisions tell: on clean data it may be hardly any."
        )
    far = f" {formatting.counted(noise.n_far, 'picture')} lie far from everything else." if noise.n_far else ""
    return sentence + far


def describe(direction: Direction, write: Callable[[str, int], str] = formatting.in_sentence) -> str:
    """Returns one direction as a line; `write` makes a label's name fit for where it stands."""
    given, true = (write(label.name, 40) for label in (direction.given, direction.true))
    return f"{formatting.counted(direction.n, 'picture')} labelled {given}: rather {true} ({per_cent(direction.share)})"


def _show_matrix(run: RunRow, noise: Noise) -> None:
    counted = _choose_counted(noise)
    figure = _figure(settings.database_url(), run.id, counted, noise)
    worst = describe(noise.directions(1)[0])
    event = charts.show(
        figure, key="noise", alt=f"Given against probable labels: {worst}", on_select="rerun", selection_mode="points",
        width=640,
    )  # fmt: skip
    cell = charts.read_cell(event)
    if cell and cell[0] != cell[1]:
        _review(run, noise.labels[cell[0]].id, noise.labels[cell[1]].id)
    st.caption(
        f"{_COUNTED[counted]} A click on an orange cell opens the suggested ones on Curate. The grey diagonal is right "
        "as it is filed."
    )


def _choose_counted(noise: Noise) -> str:
    """Show the choice of what the matrix counts: pictures with a suggestion, or the estimate over all."""
    if noise.estimated is None:
        return "Suggested"
    chosen = st.segmented_control(
        "What the matrix counts", list(_COUNTED), default="Suggested", key="noise_counts",
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen or "Suggested"


# A run's evidence never changes, so all but the last is the key.
@st.cache_resource(max_entries=32, show_spinner=False)
def _figure(database: str, run_id: int, counted: str, _noise: Noise) -> go.Figure:
    shown = (
        _noise.counts if counted == "Suggested" or _noise.estimated is None else _noise.estimated.round().astype(int)
    )
    style = charts.Style(joined_by="probably", columns_title="probable label")
    return charts.confusion_figure(shown, [label.name for label in _noise.labels], style)


def _show_directions(run: RunRow, noise: Noise) -> None:
    """Show the matrix's largest cells as buttons, for the keyboard."""
    st.markdown("**Most frequent**")
    for place, direction in enumerate(noise.directions(MOST_DIRECTIONS)):
        if st.button(describe(direction, formatting.plain), key=f"noise_{place}", type="tertiary"):
            _review(run, direction.given.id, direction.true.id)


def _show_mixed(run: RunRow, noise: Noise) -> None:
    for mixture in noise.mixtures()[:3]:
        first, second = noise.labels[mixture.first], noise.labels[mixture.second]
        st.info(
            f"{formatting.plain(mixture.words.replace('*', ''), 500)} To merge them, see all of one below, select them "
            "and relabel them.",
            icon=":material/merge:",
        )
        smaller = min((first, second), key=lambda label: label.n_train + label.n_valid)
        query = {run_picker.ADDRESS: str(run.id), "label": str(smaller.id)}
        query |= {"reviewed": filters.EVERYTHING, "size": "200"}
        navigation.link("curate", f"See all labelled {formatting.plain(smaller.name, 40)}", query)


def _review(run: RunRow, given_id: int, true_id: int) -> None:
    query = {run_picker.ADDRESS: str(run.id), "label": str(given_id), "suggested": str(true_id)}
    navigation.go("curate", query | {"reviewed": filters.EVERYTHING})
