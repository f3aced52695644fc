"""The Team page and the Curate page inside a review session."""

import json

import pytest
from sqlalchemy import select

from curate.catalog import runs
from curate.catalog.database import reading
from curate.catalog.images import image_rows
from curate.catalog.tables.team import SessionItem
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.views import View
from curate.review.reports.run_comparison import compare_runs
from curate.review.team import batches, disagreements, flip_check, members, notes, opinions, sessions
from curate.review.team.sessions import Terms
from curate.review.team.submission import Submission


@pytest.fixture
def reviewed(small_project, add_run):
    """(project, run id) of eight images, the first with the highest loss."""
    return small_project, add_run(small_project.id, [(0.5 - i / 100, 0.5 + i / 100) for i in range(8)])


@pytest.fixture
def start(reviewed):
    """`start(n_opinions=2)`: id of a session over all eight images."""
    project, run_id = reviewed
    return lambda **terms: sessions.create(project.id, "ann", Terms("Together", View(run_id), **terms))


def say(session_id, reviewer, image_id, action, seq):
    opinions.take(Submission(session_id, reviewer, [Op(seq, (image_id,), action)], f"{reviewer}'s window"))


def grid_of(app) -> dict:
    return next(
        json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.component_name == "curate_grid"
    )


def text_of(app) -> str:
    return "\n".join(str(part.value) for part in [*app.markdown, *app.html, *app.caption, *app.info, *app.success])


def test_without_a_session_the_team_page_says_what_one_is_for_and_starts_one(open_page, reviewed):
    project, run_id = reviewed
    app = open_page("team", project=project.id)
    assert "Several people can go through the same pictures" in text_of(app)
    app.text_input(key="session_name").set_value("Round one").run()
    app.button(key="session_go").click().run()
    assert not app.exception
    assert [(row.name, row.run_id, row.n_queued) for row in sessions.of_project(project.id)] == [
        ("Round one", run_id, 8)
    ]


def test_a_session_takes_over_the_filters_that_somebody_came_with(open_page, reviewed):
    project, run_id = reviewed
    app = open_page("curate", project=project.id, run=run_id, split="valid", reviewed="any", sort="loss")
    (link,) = [link for link in app.get("page_link") if "Review these with others" in link.proto.label]
    assert {"split=valid", "reviewed=any", "sort=loss", f"run={run_id}"} <= set(link.proto.query_string.split("&"))
    app = open_page("team", project=project.id, run=run_id, split="valid", reviewed="any", sort="loss")
    assert app.selectbox(key="session_view").value == "As you had filtered them"
    app.button(key="session_go").click().run()
    (session,) = sessions.of_project(project.id)
    n_valid = sum(row.split == "valid" for row in image_rows(project.image_ids))
    assert (session.run_id, session.n_queued) == (run_id, n_valid)


def test_in_a_session_the_curate_page_shows_ones_own_batch_and_where_it_posts_to(open_page, reviewed, start):
    project, _ = reviewed
    session_id = start()
    app = open_page("curate", project=project.id, session=session_id)
    shown = grid_of(app)
    assert sorted(item["image_id"] for item in shown["items"]) == sorted(project.image_ids)
    assert shown["post_url"] == f"/api/projects/{project.id}/sessions/{session_id}/decisions"
    assert "Together" in text_of(app)
    assert "0 of 8 so far settled" in text_of(app) or "0 of 8 settled" in text_of(app)
    assert "filter_split" not in [box.key for box in app.selectbox]


def test_nobody_sees_the_first_opinion_on_a_picture_that_needs_two(open_page, reviewed, start):
    project, _ = reviewed
    session_id = start(n_opinions=2)
    members.join(session_id, "ann")
    image_id = batches.take_next(session_id, "ann", 1).image_ids[0]
    say(session_id, "ann", image_id, "delete", 1)
    card = next(
        item
        for item in grid_of(open_page("curate", project=project.id, session=session_id))["items"]
        if item["image_id"] == image_id
    )
    assert (card["decision"], card["decided_by"]) == (None, None)


