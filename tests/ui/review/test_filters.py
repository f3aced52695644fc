"""The filter row: everything in the address, named views, and deciding on all that match."""

import pytest

from curate.catalog import jobs as job_rows
from curate.review.deciding import bulk, undo
from curate.review.deciding.decisions import Op, decide, waiting
from curate.review.listing import saved_views, score_columns, selections
from curate.review.listing.pages import View
from curate.ui.review import bulk as review_bulk
from tests.factories import add_doubted_run
from tests.ui.review.test_page import grid_of, shown


@pytest.fixture
def doubted(small_project):
    """(project, run id, image ids): doubts 0.1 to 0.8, files 0.png to 7.png; the first cat is rather a dog."""
    probabilities = [(0.1, 0.9), *[(0.9, 0.1)] * 3, *[(0.1, 0.9)] * 4]
    doubt = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    return small_project, add_doubted_run(small_project.id, probabilities, doubt, {0: 1}), small_project.image_ids


def again(app):
    """This way of testing forgets an open dialog between two runs."""
    app.button(key="all_matching").click()
    return app


def choose(app, action: str) -> None:
    app.button_group(key="bulk_action").set_value(action)


def plain(text: str) -> str:
    return text.replace("\\", "")


def test_every_filter_stands_in_the_address_and_a_link_opens_the_same_page(open_page, doubted):
    project, _, ids = doubted
    decide(project.id, "ann", [Op(1, (ids[5], ids[2]), "keep")], "client-1")
    app = open_page("curate", project=project.id, reviewed="any")
    app.slider(key="filter_doubt").set_value((30, 70)).run()
    assert (app.query_params["doubt_from"], app.query_params["doubt_to"]) == ("30", "70")
    assert shown(app) == ids[6:1:-1]
    app.selectbox(key="filter_by").select("ann").run()
    assert shown(app) == [ids[5], ids[2]]
    app.text_input(key="filter_text").input("2.PNG").run()
    assert shown(app) == [ids[2]]
    query = {name: app.query_params[name] for name in ("reviewed", "doubt_from", "doubt_to", "by", "text")}
    assert shown(open_page("curate", project=project.id, **query)) == [ids[2]]


def test_chips_say_what_is_on_and_take_it_off(open_page, doubted):
    project, _, ids = doubted
    app = open_page("curate", project=project.id, doubt_from=75, licence="", page=2)
    chips = [plain(button.label) for button in app.button if (button.key or "").startswith("chip_")]
    assert chips == ["Doubt 75–100 %", "Licence: not known"]
    app.button(key="chip_doubt_from").click().run()
    assert "doubt_from" not in app.query_params and "page" not in app.query_params
    app.button(key="chip_licence").click().run()
    assert sorted(shown(app)) == ids


def test_nonsense_and_what_is_not_there_in_an_address_filters_nothing(open_page, doubted):
    project, _, ids = doubted
    nonsense = {"doubt_from": "much", "doubt_to": "900", "added_from": "yesterday", "picked": 77, "predicted": "x"}
    assert sorted(shown(open_page("curate", project=project.id, **nonsense))) == ids


def test_what_was_picked_elsewhere_is_shown_and_named(open_page, doubted):
    project, _, ids = doubted
    number = selections.keep(project.id, [ids[0], ids[3]], "Lasso on the map", "ann")
    app = open_page("curate", project=project.id, picked=number)
    assert shown(app) == [ids[3], ids[0]]
    assert plain(app.button(key="chip_picked_id").label) == "Lasso on the map: 2 pictures"


def test_a_named_view_is_kept_shown_to_everybody_and_removed(open_page, doubted):
    project, run_id, ids = doubted
    app = open_page("curate", project=project.id, doubt_from=60, split="train")
    app.text_input(key="saved_view_name").input("Doubtful")
    app.button(key="FormSubmitter:keep_view-Keep").click().run()
    (row,) = saved_views.list_views(project.id)
    assert row.of_run(run_id) == View(run_id, "doubt", split="train", reviewed="no", doubt_from=0.6)
    other = open_page("curate", project=project.id, run=run_id, label=project.label_ids["cats"])
    other.button(key=f"saved_{row.id}").click().run()
    assert shown(other) == [ids[6], ids[5]]
    assert ("label" in other.query_params, other.query_params["run"]) == (False, str(run_id))
    other.button(key=f"forget_{row.id}").click().run()
    assert saved_views.list_views(project.id) == []


