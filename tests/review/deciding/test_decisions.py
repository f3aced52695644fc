"""Decisions: stored once each, newest stands, and nothing half when something is wrong."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from curate.catalog import database, images, projects
from curate.errors import BadInput, NotFound
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions
from curate.review.deciding.decisions import MAX_IMAGES, Change, Op, Waiting


def standing(image_id: int) -> tuple[str | None, int | None, str | None]:
    (row,) = images.image_rows([image_id])
    return row.decision, row.decision_label_id, row.decided_by


def log(project_id: int) -> list[Change]:
    return decisions.changes_since(project_id, 0)[0]


def test_the_newest_decision_on_an_image_stands(small_project):
    image_id, dogs = small_project.image_ids[0], small_project.label_ids["dogs"]
    decisions.decide(small_project.id, "Ada", [Op(1, (image_id,), "keep")], "a")
    assert standing(image_id) == ("keep", None, "Ada")
    decisions.decide(small_project.id, " Bo ", [Op(1, (image_id,), "relabel", dogs)], "b")
    assert standing(image_id) == ("relabel", dogs, "Bo")
    decisions.decide(small_project.id, "Ada", [Op(2, (image_id,), "delete")], "a")
    assert standing(image_id) == ("delete", None, "Ada")
    assert [(change.action, change.reviewer) for change in log(small_project.id)] == [
        ("keep", "Ada"), ("relabel", "Bo"), ("delete", "Ada"),
    ]  # fmt: skip


def test_taking_a_decision_back_is_one_more_row(small_project):
    image_id = small_project.image_ids[0]
    decisions.decide(small_project.id, "Ada", [Op(1, (image_id,), "delete"), Op(2, (image_id,), "clear")], "a")
    assert standing(image_id) == (None, None, None)
    assert [change.action for change in log(small_project.id)] == ["delete", "clear"]
    assert decisions.waiting(small_project.id).total == 0


def test_sending_the_same_numbers_again_changes_nothing(small_project):
    first, second = small_project.image_ids[:2]
    ops = [Op(1, (first, second), "delete"), Op(2, (second,), "keep")]
    revision = decisions.decide(small_project.id, "Ada", ops, "a")
    assert decisions.decide(small_project.id, "Ada", ops, "a") == revision
    assert decisions.decide(small_project.id, "Ada", ops[:1], "a") == revision
    assert (standing(first)[0], standing(second)[0]) == ("delete", "keep")
    assert len(log(small_project.id)) == 3
    assert decisions.decide(small_project.id, "Ada", ops[:1], "another client") == revision + 2


def test_the_same_number_again_after_an_apply_changes_nothing(small_project):
    image_id = small_project.image_ids[0]
    ops = [Op(1, (image_id,), "delete")]
    revision = decisions.decide(small_project.id, "Ada", ops, "a")
    applying.apply(small_project.id, "Ada")
    assert decisions.decide(small_project.id, "Ada", ops, "a") == revision  # its image is in the bin by now
    assert standing(image_id) == (None, None, None)


def test_several_threads_that_send_the_same_are_counted_once(small_project):
    ops = [Op(n, (image_id,), "keep") for n, image_id in enumerate(small_project.image_ids)]
    threads = [
        threading.Thread(target=decisions.decide, args=(small_project.id, "Ada", ops, "one client")) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log(small_project.id)) == len(small_project.image_ids)


def test_a_relabel_to_the_label_an_image_has_is_a_keep(small_project):
    cat, dog = small_project.image_ids[0], small_project.image_ids[4]
    decisions.decide(small_project.id, "Ada", [Op(1, (cat, dog), "relabel", small_project.label_ids["cats"])], "a")
    assert standing(cat) == ("keep", None, "Ada")
    assert standing(dog) == ("relabel", small_project.label_ids["cats"], "Ada")


def test_an_image_named_twice_is_decided_once(small_project):
    image_id = small_project.image_ids[0]
    decisions.decide(small_project.id, "Ada", [Op(1, (image_id, image_id), "keep")], "a")
    assert len(log(small_project.id)) == 1


def test_many_images_in_one_operation_are_all_decided(make_project):
    made = make_project([("cats", "train")] * 603)
    decisions.decide(made.id, "Ada", [Op(1, tuple(made.image_ids), "keep")], "a")
    assert decisions.waiting(made.id).n_keep == 603
    assert len(decisions.changes_since(made.id, 0, limit=1_000)[0]) == 603


@pytest.mark.parametrize(
    ("op", "sentence"),
    [
        (Op(1, (1,), "burn"), "A decision is keep, delete, relabel or clear, not 'burn'."),
        (Op(1, (1,), "x" * 99), "A decision is keep, delete, relabel or clear, not 'xxxxxxxxxx"),
        (Op(1, (), "keep"), "One decision can name 1 to 10,000 images; this one names 0."),
        (
            Op(1, tuple(range(MAX_IMAGES + 1)), "keep"),
            "One decision can name 1 to 10,000 images; this one names 10,001.",
        ),
        (Op(1, (1,), "relabel"), "A relabel names the new label; other decisions name none."),
        (Op(1, (1,), "keep", 1), "A relabel names the new label; other decisions name none."),
    ],
)
def test_what_is_no_decision_is_refused_in_a_sentence(small_project, op, sentence):
    with pytest.raises(BadInput) as caught:
        decisions.decide(small_project.id, "Ada", [op], "a")
    assert str(caught.value).startswith(sentence)
    assert log(small_project.id) == []


def test_labels_images_and_projects_must_belong_together(small_project, make_project):
    other = make_project([("mice", "train")], name="other", seed=1)
    for op, sentence in (
        (
            Op(1, (small_project.image_ids[0],), "relabel", other.label_ids["mice"]),
            "The project has no label with number",
        ),
        (Op(1, (small_project.image_ids[0],), "relabel", 999), "The project has no label with number 999."),
        (Op(1, (other.image_ids[0],), "keep"), "is not among the project's images"),
        (Op(1, (-1,), "keep"), "Image -1 is not among the project's images"),
    ):
        with pytest.raises(NotFound, match=sentence):
            decisions.decide(small_project.id, "Ada", [op], "a")
    with pytest.raises(NotFound, match="There is no project 99."):
        decisions.decide(99, "Ada", [Op(1, (1,), "keep")], "a")
    with pytest.raises(BadInput, match="A reviewer needs a name."):
        decisions.decide(small_project.id, " ", [Op(1, (small_project.image_ids[0],), "keep")], "a")


def test_one_wrong_operation_takes_all_of_its_request_back(small_project):
    good, bad = Op(1, (small_project.image_ids[0],), "delete"), Op(2, (999,), "delete")
    with pytest.raises(NotFound):
        decisions.decide(small_project.id, "Ada", [good, bad], "a")
    assert standing(small_project.image_ids[0]) == (None, None, None)
    assert decisions.revision(small_project.id) == 0


def test_images_in_the_bin_take_no_decisions(small_project):
    image_id = small_project.image_ids[0]
    decisions.decide(small_project.id, "Ada", [Op(1, (image_id,), "delete")], "a")
    applying.apply(small_project.id, "Ada")
    with pytest.raises(NotFound, match="Reload the page|any more"):
        decisions.decide(small_project.id, "Ada", [Op(2, (image_id,), "keep")], "a")


def test_hostile_reviewers_and_clients_are_only_words(small_project):
    name = "Robert'); DROP TABLE decision;-- <b>*x*</b> 🐈"
    decisions.decide(small_project.id, name, [Op(1, (small_project.image_ids[0],), "keep")], name[:64])
    assert log(small_project.id)[0].reviewer == name
    assert decisions.waiting(small_project.id).by_reviewer == {name: 1}


def test_revisions_grow_and_changes_are_told_from_any_of_them_on(small_project, make_project):
    other = make_project([("mice", "train")], name="other", seed=1)
    a, b = small_project.image_ids[:2]
    first = decisions.decide(small_project.id, "Ada", [Op(1, (a,), "keep")], "a")
    decisions.decide(other.id, "Bo", [Op(1, (other.image_ids[0],), "keep")], "b")
    second = decisions.decide(small_project.id, "Bo", [Op(2, (b,), "delete")], "b")
    assert first < second == decisions.revision(small_project.id)
    assert [(c.image_id, c.reviewer) for c in decisions.changes_since(small_project.id, first)[0]] == [(b, "Bo")]
    assert len(decisions.changes_since(small_project.id, 0, limit=1)[0]) == 1
    assert decisions.changes_since(small_project.id, second)[0] == []


def test_what_waits_is_counted_by_move_and_by_reviewer(small_project):
    cats, dogs = small_project.label_ids.values()
    mice = projects.add_label(small_project.id, "mice")
    c1, c2, c3, c4, d1, d2, d3, d4 = small_project.image_ids
    relabels = [Op(1, (c1, c2), "relabel", dogs), Op(2, (c3,), "relabel", mice)]
    decisions.decide(small_project.id, "Ada", [*relabels, Op(3, (d1,), "delete"), Op(4, (c4,), "keep")], "a")
    decisions.decide(
        small_project.id, "Bo", [Op(1, (d2, d3), "delete"), Op(2, (d4,), "keep"), Op(3, (d4,), "clear")], "b"
    )
    waits = decisions.waiting(small_project.id)
    assert waits == Waiting(1, 3, [(cats, dogs, 2), (cats, mice, 1)], {"Ada": 5, "Bo": 2})
    assert (waits.n_relabel, waits.total) == (3, 7)


KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.orm import Session
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op

project_id, image_id = map(int, sys.argv[1:])
decisions.decide(project_id, "Ada", [Op(1, (image_id,), "delete")], "a")
print("acknowledged", flush=True)
event.listen(Session, "before_commit", lambda session: os.kill(os.getpid(), signal.SIGKILL))
decisions.decide(project_id, "Ada", [Op(2, (image_id,), "keep")], "a")
"""


def test_a_killed_process_loses_nothing_that_was_acknowledged_and_keeps_nothing_half(small_project):
    database.engine().dispose()
    image_id = small_project.image_ids[0]
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(small_project.id), str(image_id)],
        cwd=Path(__file__).parents[3], env=os.environ, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (process.returncode, process.stdout) == (-signal.SIGKILL, "acknowledged\n")
    assert [change.action for change in log(small_project.id)] == ["delete"]
    assert standing(image_id) == ("delete", None, "Ada")
    decisions.decide(small_project.id, "Ada", [Op(2, (image_id,), "keep")], "a")  # the browser sends it again
    assert standing(image_id)[0] == "keep"
