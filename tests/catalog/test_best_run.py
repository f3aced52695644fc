"""Which run a page takes when nobody chose one, and the reason it gives."""

from datetime import UTC, datetime
from typing import Any

import pytest

from curate.catalog import runs
from curate.catalog.best_run import BestRun, best_run, numbered_or_best
from curate.catalog.runs import RunRow
from curate.errors import NotFound
from tests.factories import add_run

AT = datetime(2026, 1, 1, tzinfo=UTC)


def run(
    number: int, accuracy: float | None, version: int = 1, experiment_id: int | None = None, **config: Any
) -> RunRow:
    return RunRow(
        number, 1, number, version, version, None, "done", config, [1, 2], AT, AT, 80, 20, accuracy, "CPU", 1.0, False,
        experiment_id, {},
    )  # fmt: skip


def test_the_most_accurate_run_is_taken_not_the_newest():
    best = best_run([run(2, 0.60), run(1, 0.88)], "answer")
    assert best.run.number == 1
    assert best.reason == "Run 1 was chosen: the most accurate run on version 1."


def test_runs_on_older_labels_are_not_compared():
    best = best_run([run(3, 0.7, version=2), run(2, 0.9), run(1, 0.8)], "answer")
    assert best.run.number == 3
    assert best.reason == "Run 3 was chosen: the only run on version 2."


def test_a_thorough_look_comes_first_for_reviewing_only():
    finished = [run(3, 0.9), run(2, 0.7, thorough=True), run(1, 0.6, thorough=True)]
    assert best_run(finished, "review").run.number == 2
    assert "thorough look" in best_run(finished, "review").reason
    assert best_run(finished, "answer").run.number == 3


def test_of_equal_runs_the_newest_is_taken_and_a_single_one_needs_no_reason():
    assert best_run([run(2, 0.8), run(1, 0.8)], "answer").run.number == 2
    assert best_run([run(1, None)], "review").reason == ""


def test_an_experiments_runs_do_not_stand_in_for_the_projects_own():
    assert best_run([run(1, 0.5), run(2, 0.9, experiment_id=1)], "answer").run.number == 1
    assert best_run([run(2, 0.9, experiment_id=1)], "answer").run.number == 2


GOOD = [(0.9, 0.1)] * 3 + [(0.1, 0.9)] * 3
POOR = [(0.1, 0.9)] * 3 + [(0.1, 0.9)] * 3  # half of the validation images are wrong


def test_a_number_overrules_the_best_and_a_project_without_runs_raises(make_project):
    four = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")])
    with pytest.raises(NotFound, match="no finished run"):
        numbered_or_best(four.id, None, "answer")
    good, poor = add_run(four.id, GOOD), add_run(four.id, POOR)
    best = numbered_or_best(four.id, None, "answer")
    assert (best.run.id, best.reason) == (good, "Run 1 was chosen: the most accurate run on version 1.")
    assert numbered_or_best(four.id, 2, "answer") == BestRun(runs.find_run(poor), "")
