"""The Curate page: which pictures it shows, that they hold still, and applying what was decided."""

import json

import pytest

from curate.catalog import versions
from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.reports import stopping_estimate
from tests.factories import add_doubted_run


@pytest.fixture
def reviewed(small_project, add_run):
    """(project, run id): the run is wrong about every other image."""
    n = len(small_project.image_ids)
    probabilities = [(0.9 - i / 100, 0.1 + i / 100) for i in range(n)]
    return small_project, add_run(small_project.id, probabilities)


def grid_of(app) -> dict:
    return next(
        json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.component_name == "curate_grid"
    )


def shown(app) -> list[int]:
    return [item["image_id"] for item in grid_of(app)["items"]]


def test_the_worst_come_first_and_filters_stand_in_the_address(open_page, reviewed):
    project, run_id = reviewed
    app = open_page("curate", project=project.id)
    everything = shown(app)
    assert sorted(everything) == sorted(project.image_ids)
    losses = [item["loss"] for item in grid_of(app)["items"]]
    assert losses == sorted(losses, reverse=True)
    app.selectbox(key="filter_split").select("valid").run()
    assert app.query_params["split"] == "valid"
    again = open_page("curate", project=project.id, run=run_id, split="valid")
    assert shown(again) == shown(app)
    assert set(shown(app)) < set(everything)


def test_a_page_holds_still_while_decisions_take_its_pictures_out_of_the_list(open_page, reviewed):
    project, _ = reviewed
    app = open_page("curate", project=project.id)
    before = shown(app)
    decide(project.id, "ann", [Op(1, (before[0],), "keep")], "client-1")
    app.run()
    assert shown(app) == before
    assert grid_of(app)["items"][0]["decision"] == "keep"
    assert shown(open_page("curate", project=project.id)) == before[1:]


def test_nothing_left_to_review_is_said_and_everything_can_be_shown(open_page, reviewed):
    project, _ = reviewed
    decide(project.id, "ann", [Op(1, tuple(project.image_ids), "keep")], "client-1")
    app = open_page("curate", project=project.id)
    assert "Nothing waits for you" in app.success[0].value
    app.button(key="show_everything").click().run()
    assert sorted(shown(app)) == sorted(project.image_ids)


def test_with_all_reviewed_and_applied_one_button_leads_on(open_page, reviewed):
    project, _ = reviewed
    decide(project.id, "ann", [Op(1, tuple(project.image_ids), "keep")], "client-1")
    apply(project.id, "ann")
    app = open_page("curate", project=project.id)
    assert "Nothing waits for you" in app.success[0].value
    assert app.button(key="next_step").label == "Retrain on version 2"


def test_what_applying_would_do_is_shown_before_it_is_done(open_page, reviewed):
    project, _ = reviewed
    dogs = project.label_ids["dogs"]
    cats = [
        item["image_id"] for item in grid_of(open_page("curate", project=project.id))["items"] if item["label"] != dogs
    ]
    decide(project.id, "ann", [Op(1, (cats[0],), "delete"), Op(2, (cats[1],), "relabel", dogs)], "client-1")
    app = open_page("curate", project=project.id)
    app.button(key="apply").click().run()
    shown_text = "\n".join(str(part.value) for part in [*app.markdown, *app.html, *app.caption])
    for words in ("This makes **version 2**", "1 picture to the bin", "1 picture to another label", "(2)"):
        assert words in shown_text
    assert versions.list_versions(project.id)[0].number == 1


def test_an_address_with_nonsense_in_it_shows_the_page_all_the_same(open_page, reviewed):
    project, _ = reviewed
    app = open_page("curate", project=project.id, sort="x", split="<b>", label="9999999", page="-3", size="7")
    assert sorted(shown(app)) == sorted(project.image_ids)


def test_the_number_of_pictures_on_a_page_is_what_the_browser_remembers(open_page, reviewed):
    project, _ = reviewed
    app = open_page("curate", project=project.id)
    for remembered, size in (("96", 96), ("7", 48), ("<b>", 48)):
        app.session_state["cookies_due"] = {"page_size": remembered}
        assert app.run().session_state["filter_size"] == size


@pytest.fixture
def doubted(small_project):
    """(project, run id): the first cat is rather a dog, the last dog lies far from everything."""
    probabilities = [(0.1, 0.9), *[(0.9, 0.1)] * 3, *[(0.1, 0.9)] * 4]
    doubt = [0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5]
    return small_project, add_doubted_run(small_project.id, probabilities, doubt, {0: 1}, suggests_delete=[7])


def test_a_run_with_doubts_shows_the_most_doubtful_first_with_what_to_do(open_page, doubted):
    project, _ = doubted
    dogs = project.label_ids["dogs"]
    items = grid_of(open_page("curate", project=project.id))["items"]
    assert [item["image_id"] for item in items[:2]] == [project.image_ids[0], project.image_ids[7]]
    assert [item["suggestion"] for item in items[:3]] == [
        {"action": "relabel", "label": dogs},
        {"action": "delete", "label": None},
        {"action": "keep", "label": None},
    ]


def test_the_chooser_offers_only_what_the_run_can_show_and_keeps_the_choice_in_the_address(open_page, doubted):
    project, run_id = doubted
    app = open_page("curate", project=project.id)
    assert "Most doubtful first" in app.radio(key="order_doubt").options
    app.radio(key="order_doubt").set_value("random_right").run()
    assert app.query_params["sort"] == "random_right"
    assert set(shown(app)) == set(project.image_ids[1:])  # right about all but the first
    assert shown(open_page("curate", project=project.id, run=run_id, sort="random_right")) == shown(app)


def test_a_run_without_doubts_offers_no_doubtful_ones(open_page, reviewed):
    project, _ = reviewed
    app = open_page("curate", project=project.id, sort="doubt")
    assert "Most doubtful first" not in app.radio(key="order_loss").options
    assert app.radio(key="order_loss").value == "loss"
    assert not app.expander


def test_whether_looking_on_pays_stands_above_the_grid_and_follows_the_decisions(open_page, doubted, monkeypatch):
    monkeypatch.setattr(stopping_estimate, "LONG_S", 60.0)  # however busy the machine is
    project, _ = doubted
    app = open_page("curate", project=project.id)
    assert "Nothing is known yet: hardly any label may be wrong" in app.expander[0].label.replace("\\", "")
    decide(project.id, "ann", [Op(1, tuple(project.image_ids), "keep")], "client-1")
    app.run()
    assert "Everything has been reviewed" in app.expander[0].label


def test_a_newer_ranking_is_offered_and_taken_up_with_the_same_filters_and_decisions(open_page, doubted, add_run):
    project, run_id = doubted
    decide(project.id, "ann", [Op(1, (project.image_ids[0],), "keep")], "client-1")
    newer = add_run(project.id, [(0.5, 0.5)] * 8, {"method": "quick_look"})
    app = open_page("curate", project=project.id, run=run_id, label=project.label_ids["cats"], page=1)
    app.button(key="new_ranking").click().run()
    assert (app.query_params["run"], "page" in app.query_params) == (str(newer), False)
    assert sorted(shown(app)) == sorted(project.image_ids[1:4])  # cats that nobody decided on
    assert "new_ranking" not in [button.key for button in app.button]
