import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from curate.catalog import runs
from curate.review.deciding import apply as applying
from curate.review.deciding.decisions import Op, decide
from curate.ui.evaluate.choice import ALL, Choice
from curate.ui.rendering import run_text

HOSTILE = ["<b>bold</b><script>alert(1)</script>", "🐶 *md* [a](b) $x$ `c`", '"/../' + "long " * 55 + "end"]
# Two cats and two dogs to train on, two of each held out: one valid cat of two is taken for a dog.
ENTRIES = [(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid", "valid")]
PROBABILITIES = [(0.9, 0.1), (0.8, 0.2), (0.9, 0.1), (0.2, 0.8), (0.4, 0.6), (0.1, 0.9), (0.3, 0.7), (0.4, 0.6)]


@pytest.fixture
def scored(make_project: Callable, add_run: Callable):
    project = make_project(ENTRIES)
    return project, add_run(project.id, PROBABILITIES)


def grid_of(app: AppTest) -> dict | None:
    """What the curating grid was given; None when the page shows none."""
    parts = [part.proto for part in app.get("bidi_component") if part.proto.component_name == "curate_grid"]
    return json.loads(parts[0].json) if parts else None


def shown(app: AppTest) -> list[int]:
    grid = grid_of(app)
    return [item["image_id"] for item in grid["items"]] if grid else []


def page_text(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info]).replace("\\", "")


def test_without_a_run_the_page_says_so_and_leads_to_training(open_page, small_project):
    app = open_page("evaluate", project=small_project.id)
    assert "No run has finished yet" in page_text(app)
    assert [button.label for button in app.main.button] == ["Train a first model"]
    assert not app.metric


def test_a_run_that_has_not_finished_is_not_offered(open_page, scored):
    project, run_id = scored
    runs.create_run(project.id, {}, runs.training_set(project.id), None)
    app = open_page("evaluate", project=project.id)
    assert len(app.selectbox(key="chosen_run").options) == 1
    assert app.selectbox(key="chosen_run").value == run_id


def test_accuracy_comes_with_its_interval_and_the_worst_confusion_in_words(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id)
    accuracy, n_pictures = app.metric[0], app.metric[1]
    assert (accuracy.value, accuracy.delta) == ("75.0 %", "30.1 to 95.4 %")  # Wilson, 3 of 4
    assert (n_pictures.value, n_pictures.delta) == ("4", "3 right · 1 wrong")
    assert "Mixed up most: 1 picture labelled cats was predicted as dogs (50 % of cats)." in page_text(app)
    assert "resnet18 · 2 epochs · CPU · 1 min 1 s" in page_text(app)


def test_the_split_of_the_address_is_the_one_shown(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id, split="train")
    assert app.metric[1].delta == "4 right · 0 wrong"
    assert "It is right about every one of 4 pictures." in page_text(app)
    assert "The model learnt from these pictures" in page_text(app)


def test_hardest_pictures_come_first_until_a_cell_is_chosen(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id)
    assert shown(app) == [project.image_ids[place] for place in (3, 7, 6, 2)]
    assert "Hardest first, of all 4 pictures" in page_text(app)


def test_a_cell_of_the_address_shows_its_pictures_in_the_grid_with_their_decisions(open_page, scored):
    project, run_id = scored
    cats, dogs = project.label_ids["cats"], project.label_ids["dogs"]
    decide(project.id, "Ada", [Op(1, (project.image_ids[3],), "relabel", dogs)], "c", run_id)
    app = open_page("evaluate", project=project.id, actual=cats, predicted=dogs)
    (item,) = grid_of(app)["items"]
    assert "1 picture labelled cats, predicted as dogs" in page_text(app)
    assert (item["image_id"], item["decision"], item["decision_label"]) == (project.image_ids[3], "relabel", dogs)
    assert grid_of(app)["run_id"] == run_id
    assert "Apply 1 decision" in [button.label for button in app.main.button]


@pytest.mark.parametrize(
    ("address", "places", "heading"),
    [
        ({"actual": "cats"}, [3, 2], "All labelled cats: 2 pictures"),
        ({"predicted": "dogs"}, [3, 7, 6], "All predicted as dogs: 3 pictures"),
        ({"outcome": "right"}, [7, 6, 2], "Everything right: 3 pictures"),
        ({"outcome": "wrong"}, [3], "Every error: 1 picture"),
        ({"actual": "dogs", "predicted": "dogs"}, [7, 6], "2 pictures labelled dogs, rightly predicted"),
    ],
)
def test_a_row_a_column_and_the_diagonal_show_their_pictures(open_page, scored, address, places, heading):
    project, _ = scored
    address = {name: project.label_ids.get(text, text) for name, text in address.items()}
    app = open_page("evaluate", project=project.id, **address)
    assert shown(app) == [project.image_ids[place] for place in places]
    assert heading in page_text(app)


def test_choosing_a_pair_from_the_list_puts_its_cell_into_the_address(open_page, scored):
    project, _ = scored
    cell = Choice(str(project.label_ids["cats"]), str(project.label_ids["dogs"]))
    app = open_page("evaluate", project=project.id)
    app.selectbox(key="pair").set_value(cell).run()
    assert (app.query_params["actual"], app.query_params["predicted"]) == (cell.actual, cell.predicted)
    assert len(shown(app)) == 1
    app.selectbox(key="pair").set_value(ALL).run()
    assert "actual" not in app.query_params
    assert len(shown(app)) == 4


def test_labels_of_today_and_confirmed_ones_count_other_pictures(open_page, scored):
    project, run_id = scored
    cats, dogs = project.label_ids["cats"], project.label_ids["dogs"]
    decide(project.id, "Ada", [Op(1, (project.image_ids[3],), "relabel", dogs)], "c", run_id)
    decide(project.id, "Ada", [Op(2, (project.image_ids[2],), "keep")], "c", run_id)
    decide(project.id, "Ada", [Op(3, (project.image_ids[6],), "delete")], "c", run_id)
    applying.apply(project.id, "Ada")
    trained = open_page("evaluate", project=project.id)
    assert trained.metric[0].value == "75.0 %"
    assert "4 validation pictures, labels as trained (version 1)" in page_text(trained)
    today = open_page("evaluate", project=project.id, labels="today")
    assert today.metric[0].value == "100.0 %"
    assert "3 validation pictures, today's labels (version 2)" in page_text(today)
    confirmed = open_page("evaluate", project=project.id, labels="confirmed")
    assert "2 validation pictures, confirmed labels (version 2)" in page_text(confirmed)
    assert shown(confirmed) == [project.image_ids[place] for place in (3, 2)]
    # The cell of today's dogs that were predicted as dogs holds the picture that was a cat when the run learnt.
    cell = open_page("evaluate", project=project.id, labels="today", actual=dogs, predicted=dogs)
    assert shown(cell) == [project.image_ids[place] for place in (3, 7)]
    assert shown(open_page("evaluate", project=project.id, labels="today", actual=cats, predicted=dogs)) == []


def test_the_numbers_can_be_shares_of_the_predicted_label_without_the_diagonal(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id, numbers="predicted", hide="right")
    (figure,) = [json.loads(part.proto.spec) for part in app.get("plotly_chart")][:1]
    texts = [text for trace in figure["data"] if trace.get("mode") == "text" for text in trace["text"]]
    assert texts[:1] == ["100 %"]  # one cat among the dogs is every error that was predicted as dogs
    assert app.toggle(key="matrix_errors").value is True


def test_nonsense_in_the_address_is_put_up_with(open_page, scored):
    project, run_id = scored
    app = open_page("evaluate", project=project.id, run=run_id + 7, split="tra", actual="²", predicted="-1")
    assert "is not here or has not finished; this is Run 1." in page_text(app)
    assert "Hardest first, of all 4 pictures" in page_text(app)


def test_pictures_deleted_since_are_counted_but_not_shown(open_page, scored):
    project, run_id = scored
    decide(project.id, "Ada", [Op(1, (project.image_ids[2],), "delete")], "c", run_id)
    applying.apply(project.id, "Ada")
    cats = project.label_ids["cats"]
    app = open_page("evaluate", project=project.id, actual=cats, predicted=cats)
    assert "0 pictures labelled cats, rightly predicted" in page_text(app)
    assert "1 picture of these went to the bin since" in page_text(app)
    assert shown(app) == []


def test_a_run_with_an_empty_split_does_not_break_the_page(open_page, make_project, add_run):
    project = make_project(ENTRIES)
    add_run(project.id, PROBABILITIES)
    run = runs.list_runs(project.id)[0]
    _forget_valid_scores(run.id)
    app = open_page("evaluate", project=project.id)
    assert app.metric[0].value == "–"
    assert "There are no pictures in this part of the data." in page_text(app)


def test_hostile_labels_arrive_as_text(open_page, make_project, add_run):
    project = make_project([(label, split) for label in HOSTILE for split in ("train", "train", "valid")])
    add_run(project.id, [(0.2, 0.5, 0.3)] * 9)
    app = open_page(
        "evaluate", project=project.id, actual=project.label_ids[HOSTILE[0]], predicted=project.label_ids[HOSTILE[1]]
    )
    assert r"\<b\>bold" in app.markdown[0].value
    assert "labelled \\<b\\>bold" in "\n".join(element.value for element in app.markdown)
    assert all("<b>" not in element.value for element in [*app.markdown, *app.caption])
    assert HOSTILE[0] in [label["name"] for label in grid_of(app)["labels"]]  # the script sets it as text


def test_the_run_of_the_address_is_shown_with_its_settings(open_page, scored, add_run):
    project, first = scored
    add_run(project.id, PROBABILITIES, {"architecture": "alexnet", "learning_rate": None, "size_px": 64})
    app = open_page("evaluate", project=project.id, run=first)
    assert app.selectbox(key="chosen_run").value == first
    settings = app.dataframe[-1].value
    assert settings.to_numpy().tolist() == [["Architecture", "resnet18"], ["Epochs", "2"]]


def test_without_a_run_in_the_address_the_most_accurate_one_is_shown_and_the_list_says_why(open_page, scored, add_run):
    project, first = scored
    add_run(project.id, [(0.1, 0.9)] * len(PROBABILITIES))  # calls everything a dog
    chosen = open_page("evaluate", project=project.id).selectbox(key="chosen_run")
    assert chosen.value == first
    assert chosen.help == "Run 1 was chosen: the most accurate run on version 1."


def test_settings_are_told_in_the_forms_order_with_their_units():
    config = {"odd_one": 1, "learning_rate": None, "size_px": 64, "pretrained": False}
    assert run_text.settings(config) == [
        ("Pretrained", "no"),
        ("Image size", "64 px"),
        ("Learning rate", "found automatically"),
        ("Odd one", "1"),
    ]
    # The older run did not know of precision and balance yet: it was trained as today's defaults would.
    assert run_text.differences({"epochs": 2, "seed": 1}, {"epochs": 3, "precision": "auto", "balance": "weights"}) == [
        ("Epochs", "2", "3"),
        ("Uneven labels", "none", "weights"),
        ("Seed", "1", "42"),
    ]


def _forget_valid_scores(run_id: int) -> None:
    from sqlalchemy import delete

    from curate.catalog.database import writing
    from curate.catalog.tables.core import Score, ScoreCell

    with writing() as session:
        for table in (Score, ScoreCell):
            session.execute(delete(table).where(table.run_id == run_id, table.split == "valid"))


def test_pictures_that_went_to_the_bin_since_the_run_are_accounted_for(open_page, scored):
    project, _ = scored
    gone = project.image_ids[2]  # a cat held out
    decide(project.id, "ann", [Op(1, (gone,), "delete")], "client-1")
    assert "went to the bin" not in page_text(open_page("evaluate", project=project.id))
    applying.apply(project.id, "ann")
    assert "1 picture of these went to the bin since" in page_text(open_page("evaluate", project=project.id))
