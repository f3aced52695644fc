"""Disagreements, what is applied, who did what, revising a person's work, agreement, notes and stories."""

import subprocess
import sys
import threading
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curate.catalog import images, versions
from curate.errors import BadInput, Conflict, NotFound
from curate.review.deciding import apply as applying
from curate.review.deciding import conflicts, decisions, undo
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.views import View
from curate.review.team import (
    activity,
    agreement,
    batches,
    disagreements,
    image_story,
    members,
    notes,
    opinions,
    revising,
    sessions,
    unsettled,
)
from curate.review.team.activity import DecisionFilter
from curate.review.team.notes import Noted
from curate.review.team.revising import DecisionsOf
from curate.review.team.sessions import Terms
from curate.review.team.submission import Submission

REPOSITORY = Path(__file__).parents[3]
APPLY = """
import sys
from curate.review.deciding import apply
print("ready", flush=True)
sys.stdin.readline()
print(apply.apply(int(sys.argv[1]), sys.argv[2], up_to=int(sys.argv[3])))
"""


@pytest.fixture
def ids(scored_project):
    """{file name: image id}"""
    project_id, _ = scored_project
    rows = images.image_rows(images.hashes(project_id).image_ids.tolist())
    return {row.file_name.removesuffix(".png"): row.id for row in rows}


@pytest.fixture
def start(scored_project):
    """`start(n_opinions=2)`: id of a session over all six images."""
    project_id, run_id = scored_project
    return lambda **terms: sessions.create(project_id, "ann", Terms("Together", View(run_id), **terms))


def say(session_id, reviewer, image_id, action, label_id=None, seq=[0]):  # noqa: B006 (a counter)
    seq[0] += 1
    opinions.take(Submission(session_id, reviewer, [Op(seq[0], (image_id,), action, label_id)], f"{reviewer}'s window"))


def do(project_id, reviewer, image_ids, action="keep", label_id=None, run_id=None, seq=[0]):  # noqa: B006
    seq[0] += 1
    decide(project_id, reviewer, [Op(seq[0], tuple(image_ids), action, label_id)], f"{reviewer}'s window", run_id)


def standing(image_id):
    row = images.image_rows([image_id])[0]
    return row.decision, row.decided_by


# ---- disagreements


def test_a_third_person_has_the_last_word_as_one_step(start, ids, scored_project):
    session_id, image_id = start(n_opinions=2), ids["c2"]
    say(session_id, "ann", image_id, "delete")
    say(session_id, "bea", image_id, "keep")
    (one,) = disagreements.find(scored_project[0])
    assert (one.image_id, one.session_name, [(a.reviewer, a.action) for a in one.answers]) == (
        image_id, "Together", [("ann", "delete"), ("bea", "keep")],
    )  # fmt: skip
    assert (one.can_settle("cai"), one.can_settle("ann")) == (True, False)
    disagreements.settle(session_id, image_id, "cai", "delete", reason="Nothing to see")
    assert standing(image_id) == ("delete", "cai")
    assert activity.find(scored_project[0], DecisionFilter())[0].reason == "Nothing to see"
    assert activity.n_opinions(scored_project[0], DecisionFilter()) == {"ann": 1, "bea": 1}
    assert disagreements.count(scored_project[0]) == 0
    with pytest.raises(Conflict, match="settled this picture meanwhile"):
        disagreements.settle(session_id, image_id, "dan", "keep")
    undo.undo(scored_project[0], "cai")
    assert (standing(image_id), disagreements.count(scored_project[0])) == ((None, None), 1)


def test_who_took_part_can_only_come_round_to_anothers_answer(start, ids, scored_project):
    session_id, image_id = start(n_opinions=2), ids["c2"]
    say(session_id, "ann", image_id, "delete")
    say(session_id, "bea", image_id, "keep")
    for action, label_id in (("delete", None), ("relabel", None)):
        with pytest.raises(BadInput):
            disagreements.settle(session_id, image_id, "ann", action, label_id)
    disagreements.settle(session_id, image_id, "ann", "keep")
    assert standing(image_id) == ("keep", "ann")


# ---- applying


