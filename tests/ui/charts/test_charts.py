from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.evaluation import Interval, accuracy_interval, compare
from curate.ui import charts

NAN = float("nan")
NAMES = ["glass", "metal", "paper"]
MATRIX = np.array([[80, 14, 3], [0, 40, 2], [0, 0, 0]])
HOSTILE = ["<b>x</b><script>alert(1)</script>", "$x^2$", "%{x}", "a" * 300, "", "tab\tand\nline", "\u202egnp.exe"]


def texts(part: Any) -> Iterator[str]:
    """Every text anywhere in a figure."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from texts(value) if key != "bdata" else ()  # numbers, packed
    elif isinstance(part, list | tuple):
        for value in part:
            yield from texts(value)


def targets(figure: go.Figure) -> go.Scatter:
    return figure.data[-1]


def hover(figure: go.Figure, cell: tuple[int, int]) -> str:
    points = [tuple(point) for point in np.asarray(targets(figure).customdata).tolist()]
    return targets(figure).hovertext[points.index(cell)]


def numbers(figure: go.Figure) -> dict[tuple[int, int], str]:
    written = figure.select_traces({"type": "scatter", "mode": "text"})
    return {
        (row, column): text
        for trace in written
        for row, column, text in zip(trace.y.tolist(), trace.x.tolist(), trace.text, strict=True)
    }


@given(st.text(max_size=80), st.integers(4, 40))
def test_text_from_users_is_never_markup_nor_longer_than_asked(text: str, length: int):
    safe = charts.safe_text(text, length)
    assert not set("<>$\n\t\u202e") & set(safe)
    shown = (
        safe.strip("\u2068\u2069").replace("&lt;", "<").replace("&gt;", ">").replace("&#36;", "$").replace("&amp;", "&")
    )
    assert len(shown) <= max(length, len("(no name)"))


def test_a_label_from_right_to_left_does_not_reorder_what_stands_beside_it():
    figure = charts.confusion_figure(MATRIX, ["חתול", *NAMES[1:]])
    assert "label <b>\u2068חתול\u2069</b>, predicted" in hover(figure, (False, True))


def test_a_cell_says_in_plain_words_what_it_holds():
    figure = charts.confusion_figure(MATRIX, NAMES)
    assert hover(figure, (0, 1)) == "label <b>glass</b>, predicted as <b>metal</b>: 14 pictures (14 % of glass)"
    assert hover(figure, (1, 1)) == "label <b>metal</b>, predicted as the same: 40 pictures (95 % of metal)"
    assert hover(figure, (2, 0)) == "label <b>paper</b>, predicted as <b>glass</b>: no pictures"


def test_cells_with_pictures_carry_their_number():
    assert numbers(charts.confusion_figure(MATRIX, NAMES)) == {
        (0, 0): "80", (0, 1): "14", (0, 2): "3", (1, 1): "40", (1, 2): "2"
    }  # fmt: skip


def test_shares_are_of_the_row_and_an_empty_row_stays_empty():
    written = numbers(charts.confusion_figure(MATRIX, NAMES, charts.Style("share")))
    assert written[0, 1] == "14 %" and written[1, 2] == "5 %"
    assert not any(row == 2 for row, _ in written)


def test_shares_of_the_predicted_label_are_of_the_column():
    figure = charts.confusion_figure(MATRIX, NAMES, charts.Style("predicted"))
    assert numbers(figure) == {(0, 0): "100 %", (0, 1): "26 %", (0, 2): "60 %", (1, 1): "74 %", (1, 2): "40 %"}
    assert hover(figure, (0, 1)).endswith(": 14 pictures (26 % of those predicted as metal)")


def test_totals_take_clicks_for_a_row_a_column_and_the_diagonal():
    figure = charts.confusion_figure(MATRIX, NAMES, charts.Style(has_totals=True), selected=(1, charts.TOTAL))
    written = numbers(figure)
    assert [written[row, 3] for row in range(4)] == ["97", "42", "0", "<b>86 %</b>"]  # 120 of 139 are right
    assert [written[3, column] for column in range(3)] == ["80", "54", "5"]
    assert hover(figure, (0, -1)) == "all 97 pictures labelled <b>glass</b>"
    assert hover(figure, (-1, 1)) == "all 54 pictures predicted as <b>metal</b>"
    assert hover(figure, (-1, -1)) == "all 120 right pictures"
    frame = figure.layout.shapes[0]
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (2.5, 3.5, 0.5, 1.5)


def test_errors_only_leaves_the_diagonal_out_of_every_number():
    figure = charts.confusion_figure(MATRIX, NAMES, charts.Style("share", errors_only=True, has_totals=True))
    assert numbers(figure) == {
        (0, 1): "82 %", (0, 2): "18 %", (1, 2): "100 %", (0, 3): "17", (1, 3): "2", (2, 3): "0", (3, 0): "0",
        (3, 1): "14", (3, 2): "5", (3, 3): "<b>19</b>",
    }  # fmt: skip
    assert hover(figure, (0, 0)) == "label <b>glass</b>, predicted as the same: 80 pictures"
    assert hover(figure, (-1, -1)) == "all 19 errors"


def test_logarithmic_colours_lift_small_cells():
    plain, log = (
        charts.confusion_figure(MATRIX, NAMES, charts.Style(is_log=is_log)).data[0].z for is_log in (False, True)
    )
    assert log[0, 1] == plain[0, 1] == 1
    assert log[1, 2] == pytest.approx(np.log(1 + 999 / 7) / np.log(1000)) and log[1, 2] > plain[1, 2]


def test_a_large_matrix_has_points_only_where_pictures_are_and_can_be_enlarged():
    matrix = np.diag(np.full(60, 9))
    matrix[3, 50] = 2
    figure = charts.confusion_figure(matrix, [str(i) for i in range(60)], charts.Style(most=100, can_zoom=True))
    assert len(targets(figure).customdata) == 61
    assert targets(figure).selected.marker.opacity == 1  # a dot that the browser draws, in place of the frame
    framed = charts.confusion_figure(matrix, [str(i) for i in range(60)], charts.Style(most=100), selected=(3, 50))
    assert framed.layout.shapes == ()
    assert figure.layout.dragmode == "zoom" and figure.layout.hoverdistance == 5  # half a cell of 620 / 60 px


def test_errors_have_a_scale_of_their_own_so_that_the_diagonal_does_not_wash_them_out():
    errors, right = charts.confusion_figure(MATRIX, NAMES).data[:2]
    assert errors.z[0, 1] == 1.0  # the largest error, though the diagonal is far larger
    assert np.isnan(np.diag(errors.z)[:2]).all()
    assert right.z[0, 0] == 1.0 and np.isnan(right.z[0, 1])


def test_only_the_darkest_cells_have_white_numbers():
    quiet, loud = charts.confusion_figure(MATRIX, NAMES).data[2:4]
    assert loud.textfont.color == "white" and list(loud.text) == ["14"]
    assert quiet.textfont.color is None and list(quiet.text) == ["80", "3", "40", "2"]


def test_forty_labels_are_drawn_whole_and_without_numbers():
    figure = charts.confusion_figure(np.eye(40, dtype=int), [str(i) for i in range(40)])
    assert figure.data[0].z.shape == (40, 40) and not numbers(figure)


def test_of_a_thousand_labels_the_thirty_most_confused_are_drawn_and_keep_their_positions():
    matrix = np.diag(np.full(1000, 50))
    matrix[500, 900] = 9
    figure = charts.confusion_figure(matrix, [f"label {i}" for i in range(1000)])
    assert figure.data[0].z.shape == (30, 30)
    assert figure.layout.xaxis.title.text == "predicted label (the 30 most confused of 1,000 labels)"
    assert hover(figure, (500, 900)).startswith("label <b>label 500</b>, predicted as <b>label 900</b>: 9 pictures")
    assert len(figure.to_json()) < 300_000


def test_the_selected_cell_is_framed_where_it_is_drawn():
    frame = charts.confusion_figure(MATRIX, NAMES, selected=(0, 1)).layout.shapes[0]
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, -0.5, 0.5)
    matrix = np.diag(np.full(100, 50))
    matrix[70, 80] = 3
    names = [str(i) for i in range(100)]
    assert charts.confusion_figure(matrix, names, selected=(99, 98)).layout.shapes == ()  # not among those drawn
    drawn = charts.confusion_figure(matrix, names, selected=(70, 80)).layout.shapes[0]
    assert (drawn.y0, drawn.x0) == (27.5, 28.5)  # the first 28 labels fill up the 30; then 70, 80


def test_a_click_gives_the_actual_and_the_predicted_label():
    event = {"selection": {"points": [{"x": 1, "y": 0, "customdata": {"0": 12, "1": 7}}], "point_indices": [1]}}
    assert charts.read_cell(event) == (12, 7)


@pytest.mark.parametrize("event", [None, {}, {"selection": {"points": []}}, {"selection": {"points": [{"x": 1}]}}])
def test_no_click_is_no_cell(event: dict[str, Any] | None):
    assert charts.read_cell(event) is None


LOSS = "loss (lower is better)"


def test_curves_are_named_at_their_ends_instead_of_in_a_legend():
    epochs = pd.DataFrame({"epoch": [1, 2], "train_loss": [2.0, 1.0], "valid_loss": [2.0, NAN]})
    figure = charts.epoch_charts(epochs, n_epochs=5)[LOSS]
    assert {(note.text, note.x, note.y) for note in figure.layout.annotations} == {
        ("training", 2, 1.0),
        ("validation", 1, 2.0),
    }
    assert figure.layout.xaxis.range == (0.7, 5.3) and not figure.layout.showlegend


def test_names_of_curves_that_end_together_are_moved_apart():
    epochs = pd.DataFrame({"epoch": [1], "train_loss": [1.0], "valid_loss": [1.01]})
    assert [note.yshift for note in charts.epoch_charts(epochs)[LOSS].layout.annotations] == [-8, 8]


def test_the_last_accuracy_is_written_out():
    figure = charts.epoch_charts(pd.DataFrame({"epoch": [1, 2], "accuracy": [0.5, 0.874]}))["validation accuracy"]
    assert figure.layout.annotations[0].text == "87 %"


def test_probabilities_are_sorted_and_the_small_ones_put_together():
    figure = charts.probability_bars([f"l{i}" for i in range(10)], np.array([0.05] * 8 + [0.2, 0.4]))
    assert list(figure.layout.yaxis.ticktext)[:3] == ["l9", "l8", "l0"]
    assert figure.layout.yaxis.ticktext[-1] == "2 other labels"
    assert figure.data[0].text[-1] == "10 %" and sum(figure.data[0].x) == pytest.approx(1)


def test_every_label_of_a_balance_has_its_own_colour_and_total():
    figure = charts.label_balance(["few", "many"], np.array([3, 30]), np.array([1, 10]))
    assert list(figure.layout.yaxis.ticktext) == ["many", "few"]
    assert list(figure.data[0].marker.color) == ["#cb7d02", "#035ff8"]
    assert [text.strip() for text in figure.data[-1].text] == ["40", "4"]


def test_a_balance_of_many_labels_says_which_it_shows():
    counts = np.arange(100)
    figure = charts.label_balance([f"l{i}" for i in range(100)], counts, counts)
    assert list(figure.layout.yaxis.ticktext) == [f"l{i}" for i in [*range(99, 79, -1), *range(19, -1, -1)]]
    assert figure.layout.xaxis.title.text.endswith("(40 largest and smallest of 100 labels)")


def test_a_change_of_balance_is_written_with_its_sign():
    figure = charts.label_balance_change(["a", "b", "c"], np.array([5, 9, 2]), np.array([7, 6, 2]))
    assert [text.strip() for text in figure.data[-1].text] == ["+2", "−3", ""]


def test_labels_without_validation_images_have_no_change_of_recall():
    table = pd.DataFrame(
        {
            "label": ["a", "b", "c"],
            "recall_before": [0.5, NAN, 0.9],
            "recall_after": [0.75, NAN, 0.8],
            "recall_change": [0.25, NAN, -0.1],
            "support": [4, 0, 10],
        }
    )
    figure = charts.recall_change(table)
    assert list(figure.layout.yaxis.ticktext) == ["a", "c"]
    assert list(figure.data[0].text) == ["+25.0", "−10.0"]
    assert figure.data[0].hovertext[0] == "a: found 50.0 % before, 75.0 % after, of 4 pictures"
    low, high = figure.layout.xaxis.range
    assert low < -10 and high > 25


def test_accuracies_are_written_with_their_intervals():
    figure = charts.accuracy_change(Interval(0.8, 0.7, 0.87), Interval(NAN, 0.0, 1.0), ("run 1", "run 2"))
    assert [note.text for note in figure.layout.annotations] == ["80.0 % (70.0 to 87.0)", "no images"]
    assert list(figure.layout.yaxis.ticktext) == ["run 1", "run 2"]


def test_a_loss_histogram_counts_every_image_that_has_a_loss():
    figure = charts.loss_histogram(np.array([0.0, 0.5, 30.0, NAN]), np.array([0.1]))
    assert [int(trace.y[:-1].sum()) for trace in figure.data] == [3, 1]


def report(names: list[str], n_images: int):
    rng = np.random.default_rng(0)
    before, after = (rng.dirichlet(np.ones(len(names)), n_images) for _ in range(2))
    return compare(rng.integers(0, len(names), n_images), before, after, np.arange(n_images), names)


def every_figure(names: list[str], n_images: int) -> list[go.Figure]:
    counts, made = np.arange(len(names)), report(names, n_images)
    epochs = pd.DataFrame({"epoch": [], "train_loss": [], "valid_loss": [], "accuracy": []}, dtype=float)
    return [
        charts.confusion_figure(made.after.matrix, names, charts.Style("share")),
        *charts.epoch_charts(epochs).values(),
        charts.probability_bars(names, np.full(len(names), 1 / len(names))),
        charts.label_balance(names, counts, counts // 2),
        charts.label_balance_change(names, counts, counts[::-1]),
        charts.recall_change(made.labels),
        charts.accuracy_change(made.before.accuracy, made.after.accuracy, (names[0], names[-1])),
        charts.accuracy_change(accuracy_interval(0, 5), accuracy_interval(5, 5)),
        charts.loss_histogram(made.before.losses, made.after.losses, (names[0], names[-1])),
    ]


@pytest.mark.parametrize("n_labels", [1, 2, 41, 1000])
@pytest.mark.parametrize("n_images", [0, 50])
def test_every_figure_can_be_drawn_of_nothing_and_of_a_thousand_labels(n_labels: int, n_images: int):
    for figure in every_figure([f"label {i}" for i in range(n_labels)], n_images):
        assert len(figure.to_json()) < 400_000
        assert figure.layout.height <= 1200


def test_hostile_names_reach_no_figure_as_markup():
    for figure in every_figure(HOSTILE, 80):
        for text in texts(figure.to_dict()):
            assert "<script" not in text and "$" not in text and "\u202e" not in text and "<b>x" not in text
            assert len(text) < 400
