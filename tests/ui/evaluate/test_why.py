import json

import pytest

from curate.evaluation import Interval
from curate.evaluation.causes import Cause
from curate.ui.charts.error_causes import causes_figure, read_cause
from curate.ui.evaluate.error_causes import describe
from tests.factories import add_doubted_run
from tests.ui.evaluate.test_page import page_text, shown

# Four held-out cats are taken for dogs: one is doubtful, one far from everything, one torn, one for no known reason.
ENTRIES = [("cats", "train")] * 3 + [("cats", "valid")] * 5 + [("dogs", "train")] * 3 + [("dogs", "valid")] * 3
WRONG = [(0.2, 0.8), (0.2, 0.8), (0.45, 0.55), (0.3, 0.7)]
PROBABILITIES = [*[(0.9, 0.1)] * 3, *WRONG, (0.9, 0.1), *[(0.1, 0.9)] * 6]


@pytest.fixture
def doubted(make_project):
    project = make_project(ENTRIES)
    add_doubted_run(project.id, PROBABILITIES, [0.5] * len(ENTRIES), suggested={3: 1}, suggests_delete=[4])
    return project


def test_a_bar_per_cause_with_its_errors(open_page, doubted):
    app = open_page("evaluate", project=doubted.id, panel="why")
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert spec["data"][0]["text"] == ["1", "1", "1", "1"]
    assert spec["layout"]["yaxis"]["ticktext"] == [
        "Label probably wrong", "Torn between two labels", "Far from everything", "Unexplained",
    ]  # fmt: skip
    assert "**Label probably wrong**: the one such picture is an error; so are 3 of the other 7." in page_text(app)
    assert "The quality of the pictures has not been measured yet." in page_text(app)


def test_a_chosen_cause_shows_its_pictures_and_stays_in_the_address(open_page, doubted):
    app = open_page("evaluate", project=doubted.id, panel="why", cause="torn")
    assert shown(app) == [doubted.image_ids[5]]
    assert "Errors: torn between two labels: 1 picture" in page_text(app)
    app.selectbox(key="cause_choice").set_value("unexplained").run()
    assert app.query_params["cause"] == "unexplained"
    assert shown(app) == [doubted.image_ids[6]]


def test_without_errors_there_is_nothing_to_explain(open_page, doubted):
    app = open_page("evaluate", project=doubted.id, panel="why", split="train")
    assert "There are no errors to explain." in page_text(app)


def test_a_sentence_on_a_measure_has_its_risk_and_one_on_doubts_has_none():
    blurry = Cause("blurry", 12, 12, 80, 63, 880, Interval(2.35, 1.31, 4.22))
    assert describe(blurry).endswith("51 of 800 without it: 2.4 times as often (1.3 to 4.2).")
    torn = Cause("torn", 12, 30, 80, 63, 880, Interval(2.35, 1.31, 4.22))
    assert (
        describe(torn) == "**Torn between two labels**: 30 of 80 such pictures are errors; so are 33 of the other 800."
    )


def test_a_click_on_a_bar_is_read_back():
    figure = causes_figure(["Blurry", "Unexplained"], [3, 1], ["blurry", "unexplained"], "blurry")
    assert figure.data[0].customdata[0][0] == "blurry"
    assert list(figure.data[0].marker.line.width) == [3, 0]
    assert read_cause({"selection": {"points": [{"customdata": {"0": "blurry"}}]}}) == "blurry"
    assert read_cause({"selection": {"points": []}}) == read_cause(None) == ""
