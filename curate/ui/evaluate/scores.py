"""Loss and confidence of right and wrong predictions; a range of them chooses its pictures."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from curate import settings
from curate.evaluation import per_cent
from curate.evaluation.label_figures import average_precision, balanced_accuracy, precision_recall
from curate.evaluation.per_picture import PerPicture
from curate.evaluation.score_histogram import confidence_histogram, loss_histogram
from curate.evaluation.words import MISSING
from curate.review.reports.evaluated import Evaluated
from curate.review.reports.run_probabilities import column_of_label, find_per_picture, read_probabilities
from curate.ui import charts
from curate.ui.charts.scores import precision_recall_figure, read_range, score_figure
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import SCORES, Choice
from curate.ui.rendering import formatting, tiles
from curate.ui.review import view_url
from curate.ui.shell import query_params

_CHART = "score_histogram"
TOP = (3, 5)  # of the k most probable labels one is right
_HELP = {
    "loss": "How surprised the run was by the label: 0 = certain and right, over 0.7 = less than even odds.",
    "confidence": "How sure the run was of its prediction. Errors on the right are confident ones.",
}


def show_scores(evaluated: Evaluated, choice: Choice) -> None:
    """Show the histogram of a score; a click or a dragged range chooses the pictures in it."""
    figures = find_per_picture(evaluated)
    if figures is None or not evaluated.n:
        st.caption("This run's probabilities are not stored." if evaluated.n else "There are no pictures to count.")
        return
    with st.container(horizontal=True):
        score = _choose_score(choice)
        outcome = _choose_outcome(choice)
    figure = _figure(settings.database_url(), evaluated, score, _chosen(choice, score), outcome, figures)
    n_wrong = int(evaluated.is_wrong.sum())
    charts.show(
        figure,
        key=_CHART,
        alt=f"{score.capitalize()} of {evaluated.n - n_wrong:,} right and {n_wrong:,} wrong predictions",
        on_select=lambda: _take_range(score, outcome),
        selection_mode=("points", "box"),
    )
    st.caption(f"{_HELP[score]} Click a bar or drag over a range to see its pictures.")
    _show_summary(evaluated, figures)
    _show_curve(evaluated)


def read_choice(event: object, score: str, outcome: str) -> Choice | None:
    """Returns what a selection on the chart chooses; None for none."""
    ends = read_range(event)  # type: ignore[arg-type]
    if ends is None:
        return None
    low, high = (round(100 * end) for end in ends)
    return Choice(outcome=outcome, score=score, low=low, high=high)


def _take_range(score: str, outcome: str) -> None:
    chosen = read_choice(st.session_state[_CHART], score, outcome)
    if chosen is not None:
        choices.write(chosen)


def _choose_score(choice: Choice) -> str:
    score = choice.score or query_params.read_option("of", SCORES, "loss")
    st.segmented_control(
        "Score", SCORES, format_func=str.capitalize, key="score_choice", required=True, label_visibility="collapsed",
        on_change=query_params.bind("score_choice", "of", score, clears=(*choices.NAMES, view_url.PAGE)),
    )  # fmt: skip
    return str(st.session_state["score_choice"])


def _choose_outcome(choice: Choice) -> str:
    """Which pictures are drawn, and shown of a range: "" = all."""
    names = {"": "All", **{name: name.capitalize() for name in choices.OUTCOMES}}
    st.segmented_control(
        "Predictions", list(names), format_func=names.__getitem__, default="", required=True,
        key="score_outcome", label_visibility="collapsed", help="Which predictions are drawn and shown.",
    )  # fmt: skip
    return str(st.session_state["score_outcome"])


def _chosen(choice: Choice, score: str) -> tuple[float, float] | None:
    return (choice.low / 100, choice.high / 100) if choice.score == score else None


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Evaluated: lambda evaluated: evaluated.key})
def _figure(
    database: str,
    evaluated: Evaluated,
    score: str,
    chosen: tuple[float, float] | None,
    outcome: str,
    _figures: PerPicture,
) -> go.Figure:
    if score == "loss":
        return score_figure(loss_histogram(_figures.loss, evaluated.is_wrong), score, chosen, outcome)
    return score_figure(confidence_histogram(_figures.p_first, evaluated.is_wrong), score, chosen, outcome)


def _show_summary(evaluated: Evaluated, figures: PerPicture) -> None:
    balanced = balanced_accuracy(evaluated.counts)
    with st.grid(4, min_column_width=110, gap="small"):
        tiles.number(
            "Log loss", f"{figures.loss.mean(dtype=np.float64):.2f}", "mean",
            "The mean loss: small = sure and right. A few confident errors raise it.",
        )  # fmt: skip
        tiles.number(
            "Balanced", MISSING if balanced is None else per_cent(balanced), "accuracy",
            "The mean of the labels' recalls, each label counting the same.",
        )  # fmt: skip
        for k in TOP:
            if k < len(evaluated.labels):
                share = float((figures.rank < k).mean())
                tiles.number(
                    f"Top {k}", per_cent(share), "accuracy",
                    f"The share of pictures whose label is among the {k} most probable ones.",
                )  # fmt: skip


def _show_curve(evaluated: Evaluated) -> None:
    """Show the precision-recall curve of a label that the visitor chooses."""
    names = {label.id: formatting.shorten(label.name, 60) for label in evaluated.labels}
    label_id = st.selectbox(
        "Precision and recall of", list(names), index=None, format_func=names.__getitem__, key="curve_label",
        placeholder="A label", help="What a threshold on the label's probability would cost and bring.",
    )  # fmt: skip
    if label_id is None:
        return
    position = evaluated.position(label_id)
    column, is_label = int(column_of_label(evaluated)[position]), evaluated.actual == position
    if column < 0 or not is_label.any():
        st.caption("The run did not know this label, or no picture here has it.")
        return
    scores = np.asarray(read_probabilities(evaluated.run.id)[evaluated.score_rows, column])
    area = average_precision(is_label, scores)
    alt = f"Precision against recall of {names[label_id]}"
    charts.show(precision_recall_figure(precision_recall(is_label, scores)), key="precision_recall", alt=alt)
    st.caption(f"Average precision {per_cent(area or 0.0)}, over {int(is_label.sum()):,} pictures of the label.")
