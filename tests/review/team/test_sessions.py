"""Review sessions: queues, batches that nobody else is given, leaving and coming back, opinions and what settles."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from curate.catalog import images
from curate.catalog.database import writing
from curate.catalog.tables.core import now
from curate.catalog.tables.team import ReviewSession, SessionMember
from curate.errors import BadInput, Conflict, NotFound
from curate.review.deciding import decisions, undo
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.views import View
from curate.review.team import agreement, batches, members, opinions, sessions
from curate.review.team.sessions import Terms
from curate.review.team.submission import Submission
from tests.factories import add_run

# By descending loss: c2 1.61, d2 3.00, c3 .92, d1 .36, c1 .11, d3 .11
BY_LOSS = ["d2.png", "c2.png", "c3.png", "d1.png", "d3.png", "c1.png"]


@pytest.fixture
def ids(scored_project):
    """{file name: image id}"""
    project_id, _ = scored_project
    rows = images.image_rows(images.hashes(project_id).image_ids.tolist())
    return {row.file_name: row.id for row in rows}


@pytest.fixture
def start(scored_project):
    """`start(n_opinions=2, …)`: id of a session over all six images, joined by ann, bea and cai."""
    project_id, run_id = scored_project

    def begin(n_images=None, view=None, name="Together", **terms) -> int:
        session_id = sessions.create(project_id, "ann", Terms(name, view or View(run_id), n_images, **terms))
        for reviewer in ("ann", "bea", "cai"):
            members.join(session_id, reviewer)
        return session_id

    return begin


def say(session_id, reviewer, image_id, action, label_id=None, seq=[0]):  # noqa: B006 (a counter)
    seq[0] += 1
    opinions.take(Submission(session_id, reviewer, [Op(seq[0], (image_id,), action, label_id)], f"{reviewer}-window"))


def standing(image_id):
    row = images.image_rows([image_id])[0]
    return row.decision, row.decided_by


def state(session_id, name):
    return sessions.find(session_id).n.get(name, 0)


def be_away(session_id, reviewer, seconds):
    with writing() as session:
        there = (SessionMember.session_id == session_id, SessionMember.reviewer == reviewer)
        session.execute(update(SessionMember).where(*there).values(seen_at=now() - timedelta(seconds=seconds)))


def test_a_queue_holds_the_view_in_its_order_and_a_fixed_one_only_its_first_images(start, ids):
    whole, fixed = start(name="all"), start(n_images=2, name="two")
    assert batches.take_next(whole, "ann", 6).image_ids == [ids[name] for name in BY_LOSS]
    assert batches.take_next(fixed, "ann", 6).image_ids == [ids[name] for name in BY_LOSS[:2]]
    assert (sessions.find(fixed).n_queued, sessions.find(fixed).is_whole) == (2, True)


def test_two_people_are_never_given_the_same_image(start):
    session_id = start()
    ann, bea = batches.take_next(session_id, "ann", 4), batches.take_next(session_id, "bea", 4)
    assert (len(ann.image_ids), len(bea.image_ids)) == (4, 2)
    assert not set(ann.image_ids) & set(bea.image_ids)
    assert batches.take_next(session_id, "cai", 4) is None


def test_eight_who_ask_at_the_same_moment_are_given_different_images(make_project, start_large):
    session_id = start_large(80)
    given: list[int] = []

    def ask(name: str) -> None:
        for _ in range(2):
            given.extend(batches.take_next(session_id, name, 5).image_ids)

    threads = [threading.Thread(target=ask, args=(f"reviewer {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == len(set(given)) == 80


@pytest.fixture
def start_large(make_project):
    """`start_large(n)`: id of a session over n images."""

    def begin(n: int) -> int:
        entries = [(label, split) for split in ("train", "valid") for label in ("cat", "dog")]
        project = make_project((entries * n)[:n])
        run_id = add_run(project.id, [(0.5, 0.5)] * n)
        return sessions.create(project.id, "ann", Terms("Many", View(run_id)))

    return begin


def test_what_somebody_held_is_free_when_they_leave_or_are_not_heard_of(start):
    session_id = start()
    held = batches.take_next(session_id, "ann", 6).image_ids
    assert batches.take_next(session_id, "bea", 2) is None
    be_away(session_id, "ann", 60)
    assert batches.take_next(session_id, "bea", 2).image_ids == held[:2]
    assert batches.current(session_id, "ann").image_ids == held[2:]
    members.leave(session_id, "ann")
    assert batches.take_next(session_id, "cai", 2).image_ids == held[2:4]


def test_who_comes_back_finds_the_same_images_with_what_they_said(start):
    session_id = start()
    first = batches.take_next(session_id, "ann", 3)
    say(session_id, "ann", first.image_ids[0], "keep")
    members.leave(session_id, "ann")
    members.join(session_id, "ann")
    again = batches.current(session_id, "ann")
    assert (again.number, again.image_ids, again.n_left) == (1, first.image_ids, 2)
    assert again.answers[first.image_ids[0]].action == "keep"
    person = next(one for one in members.people(session_id) if one.reviewer == "ann")
    assert (person.is_here, person.image_id, person.position) == (True, first.image_ids[0], 1)
    assert members.count_answered(session_id) == {"ann": 1}


def test_a_heartbeat_tells_who_is_here_and_where(start, ids):
    session_id = start()
    members.leave(session_id, "cai")
    be_away(session_id, "bea", 60)
    assert [one.reviewer for one in members.beat(session_id, "ann")] == ["ann"]
    assert [one.reviewer for one in members.beat(session_id, "bea", ids["c3.png"])] == ["ann", "bea"]
    assert [one.position for one in members.beat(session_id, "ann")] == [None, 3]
    assert [one.reviewer for one in members.beat(session_id, "dan")] == ["ann", "bea"]
    with pytest.raises(NotFound, match="There is no review session 99"):
        members.join(99, "dan")


def test_a_queue_without_an_end_goes_on_where_it_was_when_it_runs_out(start_large, monkeypatch):
    monkeypatch.setattr(sessions, "REFILL", 4)
    session_id = start_large(10)
    assert sessions.find(session_id).n_queued == 4
    given = [batches.take_next(session_id, "ann", 4).image_ids for _ in range(3)]
    assert [len(batch) for batch in given] == [4, 4, 2]
    assert len({image_id for batch in given for image_id in batch}) == 10
    assert sessions.find(session_id).is_whole


def test_images_decided_elsewhere_leave_a_queue_of_what_is_not_reviewed(start, ids, scored_project):
    project_id, run_id = scored_project
    session_id = start(view=View(run_id, reviewed="no"))
    decide(project_id, "dan", [Op(1, (ids["d2.png"],), "delete")], "elsewhere")
    assert batches.take_next(session_id, "ann", 2).image_ids == [ids["c2.png"], ids["c3.png"]]
    assert sessions.find(session_id).n_queued == 5


def test_skipped_images_come_again_at_the_end(start):
    session_id = start()
    first, second = batches.take_next(session_id, "ann", 3), batches.take_next(session_id, "ann", 3)
    for image_id in second.image_ids:
        say(session_id, "ann", image_id, "keep")
    third = batches.take_next(session_id, "ann", 3)
    assert (third.number, third.image_ids) == (3, first.image_ids)


def test_one_opinion_is_a_decision_at_once_and_the_same_number_again_changes_nothing(start, ids, scored_project):
    session_id = start()
    for _ in range(2):
        opinions.take(Submission(session_id, "ann", [Op(1, (ids["c2.png"],), "delete")], "window 1"))
    assert standing(ids["c2.png"]) == ("delete", "ann")
    assert [change.action for change in decisions.changes_since(scored_project[0], 0)[0]] == ["delete"]
    assert (state(session_id, "settled"), state(session_id, "open")) == (1, 5)


def test_what_several_say_at_the_same_moment_is_stored_once_each_and_undone_by_each(start, ids, scored_project):
    session_id, project_id = start(), scored_project[0]
    dog = images.image_rows([ids["d1.png"]])[0].label_id

    def words(name: str, seq: int, action: str, *images_: str, label_id: int | None = None) -> Submission:
        return Submission(
            session_id, name, [Op(seq, tuple(ids[one] for one in images_), action, label_id)], f"{name} here"
        )

    submissions = [
        words("ann", 1, "relabel", "c1.png", label_id=dog),
        words("bea", 1, "keep", "c2.png"),
        words("cai", 1, "delete", "c2.png"),  # two on the same image: the later word stands
        words("dan", 1, "keep", "d1.png", "d2.png"),
        words("eve", 1, "relabel", "d3.png", label_id=999),
    ]
    for _ in range(2):
        refused = opinions.take_all(project_id, submissions)
        assert [str(error) if error else None for error in refused] == [
            *[None] * 4, "The project has no label with number 999.",
        ]  # fmt: skip
    assert [standing(ids[name]) for name in ("c1.png", "c2.png", "d1.png", "d2.png", "d3.png")] == [
        ("relabel", "ann"), ("delete", "cai"), ("keep", "dan"), ("keep", "dan"), (None, None),
    ]  # fmt: skip
    assert len(decisions.changes_since(project_id, 0)[0]) == 5
    assert (state(session_id, "settled"), members.count_answered(session_id)["ann"]) == (4, 1)
    assert undo.stack(project_id, "ann").undo.name == "Relabel 1 to dog"
    undo.undo(project_id, "ann")
    assert (standing(ids["c1.png"]), state(session_id, "settled")) == ((None, None), 3)


def test_an_opinion_is_unseen_until_a_second_person_says_the_same(start, ids, scored_project):
    session_id = start(n_opinions=2)
    image_id = batches.take_next(session_id, "ann", 1).image_ids[0]
    say(session_id, "ann", image_id, "delete")
    assert standing(image_id) == (None, None)
    assert decisions.changes_since(scored_project[0], 0)[0] == []
    bea = batches.take_next(session_id, "bea", 1)
    assert (bea.image_ids, bea.answers) == ([image_id], {})
    assert batches.take_next(session_id, "ann", 6).image_ids != [image_id]
    say(session_id, "bea", image_id, "delete")
    assert standing(image_id) == ("delete", "bea")
    assert state(session_id, "settled") == 1


def test_two_who_differ_are_a_conflict_and_three_decide_by_majority(start, ids):
    two, three = start(n_opinions=2), start(n_opinions=3, name="three")
    for session_id in (two, three):
        say(session_id, "ann", ids["c2.png"], "delete")
        say(session_id, "bea", ids["c2.png"], "keep")
    assert (state(two, "conflict"), state(three, "conflict")) == (1, 0)
    assert standing(ids["c2.png"]) == (None, None)
    say(three, "cai", ids["c2.png"], "delete")
    assert (state(three, "settled"), standing(ids["c2.png"])) == (1, ("delete", "cai"))


def test_of_three_the_decision_is_in_the_name_of_one_who_said_so(start, ids):
    session_id = start(n_opinions=3)
    for reviewer, action in (("ann", "keep"), ("bea", "keep"), ("cai", "delete")):
        say(session_id, reviewer, ids["c2.png"], action)
    assert standing(ids["c2.png"]) == ("keep", "bea")


def test_only_deletes_need_a_second_opinion_where_that_was_agreed(start, ids):
    session_id = start(n_opinions=2, ask_when="deletes")
    say(session_id, "ann", ids["c2.png"], "keep")
    say(session_id, "ann", ids["d2.png"], "delete")
    assert standing(ids["c2.png"]) == ("keep", "ann")
    assert standing(ids["d2.png"]) == (None, None)
    say(session_id, "bea", ids["d2.png"], "delete")
    assert standing(ids["d2.png"]) == ("delete", "bea")


def test_of_a_sample_only_the_images_drawn_need_a_second_opinion(start_large, make_project):
    session_id = start_large(40)
    project_id, run_id = sessions.find(session_id).project_id, sessions.find(session_id).run_id
    sampled = sessions.create(project_id, "ann", Terms("Sample", View(run_id), 40, n_opinions=2, ask_when="sample"))
    batch = batches.take_next(sampled, "ann", 40)
    for image_id in batch.image_ids:
        say(sampled, "ann", image_id, "keep")
    n_open = state(sampled, "open")
    assert 0 < n_open < 15
    assert len(batches.take_next(sampled, "bea", 40).image_ids) == n_open


def test_taking_back_an_opinion_opens_the_image_again(start, ids):
    session_id = start(n_opinions=2)
    for reviewer in ("ann", "bea"):
        say(session_id, reviewer, ids["c2.png"], "delete")
    say(session_id, "bea", ids["c2.png"], "clear")
    assert (standing(ids["c2.png"]), state(session_id, "settled")) == ((None, None), 0)
    say(session_id, "bea", ids["c2.png"], "keep")
    assert state(session_id, "conflict") == 1


def test_undo_and_redo_take_opinions_along(start, ids, scored_project):
    project_id, _ = scored_project
    session_id = start(n_opinions=2)
    say(session_id, "ann", ids["c2.png"], "delete")
    say(session_id, "bea", ids["c2.png"], "delete")
    undo.undo(project_id, "ann")
    assert (standing(ids["c2.png"]), state(session_id, "open")) == ((None, None), 6)
    undo.redo(project_id, "ann")
    assert (standing(ids["c2.png"]), state(session_id, "settled")) == (("delete", "bea"), 1)
    undo.undo(project_id, "bea")
    assert (standing(ids["c2.png"]), state(session_id, "settled")) == ((None, None), 0)
    undo.redo(project_id, "bea")
    assert (standing(ids["c2.png"]), state(session_id, "settled")) == (("delete", "bea"), 1)


def test_what_was_undone_is_still_before_the_one_who_undid_it(start, ids, scored_project):
    session_id = start()
    mine = batches.take_next(session_id, "ann", 3).image_ids
    say(session_id, "ann", mine[0], "keep")
    undo.undo(scored_project[0], "ann")
    assert batches.current(session_id, "ann").image_ids == mine
    assert not set(batches.take_next(session_id, "bea", 6).image_ids) & set(mine)


def test_own_images_come_back_unsaid_and_change_nothing(start_large):
    session_id = start_large(80)
    with writing() as session:
        session.execute(update(ReviewSession).values(repeat_pct=10))
    first = batches.take_next(session_id, "ann", 40)
    assert first.repeats == frozenset()
    for image_id in first.image_ids:
        say(session_id, "ann", image_id, "keep")
    second = batches.take_next(session_id, "ann", 20)
    # 60 said or about to be: 6 may come twice; at most a quarter of the batch: 5; not from the last twenty.
    assert (len(second.image_ids), len(second.repeats)) == (20, 5)
    assert second.repeats < set(first.image_ids[:20])
    assert not second.answers
    image_id = next(iter(second.repeats))
    say(session_id, "ann", image_id, "delete")
    assert standing(image_id) == ("keep", "ann")
    assert batches.current(session_id, "ann").answers[image_id].action == "delete"


def test_terms_that_make_no_sense_are_refused(scored_project):
    project_id, run_id = scored_project
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"n_opinions": 4}, "One to 3 people"),
        ({"n_images": 0}, "A fixed queue has 1 to 20,000"),
        ({"ask_when": "never"}, "A second opinion is asked"),
        ({"repeat_pct": 50}, "Up to 20 %"),
        ({"name": " "}, "A session needs a name"),
        ({"view": View(run_id, reviewed="delete")}, "No picture matches"),
    )
    for terms, words in cases:
        with pytest.raises(BadInput, match=words):
            sessions.create(project_id, "ann", Terms(**{"name": "x", "view": View(run_id), **terms}))
    sessions.create(project_id, "ann", Terms("x", View(run_id)))
    with pytest.raises(Conflict, match="There is a session named x already"):
        sessions.create(project_id, "ann", Terms("x", View(run_id)))
    with pytest.raises(NotFound):
        sessions.create(project_id, "ann", Terms("y", View(run_id + 1)))


def test_a_closed_session_gives_nothing_out_until_it_is_opened_again(start):
    session_id = start()
    sessions.close(session_id)
    assert batches.take_next(session_id, "ann") is None
    assert [row.id for row in sessions.of_project(sessions.find(session_id).project_id, is_open=False)] == [session_id]
    sessions.reopen(session_id)
    assert len(batches.take_next(session_id, "ann").image_ids) == 6


def test_a_picture_that_waits_for_its_second_opinion_goes_first_to_whoever_may_give_it(start, ids):
    session_id = start(n_opinions=2)
    ann = batches.take_next(session_id, "ann", 3).image_ids
    bea = batches.take_next(session_id, "bea", 3).image_ids
    say(session_id, "ann", ann[0], "keep")
    say(session_id, "ann", ann[1], "delete")
    say(session_id, "bea", bea[0], "keep")
    assert [batches.count_second_opinions(session_id, name) for name in ("ann", "bea", "cai")] == [1, 2, 3]
    assert batches.take_second_opinions(session_id, "bea") == 2
    assert batches.current(session_id, "bea").image_ids == [bea[0], ann[0], ann[1]]  # bea's other two are free again
    assert batches.count_second_opinions(session_id, "bea") == 0
    assert batches.take_second_opinions(session_id, "ann") == 1
    assert batches.current(session_id, "ann").image_ids == [ann[0], ann[1], bea[0]]
    say(session_id, "bea", ann[0], "keep")
    say(session_id, "ann", bea[0], "relabel", images.image_rows([ann[0]])[0].label_id)
    assert (state(session_id, "settled"), state(session_id, "conflict")) in ((1, 1), (2, 0))
    assert set(batches.take_next(session_id, "cai", 6).image_ids) == set(ids.values()) - {ann[0], ann[1], bea[0]}


def test_agreement_counts_what_waits_for_how_many_more(start, scored_project):
    project_id, _ = scored_project
    two, three = start(n_opinions=2, name="two"), start(n_opinions=3, name="three")
    for session_id in (two, three):
        for image_id in batches.take_next(session_id, "ann", 2).image_ids:
            say(session_id, "ann", image_id, "keep")
    assert agreement.count_waiting(project_id) == {1: 2, 2: 2}
    assert agreement.count_waiting(project_id, two) == {1: 2}
    sessions.close(three)
    assert agreement.count_waiting(project_id) == {1: 2}


def test_where_one_opinion_is_enough_nothing_waits_for_a_second(start, scored_project):
    session_id = start()
    say(session_id, "ann", batches.take_next(session_id, "ann", 2).image_ids[0], "keep")
    batches.take_next(session_id, "bea", 2)
    assert (batches.count_second_opinions(session_id, "bea"), batches.take_second_opinions(session_id, "bea")) == (0, 0)
    assert agreement.count_waiting(scored_project[0]) == {}