def test_what_two_people_decided_differently_is_shown_first_and_left_by_the_rule_for_settled(ids, scored_project):
    project_id, _ = scored_project
    do(project_id, "ann", [ids["c1"], ids["c2"]], "delete")
    do(project_id, "bea", [ids["c1"]], "keep")
    do(project_id, "bea", [ids["c2"]], "delete")
    (one,) = conflicts.find(project_id)
    assert (one.image_id, [(a.reviewer, a.action) for a in one.answers]) == (
        ids["c1"], [("ann", "delete"), ("bea", "keep")],
    )  # fmt: skip
    applying.apply(project_id, "ann", rule="settled")
    assert standing(ids["c1"]) == ("keep", "bea")
    assert decisions.waiting(project_id).total == 1
    do(project_id, "cai", [ids["c1"]], "keep")
    assert conflicts.find(project_id) == []
    applying.apply(project_id, "ann", rule="settled")
    assert decisions.waiting(project_id).total == 0


def test_an_undone_decision_contradicts_nobody(ids, scored_project):
    project_id, _ = scored_project
    do(project_id, "ann", [ids["c1"]], "delete")
    do(project_id, "bea", [ids["c1"]], "keep")
    undo.undo(project_id, "bea")
    assert standing(ids["c1"]) == ("delete", "ann")
    assert conflicts.find(project_id) == []


def test_everything_takes_single_opinions_along_and_never_a_disagreement(start, ids, scored_project):
    project_id, _ = scored_project
    session_id = start(n_opinions=2)
    say(session_id, "ann", ids["c1"], "delete")
    say(session_id, "ann", ids["c2"], "delete")
    say(session_id, "bea", ids["c2"], "keep")
    is_open = unsettled.count(project_id)
    assert (is_open.n_single, is_open.n_conflict) == (1, 1)
    with pytest.raises(BadInput, match="No decision waits"):
        applying.apply(project_id, "ann", rule="settled")
    say(session_id, "ann", ids["c3"], "delete")  # after the preview: not applied unseen
    applying.apply(project_id, "cai", rule="all", opinions_up_to=is_open.newest)
    rows = {row.id: row.state for row in images.image_rows(list(ids.values()))}
    assert [rows[ids[name]] for name in ("c1", "c2", "c3")] == ["binned", "active", "active"]
    newest = versions.list_versions(project_id)[0]
    assert (newest.author, newest.summary) == ("cai", {"keep": 0, "delete": 1, "relabel": 0})
    assert activity.find(project_id, DecisionFilter())[0].reviewer == "ann"


def test_two_processes_that_apply_at_the_same_moment_make_two_versions_in_order(ids, scored_project):
    project_id, _ = scored_project
    do(project_id, "ann", [ids["c1"], ids["c2"]], "delete")
    early = decisions.revision(project_id)
    do(project_id, "bea", [ids["d1"], ids["d2"], ids["d3"]], "keep")
    late = decisions.revision(project_id)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", APPLY, str(project_id), name, str(up_to)], cwd=REPOSITORY, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for name, up_to in (("ann", early), ("bea", late))
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    outputs = [process.communicate("go\n", timeout=120) for process in running]
    made = {version.number: version for version in versions.list_versions(project_id)[:-1]}
    if len(made) == 1:  # bea's came first and took all
        assert made[2].summary == {"keep": 3, "delete": 2, "relabel": 0}
        assert "No decision waits to be applied." in outputs[0][1]
    else:
        assert [(made[n].author, sum(made[n].summary.values())) for n in (2, 3)] == [("ann", 2), ("bea", 3)]
    assert decisions.waiting(project_id).total == 0


def test_threads_that_decide_and_apply_at_once_lose_nothing_and_mix_nothing(ids, scored_project):
    project_id, _ = scored_project
    names = list(ids)

    def work(n: int) -> None:
        decide(project_id, f"reviewer {n}", [Op(1, (ids[names[n]],), "keep")], f"window {n}")
        try:
            applying.apply(project_id, f"reviewer {n}")
        except BadInput as error:
            assert "No decision waits" in str(error)  # noqa: PT017 (somebody else took it along)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = versions.list_versions(project_id)[:-1]
    assert [version.number for version in made] == list(range(len(made) + 1, 1, -1))
    assert sum(version.summary["keep"] for version in made) == 6
    assert decisions.waiting(project_id).total == 0


# ---- agreement