def test_all_that_match_are_decided_on_after_a_preview_and_undone_at_once(open_page, doubted):
    project, _, ids = doubted
    app = open_page("curate", project=project.id, doubt_from=60)
    app.button(key="all_matching").click().run()
    assert "**3 pictures** match" in "".join(part.value for part in app.markdown)
    choose(app, "delete")
    again(app).run()
    assert waiting(project.id).total == 0
    assert app.button(key="bulk_now").label == "Delete 3 pictures"
    again(app).button(key="bulk_now").click().run()
    assert waiting(project.id).n_delete == 3
    app.button(key="bulk_undo").click().run()
    assert waiting(project.id).total == 0
    assert "Undone: Delete 3 that match." in [plain(caption.value) for caption in app.caption]


def test_all_says_in_its_first_line_which_filters_it_goes_by(open_page, doubted):
    project, _, _ = doubted
    app = open_page("curate", project=project.id, label=project.label_ids["cats"], doubt_from=10, sort="confident")
    app.button(key="all_matching").click().run()
    first = next(part.value for part in app.markdown if plain(part.value).startswith("Filters: "))
    assert plain(first) == "Filters: Most confidently wrong · Doubt 10–100 % · Label: cats · Not reviewed yet"
    app = open_page("curate", project=project.id, reviewed="any")
    app.button(key="all_matching").click().run()
    assert "No filter is on." in [part.value for part in app.markdown]


def test_a_large_bulk_and_its_undo_are_jobs(open_page, doubted, monkeypatch):
    project, _, _ = doubted
    monkeypatch.setattr(review_bulk, "MAX_INLINE", 2)
    app = open_page("curate", project=project.id)
    app.button(key="all_matching").click().run()
    choose(app, "accept")
    again(app).run()
    assert "1 relabelled, 7 kept." in [caption.value for caption in app.caption]
    again(app).button(key="bulk_now").click().run()
    (job,) = job_rows.open_jobs()
    assert (job.kind, waiting(project.id).total) == ("bulk", 0)
    assert "bulk_undo" not in [button.key for button in app.button]
    bulk.carry_out(bulk.BulkRequest(**job.args))
    job_rows.start(job.id)
    job_rows.finish(job.id, {"keep": 7, "relabel": 1})
    app.run()
    assert (waiting(project.id).n_relabel, waiting(project.id).n_keep) == (1, 7)
    assert [step.n_images for step in undo.list_steps(project.id, "Someone")] == [8]
    app.button(key="bulk_undo").click().run()
    assert [job.kind for job in job_rows.open_jobs()] == ["bulk_undo"]


def test_a_large_run_is_waited_for_while_a_job_gets_its_filters_ready(open_page, doubted, monkeypatch):
    project, run_id, ids = doubted
    monkeypatch.setattr(score_columns, "MAX_INLINE", 7)
    app = open_page("curate", project=project.id)
    assert "Getting the filters of this run ready" in app.info[0].value
    open_page("curate", project=project.id)
    (job,) = job_rows.open_jobs()
    assert (job.kind, job.args["run_id"]) == ("columns", run_id)
    score_columns.build(run_id)
    assert sorted(item["image_id"] for item in grid_of(open_page("curate", project=project.id))["items"]) == ids


def test_the_list_stays_on_its_run_when_another_finishes_and_the_address_names_none(open_page, doubted):
    project, run_id, ids = doubted
    app = open_page("curate", project=project.id)
    all_right = [(0.9, 0.1)] * 4 + [(0.1, 0.9)] * 4  # the best of equals is the newest
    newer = add_doubted_run(project.id, all_right, [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    app.run()
    assert (app.selectbox(key="chosen_run").value, shown(app)[0]) == (run_id, ids[7])
    app.switch_page("../../pages/history.py").run().switch_page("../../pages/curate.py").run()
    assert (app.selectbox(key="chosen_run").value, shown(app)[0]) == (newer, ids[0])
