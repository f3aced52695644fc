"""Steps: what one action did is undone and redone as one, and never what somebody else decided since."""

import pytest

from curate.catalog import images
from curate.review.deciding import decisions
from curate.review.deciding import undo as deciding_undo
from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.deciding.undo import RequestId


def standing(project):
    """(decision, new label, by whom) of each image, in order."""
    return [(row.decision, row.decision_label_id, row.decided_by) for row in images.image_rows(project.image_ids)]


def undo(project, reviewer="Ada", **more):
    return deciding_undo.describe(deciding_undo.undo(project.id, reviewer, **more), reviewer)


def redo(project, reviewer="Ada", **more):
    return deciding_undo.describe(deciding_undo.redo(project.id, reviewer, **more), reviewer)


NOTHING = (None, None, None)


def test_undo_and_redo_walk_back_and_forth_over_what_one_person_did(small_project):
    a, b, c = small_project.image_ids[:3]
    dogs = small_project.label_ids["dogs"]
    decide(small_project.id, "Ada", [Op(1, (a, b), "keep")], "tab")
    decide(small_project.id, "Ada", [Op(2, (b, c), "relabel", dogs)], "tab")
    after = standing(small_project)[:3]
    assert after == [("keep", None, "Ada"), ("relabel", dogs, "Ada"), ("relabel", dogs, "Ada")]
    assert undo(small_project) == "Undone: Relabel 2 to dogs."
    assert standing(small_project)[:3] == [("keep", None, "Ada"), ("keep", None, "Ada"), NOTHING]
    assert undo(small_project) == "Undone: Keep 2."
    assert standing(small_project) == [NOTHING] * 8
    assert undo(small_project) == "Nothing to undo."
    assert redo(small_project) == "Done again: Keep 2."
    assert redo(small_project) == "Done again: Relabel 2 to dogs."
    assert standing(small_project)[:3] == after
    assert redo(small_project) == "Nothing to redo."
    assert undo(small_project) == "Undone: Relabel 2 to dogs."


def test_nothing_is_removed_an_undo_is_more_rows(small_project):
    decide(small_project.id, "Ada", [Op(1, tuple(small_project.image_ids[:2]), "delete")], "tab")
    deciding_undo.undo(small_project.id, "Ada")
    deciding_undo.redo(small_project.id, "Ada")
    by_whom = [(change.action, change.reviewer) for change in decisions.changes_since(small_project.id, 0)[0]]
    assert by_whom == [("delete", "Ada")] * 2 + [("clear", "Ada")] * 2 + [("delete", "Ada")] * 2


def test_what_somebody_else_decided_since_is_left_alone_and_said(small_project):
    a, b = small_project.image_ids[:2]
    decide(small_project.id, "Ada", [Op(1, (a, b), "delete")], "tab")
    decide(small_project.id, "Bo", [Op(1, (a,), "keep")], "bo's tab")
    assert undo(small_project) == "Undone: Delete 2. 1 stays as Bo decided since."
    assert standing(small_project)[:2] == [("keep", None, "Bo"), NOTHING]
    assert redo(small_project) == "Done again: Delete 2."
    assert standing(small_project)[:2] == [("keep", None, "Bo"), ("delete", None, "Ada")]
    assert undo(small_project, "Bo") == "Undone: Keep 1."
    assert standing(small_project)[0] == ("delete", None, "Ada")


def test_undo_gives_somebody_elses_word_back_to_them(small_project):
    a = small_project.image_ids[0]
    decide(small_project.id, "Bo", [Op(1, (a,), "keep")], "bo's tab")
    decide(small_project.id, "Ada", [Op(1, (a,), "delete")], "tab")
    deciding_undo.undo(small_project.id, "Ada")
    assert standing(small_project)[0] == ("keep", None, "Bo")
    newest = decisions.changes_since(small_project.id, 0)[0][-1]
    assert (newest.action, newest.reviewer) == ("keep", "Bo")
    assert decisions.waiting(small_project.id).by_reviewer == {"Bo": 1}
    assert undo(small_project, "Bo") == "Undone: Keep 1."  # it is Bo's again, to take back, too
    assert standing(small_project)[0] == NOTHING