def test_agreement_is_reckoned_from_what_each_said_first(start, ids, scored_project):
    project_id, _ = scored_project
    session_id = start(n_opinions=2)
    cat, dog = (images.image_rows([ids[name]])[0].label_id for name in ("c1", "d1"))
    for name, ann, bea in (("c1", "keep", "keep"), ("c2", "keep", "delete"), ("d1", "keep", "keep")):
        say(session_id, "ann", ids[name], ann)
        say(session_id, "bea", ids[name], bea)
    say(session_id, "ann", ids["d2"], "keep")
    say(session_id, "bea", ids["c2"], "keep")  # comes round later: the first answer counts
    report = agreement.report(project_id)
    # ann: cat cat dog; bea: cat delete dog; 2 of 3 agree, by chance (2*1 + 1*1) / 9 = 1/3: kappa 1/2
    [(first, second, of_pair)] = report.pairs
    assert (first, second, astuple(of_pair)) == ("ann", "bea", pytest.approx((3, 2 / 3, 0.5)))
    assert {label: one.share for label, one in report.labels} == {
        cat: pytest.approx(2 / 3), dog: 1.0, None: 0.0,
    }  # fmt: skip
    assert report.own == []
    assert agreement.report(project_id, session_id + 1).overall is None


def test_agreement_with_oneself_is_that_of_pictures_that_came_twice(start, ids, scored_project):
    from curate.catalog.database import writing
    from curate.catalog.tables.team import ReviewSession, SessionClaim

    session_id = start(repeat_pct=10)
    member = members.join(session_id, "ann")
    batches.take_next(session_id, "ann")
    for name in ("c1", "c2", "d1"):
        say(session_id, "ann", ids[name], "keep")
    with writing() as session:
        session.add_all(
            SessionClaim(member_id=member, image_id=ids[name], batch=1, is_repeat=True) for name in ("c1", "c2", "d1")
        )
        assert session.get(ReviewSession, session_id) is not None
    for name, action in (("c1", "keep"), ("c2", "delete"), ("d1", "keep")):
        say(session_id, "ann", ids[name], action)
    ((name, own),) = agreement.report(scored_project[0]).own
    assert (name, own.n, own.share) == ("ann", 3, pytest.approx(2 / 3))
    assert standing(ids["c2"]) == ("keep", "ann")


# ---- who did what


def test_the_log_tells_who_when_on_which_run_and_why_and_can_be_exported(ids, scored_project):
    project_id, run_id = scored_project
    dog = images.image_rows([ids["d1"]])[0].label_id
    do(project_id, "ann", [ids["c1"]], "relabel", dog, run_id)
    do(project_id, "bea", [ids["c2"]], "delete")
    activity.set_reason(project_id, [ids["c1"]], "ann", "=A tail")
    newest, oldest = activity.find(project_id, DecisionFilter())
    assert (newest.reviewer, newest.action, newest.label, newest.run) == ("bea", "delete", None, None)
    assert (oldest.reviewer, oldest.label, oldest.filed, oldest.run, oldest.reason, oldest.is_applied) == (
        "ann", "dog", "cat", 1, "=A tail", False,
    )  # fmt: skip
    assert [row.id for row in activity.find(project_id, DecisionFilter(reviewer="ann"))] == [oldest.id]
    assert activity.find(project_id, DecisionFilter(action="keep")) == []
    assert activity.find(project_id, DecisionFilter(since=datetime.now(UTC) + timedelta(hours=1))) == []
    assert [row.id for row in activity.find(project_id, DecisionFilter(), before_id=newest.id)] == [oldest.id]
    lines = "".join(activity.to_csv(project_id, DecisionFilter())).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("id,at,reviewer,action,label,filed,run,image_id")
    assert "'=A tail" in lines[1]
    with pytest.raises(BadInput, match=r"You have not decided on c1\.png"):
        activity.set_reason(project_id, [ids["c2"], ids["c1"]], "bea", "not mine")
    assert [row.reason for row in activity.find(project_id, DecisionFilter())] == [None, "=A tail"]
    activity.set_reason(project_id, [ids["c1"]], "ann", "")
    assert activity.find(project_id, DecisionFilter())[1].reason is None


def test_counts_and_pace_of_each_person(ids, scored_project):
    project_id, _ = scored_project
    do(project_id, "ann", [ids["c1"], ids["c2"]], "delete")
    do(project_id, "ann", [ids["c3"]], "keep")
    do(project_id, "bea", [ids["d1"]], "keep")
    everybody = activity.people(project_id, DecisionFilter())
    assert [(one.reviewer, one.total, one.n, one.per_hour) for one in everybody] == [
        ("ann", 3, {"delete": 2, "keep": 1}, None), ("bea", 1, {"keep": 1}, None),
    ]  # fmt: skip


