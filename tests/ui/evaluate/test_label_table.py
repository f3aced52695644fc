from curate.evaluation import Interval
from curate.ui.evaluate.choice import Choice
from curate.ui.evaluate.label_table import read_click, share_in_words
from tests.ui.evaluate.test_page import page_text

# Twelve cats and twelve dogs held out: nine cats and all dogs are right; only three birds are.
ENTRIES = [
    entry
    for label, n in (("birds", 3), ("cats", 12), ("dogs", 12))
    for entry in [(label, "train")] * 2 + [(label, "valid")] * n
]
BIRD, CAT, DOG = (0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)
PROBABILITIES = [*[BIRD] * 5, *[CAT] * 11, *[DOG] * 3, *[DOG] * 14]


def test_numbers_come_with_intervals_and_a_dash_below_ten_pictures(open_page, make_project, add_run):
    project = make_project(ENTRIES)
    add_run(project.id, PROBABILITIES)
    app = open_page("evaluate", project=project.id, panel="labels")
    rows = app.dataframe[0].value.set_index("Label")
    assert rows.loc["birds"].tolist() == ["–", "–", "–", 3, 3]
    assert rows.loc["cats"].tolist() == ["75 % (47–91)", "–", "86 % (64–95)", 12, 9]  # Wilson, 9 of 12
    assert rows.loc["dogs"].tolist() == ["100 % (76–100)", "80 % (55–93)", "89 % (71–96)", 12, 15]
    assert "Of 27 validation pictures, labels as trained (version 1)." in page_text(app)


def test_a_click_chooses_the_label_or_what_was_predicted_as_it():
    def click(column: str):
        return read_click({"selection": {"cells": [(1, column)]}}, [11, 12])

    assert click("Recall") == click("Pictures") == click("F1") == Choice(actual="12")
    assert click("Precision") == click("Predicted") == Choice(predicted="12")
    assert read_click({"selection": {"cells": []}}, [11, 12]) is None


def test_an_interval_in_words():
    assert share_in_words(Interval(0.8, 0.49, 0.943)) == "80 % (49–94)"
