"""The ledger as a job: refits on a quick look's own features, from the run before to the run after."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Decision, now
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.errors import BadInput
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import ledger as submit
from curate.review.deciding import apply, decisions
from curate.review.reports.run_comparison import compare_runs
from curate.review.worth import ledger, made_decisions
from tests.factories import train_here
from tests.jobs.work.test_repeats import SPLITS


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: a job in this process."""


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    """48 pictures of noise under two labels, a third of them held out."""
    return make_project([(label, split) for label in ("cats", "dogs") for split in SPLITS])


def decide(project: Any, place: int, action: str, label: str = "", reviewer: str = "Ada") -> None:
    op = decisions.Op(1, (project.image_ids[place],), action, project.label_ids.get(label))
    decisions.decide(project.id, reviewer, [op], client=f"test-{place}-{action}-{label}")


def cleaned(project: Any) -> tuple[runs.RunRow, runs.RunRow]:
    """Six decisions, in two versions, between two quick looks: place 2 is held out, the others are trained on."""
    before = train_here(project.id, PIXELS_LOOK)
    decide(project, 0, "relabel", "dogs")
    decide(project, 2, "relabel", "dogs")
    decide(project, 1, "delete", reviewer="Bea")
    apply.apply(project.id, "Ada")
    decide(project, 3, "keep")
    decide(project, 24, "relabel", "cats")
    decide(project, 0, "relabel", "cats", reviewer="Bea")
    apply.apply(project.id, "Ada")
    with writing() as session:
        for place, decision_id in enumerate(session.scalars(select(Decision.id).order_by(Decision.id)).all()):
            at = now() - timedelta(hours=1) + timedelta(seconds=30 * place)
            session.execute(update(Decision).where(Decision.id == decision_id).values(created_at=at))
    return before, train_here(project.id, PIXELS_LOOK)


def make_ledger(before: runs.RunRow, after: runs.RunRow) -> ledger.Ledger:
    job_id = submit.submit(before, after, "Ada")
    assert submit.submit(before, after, "Ada") == job_id  # one is enough
    run_job(job_id)
    row = rows.find_job(job_id)
    assert row.status == "done", row.message
    made = ledger.read(before, after)
    assert made is not None
    return made


def test_the_ends_of_the_curve_are_the_quick_looks_themselves(project):
    before, after = cleaned(project)
    comparison = compare_runs(before, after).comparison
    made = make_ledger(before, after)
    assert (made.n_decisions, made.n_fitted, made.n_train, made.n_valid) == (6, 5, 32, 16)
    assert made.points[-1].accuracy == comparison.after.accuracy.value
    assert abs(made.points[0].accuracy - comparison.before.accuracy.value) <= 1 / 16  # another projection
    assert made.whole.value == pytest.approx(made.points[-1].accuracy - made.points[0].accuracy)


def test_every_kind_of_part_has_its_number_of_decisions_on_training_pictures(project):
    made = make_ledger(*cleaned(project))
    assert {(part.kind, part.name): part.n for part in made.parts} == {
        ("action", "Relabels"): 3, ("action", "Deletions"): 1, ("version", "2"): 2, ("version", "3"): 3,
        ("reviewer", "Ada"): 3, ("reviewer", "Bea"): 2, ("label", "cats"): 3, ("label", "dogs"): 2,
    }  # fmt: skip


def test_minutes_are_those_of_the_log_without_pauses(project):
    before, after = cleaned(project)
    changes = made_decisions.find_changes(project.id, before.version_number, after.version_number)
    assert [change.action for change in changes] == ["relabel", "relabel", "delete", "keep", "relabel", "relabel"]
    assert [change.label_id for change in changes][2] is None
    # Ada at 0, 30, 90 and 120 s; Bea at 60 and 150 s.
    assert made_decisions.minutes(changes) == pytest.approx([0, 0.5, 0.5, 1.5, 2.0, 3.5], abs=0.01)
    with writing() as session:
        last = max(session.scalars(select(Decision.id)).all())
        session.execute(update(Decision).where(Decision.id == last).values(created_at=now()))
    changes = made_decisions.find_changes(project.id, before.version_number, after.version_number)
    assert made_decisions.minutes(changes)[-1] == pytest.approx(2.0, abs=0.01)  # Bea went to lunch


def test_what_a_restore_changed_is_no_decision_but_counts_in_the_end(project):
    before = train_here(project.id, PIXELS_LOOK)
    decide(project, 0, "relabel", "dogs")
    decide(project, 4, "relabel", "dogs")
    apply.apply(project.id, "Ada")
    apply.restore(project.id, 1, "Ada")
    after = train_here(project.id, PIXELS_LOOK)
    made = make_ledger(before, after)
    assert (made.n_decisions, made.whole.value) == (2, 0.0)


def test_runs_on_the_same_labels_have_no_ledger(project):
    before, after = (train_here(project.id, PIXELS_LOOK) for _ in range(2))
    with pytest.raises(BadInput, match="Run 2 did not learn from newer labels than Run 1"):
        submit.submit(before, after, "Ada")
    with reading() as session:
        assert session.scalars(select(Decision.id)).all() == []


@pytest.mark.parametrize(
    ("accuracies", "n_valid", "sentence"),
    [
        ((0.5, 0.7, 0.9), 400, "The first 1 of 2 decisions brought 80 % of +40.0 points"),
        ((0.5, 0.5, 0.505), 400, "2 decisions moved the accuracy by +0.5 points"),
        ((0.9, 0.7, 0.5), 400, "2 decisions lowered the accuracy by 40.0 points"),
    ],
)
def test_the_sentence_claims_no_more_than_the_interval(accuracies, n_valid, sentence):
    from curate.evaluation.ledger import Point
    from curate.evaluation.paired import paired_interval

    change = np.zeros(n_valid, int)
    n_moved = round((accuracies[-1] - accuracies[0]) * n_valid)
    change[: abs(n_moved)] = np.sign(n_moved)
    points = [Point(n, 4.0 * n, accuracy, (0.4, 0.4, 0.4)) for n, accuracy in enumerate(accuracies)]
    if accuracies[-1] == 0.9:
        points[1] = Point(1, 4.0, 0.83, (0.4, 0.4, 0.4))
    made = ledger.Ledger(1, "pixels at 32 px", 10, n_valid, 2, paired_interval(change), points, [])
    assert made.sentence.startswith(sentence)
    assert ("in 4 minutes; all of them took 8 minutes" in made.sentence) == ("80 %" in made.sentence)
    assert ("cannot be told apart from chance" in made.sentence) == ("+0.5" in made.sentence)