def test_the_pace_leaves_long_pauses_out():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(seconds=4 * n + (3_600 if n > 5 else 0)) for n in range(12)]
    assert activity.pace(times) == 900.0
    assert activity.pace(times[:8]) is None


def test_all_that_one_person_decided_is_taken_back_in_one_step(ids, scored_project):
    project_id, _ = scored_project
    do(project_id, "bea", [ids["c1"], ids["c2"]], "delete")
    do(project_id, "bea", [ids["c3"]], "keep")
    do(project_id, "ann", [ids["d1"]], "delete")
    assert revising.count(project_id, DecisionsOf("bea")) == 3
    assert revising.revise(project_id, "ann", DecisionsOf("bea", "delete")) == 2
    assert [standing(ids[name])[0] for name in ("c1", "c2", "c3", "d1")] == [None, None, "keep", "delete"]
    assert undo.undo(project_id, "ann").step.name == "Take back 2 of bea"
    assert standing(ids["c1"]) == ("delete", "bea")
    assert revising.revise(project_id, "ann", DecisionsOf("bea", "delete"), "keep") == 2
    assert standing(ids["c1"]) == ("keep", "ann")
    with pytest.raises(BadInput, match="Nothing that dan decided"):
        revising.revise(project_id, "ann", DecisionsOf("dan"))


# ---- notes and stories


def test_a_question_waits_for_the_one_who_is_asked_until_somebody_answers(ids, scored_project):
    project_id, _ = scored_project
    (note_id,) = notes.ask(project_id, [ids["c1"]], "ann", "bea", "Is that a cat?")
    assert [(one.author, one.text, one.file_name) for one in notes.questions_for("bea")] == [
        ("ann", "Is that a cat?", "c1.png")
    ]
    assert notes.questions_for("ann") == []
    notes.answer(note_id, "bea", "A lynx")
    assert notes.questions_for("bea") == []
    (one,) = notes.of_image(ids["c1"])
    assert (one.answer, one.done_by) == ("A lynx", "bea")


def test_flags_are_up_once_and_taken_down(ids, scored_project):
    project_id, _ = scored_project
    notes.flag(project_id, [ids["c1"]], "ann", "dark")
    notes.flag(project_id, [ids["c1"], ids["c2"]], "bea")
    second, first = (one.id for one in notes.open_ones(project_id, "flag"))
    newest = notes.newest_by_image(list(ids.values()))
    assert newest == {ids["c1"]: Noted("flag", "ann", "dark", "", 0), ids["c2"]: Noted("flag", "bea", "", "", 0)}
    notes.take_down(second, "ann")
    notes.note(project_id, [ids["c1"]], "bea", "a lynx")
    assert notes.newest_by_image(list(ids.values())) == {ids["c1"]: Noted("note", "bea", "a lynx", "", 1)}
    assert (notes.n_open(project_id), [one.id for one in notes.open_ones(project_id, "flag")]) == (1, [first])
    notes.take_down(first, "bea")
    assert notes.n_open(project_id) == 0
    for text, words in (("", "needs some words"), ("x" * 2_001, "can have 2,000 letters")):
        with pytest.raises(BadInput, match=words):
            notes.note(project_id, [ids["c1"]], "ann", text)
    with pytest.raises(NotFound):
        notes.note(project_id, [ids["c1"], 999], "ann", "x")
    assert [one.text for one in notes.of_image(ids["c1"]) if one.kind == "note"] == ["a lynx"]


def test_the_story_keeps_an_opinion_from_the_others_until_it_is_settled(start, ids, scored_project):
    project_id, _ = scored_project
    session_id = start(n_opinions=2)
    say(session_id, "ann", ids["c1"], "delete")
    notes.note(project_id, [ids["c1"]], "bea", "blurred")
    assert [one.action for one in image_story.list_entries(ids["c1"], "bea")] == ["note"]
    assert [one.action for one in image_story.list_entries(ids["c1"], "ann")] == ["delete", "note"]
    say(session_id, "cai", ids["c1"], "delete")
    assert [(one.by, one.action) for one in image_story.list_entries(ids["c1"], "bea")] == [
        ("ann", "delete"), ("bea", "note"),  # cai's word is the decision
    ]  # fmt: skip


def test_everybody_who_decided_or_joined_can_be_asked(start, ids, scored_project):
    do(scored_project[0], "bea", [ids["c1"]])
    do(scored_project[0], "ann", [ids["c1"]])
    members.join(start(), "Cai")
    assert notes.people(scored_project[0]) == ["ann", "bea", "Cai"]