def test_a_step_out_of_order_leaves_what_one_decided_since_oneself(small_project):
    a = small_project.image_ids[0]
    decide(small_project.id, "Ada", [Op(1, (a,), "keep"), Op(2, (a,), "delete")], "tab")
    assert undo(small_project, key="tab:1") == "Nothing of “Keep 1” was changed. 1 stays as you decided since."
    assert standing(small_project)[0] == ("delete", None, "Ada")


def test_a_step_is_redone_over_what_was_taken_back_meanwhile(small_project):
    a, b = small_project.image_ids[:2]
    decide(small_project.id, "Ada", [Op(1, (a, b), "keep")], "tab")
    deciding_undo.undo(small_project.id, "Ada")
    decide(small_project.id, "Ada", [Op(2, (a,), "delete")], "tab")
    deciding_undo.undo(small_project.id, "Ada")
    assert redo(small_project, key="tab:1") == "Done again: Keep 2."
    assert undo(small_project, key="tab:1") == "Undone: Keep 2."
    assert standing(small_project)[:2] == [NOTHING] * 2


def test_an_apply_between_two_steps_is_not_taken_back(small_project):
    a, b = small_project.image_ids[:2]
    decide(small_project.id, "Ada", [Op(1, (a, b), "keep")], "tab")
    apply(small_project.id, "Ada")
    decide(small_project.id, "Ada", [Op(2, (a,), "delete")], "tab")
    assert undo(small_project) == "Undone: Delete 1."
    assert standing(small_project)[0] == NOTHING
    assert undo(small_project)[:8] == "“Keep 2”"


def test_something_new_takes_the_place_of_what_could_be_redone(small_project):
    a, b = small_project.image_ids[:2]
    decide(small_project.id, "Ada", [Op(1, (a,), "keep")], "tab")
    deciding_undo.undo(small_project.id, "Ada")
    decide(small_project.id, "Ada", [Op(2, (b,), "delete")], "tab")
    assert redo(small_project) == "Nothing to redo."
    assert redo(small_project, key="tab:1") == "Done again: Keep 1."  # by name nothing is ever out of reach
    assert undo(small_project, key="tab:1") == "Undone: Keep 1."
    assert standing(small_project)[:2] == [NOTHING, ("delete", None, "Ada")]


def test_several_operations_and_calls_are_one_step(small_project):
    first, second, third = small_project.image_ids[:3]
    name = "Accept 3 suggestions"
    decide(
        small_project.id, "Ada",
        [Op(1, (first,), "keep", step="s", step_name=name), Op(2, (second,), "delete", step="s")], "tab",
    )  # fmt: skip
    decide(small_project.id, "Ada", [Op(3, (third, first), "delete", step="s", step_name="other")], "tab")
    (step,) = deciding_undo.list_steps(small_project.id, "Ada")
    assert (step.name, step.n_images, step.key, step.is_undone) == (name, 4, "s", False)
    assert undo(small_project) == f"Undone: {name}."
    assert standing(small_project) == [NOTHING] * 8
    deciding_undo.redo(small_project.id, "Ada")
    assert [what for what, _, _ in standing(small_project)[:3]] == ["delete", "delete", "delete"]


def test_steps_are_each_persons_own(small_project, make_project):
    other = make_project([("mice", "train")], name="other", seed=1)
    decide(small_project.id, "Ada", [Op(1, (small_project.image_ids[0],), "keep")], "tab")
    decide(small_project.id, "Bo", [Op(1, (small_project.image_ids[1],), "keep")], "bo's tab")
    assert undo(small_project, "Cleo") == undo(other) == undo(small_project, key="bo's tab:1") == "Nothing to undo."
    assert [what for what, _, _ in standing(small_project)[:2]] == ["keep", "keep"]


