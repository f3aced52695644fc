import json

import numpy as np
import pandas as pd
import pytest

from curate import store
from curate.evaluation.score_histogram import loss_histogram
from curate.ui.charts.scores import precision_recall_figure, read_range, score_figure
from curate.ui.evaluate.choice import Choice
from curate.ui.evaluate.scores import read_choice
from tests.ui.evaluate.test_page import ENTRIES, PROBABILITIES, page_text, shown


@pytest.fixture
def scored(make_project, add_run):
    project = make_project(ENTRIES)
    return project, add_run(project.id, PROBABILITIES)


def test_right_and_wrong_are_drawn_apart_with_the_figures_worked_out_by_hand(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id, panel="scores")
    (spec,) = [json.loads(part.proto.spec) for part in app.get("plotly_chart")][:1]
    assert [trace["name"] for trace in spec["data"]] == ["Wrong", "Right"]
    values = {metric.label: metric.value for metric in app.metric}
    # -log of 0.9, 0.2, 0.7 and 0.6, over four
    assert values["Log loss"] == "0.65"
    assert values["Balanced"] == "75 %"
    assert "Top 3" not in values  # there are only two labels


def test_a_range_of_the_address_shows_its_pictures(open_page, scored):
    project, _ = scored
    query = {"panel": "scores", "score": "loss", "from": 40, "to": 80}
    app = open_page("evaluate", project=project.id, **query)
    assert shown(app) == [project.image_ids[7]]  # -log 0.6 = 0.51
    assert "Pictures with a loss of 0.4 to 0.8: 1 picture" in page_text(app)
    query = {"panel": "scores", "score": "confidence", "from": 70, "to": 101, "outcome": "wrong"}
    assert shown(open_page("evaluate", project=project.id, **query)) == [project.image_ids[3]]


def test_a_range_of_which_an_end_is_nonsense_is_no_range(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id, **{"panel": "scores", "score": "loss", "from": "x", "to": 80})
    assert len(shown(app)) == 4


def test_a_run_whose_probabilities_were_removed_says_so(open_page, scored):
    project, run_id = scored
    (store.run_folder(run_id) / "probabilities.npy").unlink()
    app = open_page("evaluate", project=project.id, panel="scores")
    assert "This run's probabilities are not stored." in page_text(app)
    assert "This run's probabilities are not stored." in page_text(open_page("evaluate", project=project.id))


def test_the_precision_recall_curve_of_a_label(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id, panel="scores")
    app.selectbox(key="curve_label").set_value(project.label_ids["dogs"]).run()
    # dogs in the order of their probability: no (0.8), yes (0.7), yes (0.6), no: (1/2 + 2/3) / 2
    assert "Average precision 58 %, over 2 pictures of the label." in page_text(app)


def test_a_dragged_range_covers_every_bin_in_it():
    histogram = loss_histogram(np.array([0.1, 0.5, 9.0]), np.array([False, True, True]))
    figure = score_figure(histogram, "loss", (0.4, 0.8))
    assert figure.layout.shapes[0].x1 == 0.8
    assert [trace.name for trace in score_figure(histogram, "loss", outcome="wrong").data] == ["Wrong"]
    points = [{"customdata": {"0": low, "1": high}} for low, high in figure.data[0].customdata[1:3].tolist()]
    assert read_range({"selection": {"points": points}}) == (0.4, 1.2)
    chosen = read_choice({"selection": {"points": points}}, "loss", "wrong")
    assert chosen == Choice(outcome="wrong", score="loss", low=40, high=120)
    assert read_choice({"selection": {"points": []}}, "loss", "") is None


def test_a_long_curve_is_drawn_with_few_points():
    curve = pd.DataFrame({"threshold": np.linspace(1, 0, 9_999), "precision": 0.5, "recall": np.linspace(0, 1, 9_999)})
    drawn = precision_recall_figure(curve).data[0]
    assert len(drawn.x) == 500 and drawn.x[-1] == 1