def test_a_session_that_is_over_shows_the_page_as_always(open_page, reviewed, start):
    project, _ = reviewed
    session_id = start()
    sessions.close(session_id)
    app = open_page("curate", project=project.id, session=session_id)
    assert "This review session is over" in text_of(app)
    assert grid_of(app)["post_url"] == f"/api/projects/{project.id}/decisions"


def test_a_third_person_settles_a_disagreement_and_who_took_part_can_only_come_round(open_page, reviewed, start):
    project, _ = reviewed
    session_id, image_id = start(n_opinions=2), project.image_ids[0]
    say(session_id, "ann", image_id, "delete", 1)
    say(session_id, "Someone", image_id, "keep", 1)
    app = open_page("team", project=project.id, part="disagreements")
    keys = [button.key for button in app.button if button.key.startswith("settle_")]
    assert keys == [f"settle_{session_id}_{image_id}_delete_None"]
    say(session_id, "Someone", image_id, "clear", 2)
    say(session_id, "bea", image_id, "keep", 1)
    app = open_page("team", project=project.id, part="disagreements")
    app.button(key=f"settle_{session_id}_{image_id}_keep_None").click().run()
    assert disagreements.count(project.id) == 0
    assert "Nobody disagrees" in text_of(app)


def test_agreement_is_shown_by_pair_and_by_label(open_page, reviewed, start):
    project, _ = reviewed
    session_id = start(n_opinions=2)
    assert "Nothing to compare yet" in text_of(open_page("team", project=project.id, part="agreement"))
    for n, image_id in enumerate(project.image_ids[:4]):
        say(session_id, "ann", image_id, "keep", n)
        say(session_id, "bea", image_id, "keep" if n else "delete", n)
    app = open_page("team", project=project.id, part="agreement")
    assert [metric.value for metric in app.metric] == ["75 %", "−0.14", "4"]
    pairs = app.dataframe[0].value
    assert pairs.to_dict("records") == [{"Who": "ann and bea", "Pictures": 4, "Same": "75 %", "Cohen's kappa": "0.00"}]


def test_what_one_person_decided_can_be_taken_back_at_once(open_page, reviewed):
    project, run_id = reviewed
    decide(project.id, "bea", [Op(1, tuple(project.image_ids[:3]), "delete")], "bea's window", run_id)
    app = open_page("team", project=project.id, part="work", who="bea")
    assert app.dataframe[0].value["Decisions"].tolist() == [3]
    app.button(key="revise_clear").click().run()
    assert not app.exception
    rows = open_page("team", project=project.id, part="work").dataframe[0].value
    assert dict(zip(rows["Who"], rows["Taken back"], strict=True)) == {"Someone": 3, "bea": 0}


def test_a_question_waits_on_the_overview_until_it_is_answered(open_page, reviewed):
    project, _ = reviewed
    assert "for you" not in "".join(part.value for part in open_page("overview", project=project.id).subheader)
    (note_id,) = notes.ask(project.id, project.image_ids[:1], "ann", "Someone", "Is this a cat?")
    app = open_page("overview", project=project.id)
    assert "1 question for you" in [part.value for part in app.subheader]
    app.text_input(key=f"answer_{note_id}").set_value("It is").run()
    app.button(key=f"do_answer_{note_id}").click().run()
    assert "1 question for you" not in [part.value for part in app.subheader]
    assert notes.of_image(project.image_ids[0])[0].answer == "It is"


