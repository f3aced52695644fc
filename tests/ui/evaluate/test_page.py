from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from curate.catalog import runs
from curate.review.deciding import apply as applying
from curate.review.deciding.decisions import Op, decide
from curate.ui.rendering import run_text

HOSTILE = ["<b>bold</b><script>alert(1)</script>", "🐶 *md* [a](b) $x$ `c`", '"/../' + "long " * 55 + "end"]
# Two cats and two dogs to train on, two of each held out: one valid cat of two is taken for a dog.
ENTRIES = [(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid", "valid")]
PROBABILITIES = [(0.9, 0.1), (0.8, 0.2), (0.9, 0.1), (0.2, 0.8), (0.4, 0.6), (0.1, 0.9), (0.3, 0.7), (0.4, 0.6)]


@pytest.fixture
def scored(make_project: Callable, add_run: Callable):
    project = make_project(ENTRIES)
    return project, add_run(project.id, PROBABILITIES)


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


def test_per_label_numbers_are_those_worked_out_by_hand(open_page, scored):
    project, _ = scored
    table = open_page("evaluate", project=project.id).dataframe[0].value.set_index("label")
    assert table.loc["cats"].round(1).tolist() == [100, 50, 66.7, 2]
    assert table.loc["dogs"].round(1).tolist() == [66.7, 100, 80, 2]


def test_the_split_of_the_address_is_the_one_shown(open_page, scored):
    project, _ = scored
    app = open_page("evaluate", project=project.id, split="train")
    assert app.metric[1].delta == "4 right · 0 wrong"
    assert "It is right about every one of 4 pictures." in page_text(app)
    assert "The model learnt from these pictures" in page_text(app)


def test_hardest_pictures_come_first_until_a_cell_is_chosen(open_page, scored, shown_cards):
    project, _ = scored
    cards = shown_cards(open_page("evaluate", project=project.id))["pictures"]
    assert [card["shares"][0]["text"] for card in cards] == ["20 %", "60 %", "70 %", "90 %"]
    assert [label["name"] for label in cards[0]["labels"]] == ["cats", "dogs"]


def test_a_cell_of_the_address_shows_its_pictures_with_their_decisions(open_page, scored, shown_cards):
    project, run_id = scored
    cats, dogs = project.label_ids["cats"], project.label_ids["dogs"]
    decide(project.id, "Ada", [Op(1, (project.image_ids[3],), "relabel", dogs)], "c", run_id)
    app = open_page("evaluate", project=project.id, actual=cats, predicted=dogs)
    (card,) = shown_cards(app)["pictures"]
    assert "1 picture labelled cats, predicted as dogs" in page_text(app)
    assert card["sign"] == "⇄"
    assert card["caption"] == (
        "3.png: label cats, predicted dogs; 20 % sure of cats, loss 1.61; to be relabelled to dogs, said Ada."
    )


def test_choosing_a_pair_from_the_list_puts_its_cell_into_the_address(open_page, scored, shown_cards):
    project, _ = scored
    cell = project.label_ids["cats"], project.label_ids["dogs"]
    app = open_page("evaluate", project=project.id)
    app.selectbox(key="pair").set_value(cell).run()
    assert (app.query_params["actual"], app.query_params["predicted"]) == tuple(str(part) for part in cell)
    assert len(shown_cards(app)["pictures"]) == 1
    app.selectbox(key="pair").set_value((0, 0)).run()
    assert "actual" not in app.query_params
    assert len(shown_cards(app)["pictures"]) == 4


def test_nonsense_in_the_address_is_put_up_with(open_page, scored):
    project, run_id = scored
    app = open_page("evaluate", project=project.id, run=run_id + 7, split="tra", actual="²", predicted="-1")
    assert "is not here or has not finished; this is Run 1." in page_text(app)
    assert "Hardest first, of all 4 pictures" in page_text(app)


def test_pictures_deleted_since_are_counted_but_not_shown(open_page, scored, shown_cards):
    project, run_id = scored
    decide(project.id, "Ada", [Op(1, (project.image_ids[2],), "delete")], "c", run_id)
    applying.apply(project.id, "Ada")
    cats = project.label_ids["cats"]
    app = open_page("evaluate", project=project.id, actual=cats, predicted=cats)
    assert "0 pictures labelled cats, rightly predicted, 1 more deleted since" in page_text(app)
    assert "pictures" not in shown_cards(app)


def test_more_pictures_are_shown_on_demand(open_page, make_project, add_run, shown_cards):
    project = make_project([(label, "valid" if i < 6 else "train") for label in ("a", "b") for i in range(8)])
    add_run(project.id, [(0.6, 0.4)] * 16)
    app = open_page("evaluate", project=project.id)
    assert len(shown_cards(app)["pictures"]) == 9
    app.button(key="more").click().run()
    assert len(shown_cards(app)["pictures"]) == 12
    assert "more" not in [button.key for button in app.button]


def test_a_run_with_an_empty_split_does_not_break_the_page(open_page, make_project, add_run):
    project = make_project(ENTRIES)
    add_run(project.id, PROBABILITIES)
    run = runs.list_runs(project.id)[0]
    _forget_valid_scores(run.id)
    app = open_page("evaluate", project=project.id)
    assert app.metric[0].value == "–"
    assert "There are no pictures in this part of the data." in page_text(app)


def test_hostile_labels_arrive_as_text(open_page, make_project, add_run, shown_cards):
    project = make_project([(label, split) for label in HOSTILE for split in ("train", "train", "valid")])
    add_run(project.id, [(0.2, 0.5, 0.3)] * 9)
    app = open_page(
        "evaluate", project=project.id, actual=project.label_ids[HOSTILE[0]], predicted=project.label_ids[HOSTILE[1]]
    )
    assert r"\<b\>bold" in app.markdown[0].value
    assert all("<b>" not in element.value for element in [*app.markdown, *app.caption])
    names = {label["name"] for card in shown_cards(app)["pictures"] for label in card["labels"]}
    assert HOSTILE[0] in names  # the script sets it as text


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