def test_what_a_version_has_taken_in_stays_and_is_said(small_project):
    a, b, c = small_project.image_ids[:3]
    revision = decide(small_project.id, "Ada", [Op(1, (a, b), "keep", step="s")], "tab")
    decide(small_project.id, "Ada", [Op(2, (c,), "keep", step="s")], "tab")
    apply(small_project.id, "Ada", up_to=revision)
    assert undo(small_project) == "Undone: Keep 2. 2 are in a version by now."
    decide(small_project.id, "Ada", [Op(3, (b,), "delete")], "tab")
    apply(small_project.id, "Ada")
    assert undo(small_project) == "“Delete 1” is in a version by now: History brings earlier versions back."
    assert deciding_undo.stack(small_project.id, "Ada").undo.name == "Delete 1"
    assert undo(small_project)[:10] == "“Delete 1”"


def test_asking_twice_is_asking_once_also_late(small_project):
    decide(small_project.id, "Ada", [Op(n, (i,), "keep") for n, i in enumerate(small_project.image_ids[:3])], "tab")
    sentences = [undo(small_project, request=RequestId("tab", 10)) for _ in range(2)]
    assert sentences == ["Undone: Keep 1."] * 2
    assert [what for what, _, _ in standing(small_project)[:3]] == ["keep", "keep", None]
    redo(small_project, key="tab:2", request=RequestId("tab", 11))
    undo(small_project, key="tab:2", request=RequestId("tab", 10))  # a request that was on its way for a minute
    assert [what for what, _, _ in standing(small_project)[:3]] == ["keep"] * 3
    undo(small_project, key="tab:2", request=RequestId("tab", 12))
    undo(small_project, key="tab:2", request=RequestId("other tab", 1))  # it is undone already
    assert [what for what, _, _ in standing(small_project)[:3]] == ["keep", "keep", None]


def test_a_large_step_is_undone_in_lots_and_gone_on_with(small_project, monkeypatch):
    monkeypatch.setattr(deciding_undo, "CHUNK", 3)
    decide(small_project.id, "Ada", [Op(1, tuple(small_project.image_ids), "delete")], "tab")
    request = RequestId("tab", 2)
    turn = deciding_undo.undo(small_project.id, "Ada", request=request, within_s=0)
    assert (turn.is_complete, turn.n_changed, turn.step.is_undone) == (False, 3, True)
    assert decisions.waiting(small_project.id).n_delete == 5
    turns = [deciding_undo.undo(small_project.id, "Ada", request=request, within_s=0) for _ in range(3)]
    assert [(turn.is_complete, turn.n_changed) for turn in turns] == [(False, 6), (True, 8), (True, 8)]
    assert decisions.waiting(small_project.id).total == 0
    turn = deciding_undo.redo(small_project.id, "Ada", within_s=0)
    assert decisions.waiting(small_project.id).n_delete == 3
    assert deciding_undo.undo(small_project.id, "Ada").is_complete  # turned round half-way
    assert decisions.waiting(small_project.id).n_delete == 0


def test_steps_are_listed_newest_first_and_the_stack_names_the_next(small_project):
    for number, image_id in enumerate(small_project.image_ids[:3]):
        decide(small_project.id, "Ada", [Op(number, (image_id,), ("keep", "delete", "clear")[number])], "tab")
    deciding_undo.undo(small_project.id, "Ada")
    assert [(step.name, step.is_undone) for step in deciding_undo.list_steps(small_project.id, "Ada")] == [
        ("Take back 1", True), ("Delete 1", False), ("Keep 1", False),
    ]  # fmt: skip
    next_steps = deciding_undo.stack(small_project.id, "Ada")
    assert (next_steps.undo.name, next_steps.redo.name) == ("Delete 1", "Take back 1")
    assert [step.key for step in deciding_undo.list_steps(small_project.id, "Ada", limit=1)] == ["tab:2"]


def test_a_wrong_operation_leaves_no_step(small_project):
    with pytest.raises(decisions.NotFound):
        decide(small_project.id, "Ada", [Op(1, (999,), "keep")], "tab")
    assert deciding_undo.list_steps(small_project.id, "Ada") == []
    with pytest.raises(decisions.BadInput, match="The name of a step can have 100 letters."):
        decide(small_project.id, "Ada", [Op(1, (small_project.image_ids[0],), "keep", step="x" * 101)], "tab")