def test_a_picture_has_its_whole_story_and_takes_notes(open_page, reviewed, start):
    project, run_id = reviewed
    image_id = project.image_ids[0]
    decide(project.id, "bea", [Op(1, (image_id,), "delete")], "bea's window", run_id)
    notes.flag(project.id, [image_id], "ann", "look at the corner")
    app = open_page("team", project=project.id, image=image_id)
    for words in ("brought it in under", "bea deleted it", "on run 1", "ann flagged it", "look at the corner"):
        assert words in text_of(app)
    app.text_area(key="note_text").set_value("Seen")
    app.button(key="FormSubmitter:team_words-Add").click().run()
    assert [(note.author, note.text) for note in notes.of_image(image_id) if note.kind == "note"] == [
        ("Someone", "Seen")
    ]
    assert open_page("team", project=project.id, image=10_000).error[0].value.startswith("The project has no image")


@pytest.mark.parametrize("part", ["sessions", "disagreements", "agreement", "work", "notes"])
def test_every_part_opens_empty(open_page, small_project, part):
    open_page("team", project=small_project.id, part=part)


@pytest.fixture
def checked_pair(small_project, add_run):
    """(project, id of the session that checks two runs blind; they differ on every picture)"""
    ids = [add_run(small_project.id, [probabilities] * 8) for probabilities in ((0.9, 0.1), (0.2, 0.8))]
    report = compare_runs(*(runs.find_run(run_id) for run_id in ids))
    return small_project, flip_check.start(report, "Ada")


def test_a_blind_check_shows_the_picture_and_nothing_that_a_run_or_a_person_said(open_page, checked_pair):
    project, session_id = checked_pair
    (image_id, *_) = sessions_images(session_id)
    notes.note(project.id, [image_id], "Bea", "The model says dog")
    decide(project.id, "Bea", [Op(1, (image_id,), "delete")], "elsewhere")
    for address in ({}, {"sort": "doubt", "run": 1, "predicted": 1, "reviewed": "any", "size": 2}):
        app = open_page("curate", project=project.id, session=session_id, **address)
        shown = grid_of(app)
        assert [item["file_name"] for item in shown["items"]] == [
            f"Picture {place}" for place in range(1, len(shown["items"]) + 1)
        ]
        for item in shown["items"]:
            told = {name for name, value in item.items() if value not in (None, False, 0)}
            assert told == {"image_id", "sha", "file_name"}
        assert (shown["run_id"], shown["is_blind"], shown["listing"]) == (None, True, None)
        assert "Hidden are both runs' answers, the label that it is filed under" in text_of(app)
        assert not [button for button in app.button if "Apply" in button.label]
    app = open_page("team", project=project.id)
    assert "Blind check of Run 1 and Run 2" in text_of(app)


def test_in_a_blind_check_a_visitor_sees_the_labels_they_gave_after_a_reload_too(open_page, checked_pair):
    project, session_id = checked_pair
    app = open_page("curate", project=project.id, session=session_id)
    order = [item["image_id"] for item in grid_of(app)["items"]]
    filed = image_rows(order[:1])[0].label_id
    reviewer = grid_of(app)["reviewer"]
    op = Op(1, (order[0],), "relabel", filed)
    opinions.take(Submission(session_id, reviewer, [op], "window"))
    shown = grid_of(open_page("curate", project=project.id, session=session_id))["items"]
    assert [item["image_id"] for item in shown] == order
    assert (shown[0]["decision"], shown[0]["decision_label"], shown[0]["label"]) == ("relabel", filed, 0)


def test_a_finished_check_leads_to_its_result(open_page, checked_pair):
    project, session_id = checked_pair
    reviewer = grid_of(open_page("curate", project=project.id, session=session_id))["reviewer"]
    for seq, image_id in enumerate(sessions_images(session_id), 1):
        opinions.take(Submission(session_id, reviewer, [Op(seq, (image_id,), "keep")], "window"))
    app = open_page("curate", project=project.id, session=session_id)
    app.button(key="see_result").click().run()
    assert "On checked labels" in [element.value for element in app.subheader]


def sessions_images(session_id: int) -> list[int]:
    with reading() as session:
        return list(session.scalars(select(SessionItem.image_id).where(SessionItem.session_id == session_id)))
