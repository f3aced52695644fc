import csv
import io
import json
from collections.abc import Callable

import numpy as np
import pytest

from curate import store
from curate.catalog import runs
from curate.evaluation import difference_interval
from curate.evaluation.checked_flips import CheckedFlips
from curate.review.reports import comparison_files
from curate.review.reports.run_comparison import Report, compare_runs


@pytest.fixture
def report(make_project: Callable) -> Report:
    """Two held-out pictures, one of each label; the second run puts the first of them right."""
    project = make_project([(label, split) for label in ("=cats()", "dogs") for split in ("train", "train", "valid")])
    before = _finish(project.id, [(0.25, 0.75), (0.0, 1.0)])
    after = _finish(project.id, [(0.75, 0.25), (0.0, 1.0)])
    return compare_runs(runs.find_run(before), runs.find_run(after))


def _finish(project_id: int, valid: list[tuple[float, float]]) -> int:
    chosen = runs.training_set(project_id)
    probs = np.full((6, 2), 0.5, np.float32)
    probs[[2, 5]] = valid
    run_id = runs.create_run(project_id, {"epochs": 1}, chosen, None)
    np.save(store.run_folder(run_id) / "probabilities.npy", probs)
    runs.finish_run(run_id, chosen, -np.log(probs[np.arange(6), chosen.labels]), probs, {})
    return run_id


def test_the_report_as_json_holds_what_the_page_shows(report):
    content = json.loads(comparison_files.as_json(report))
    assert content["label_source"] == "today"
    assert (content["n"], content["n_fixed"], content["n_broken"]) == (2, 1, 0)
    assert (content["before"]["accuracy"]["value"], content["after"]["accuracy"]["value"]) == (0.5, 1.0)
    assert content["before"]["matrix"] == [[0, 1], [0, 1]]
    assert content["label_names"] == ["=cats()", "dogs"]
    assert content["labels"][0]["precision_before"] is None  # nothing was taken for a cat
    (flip,) = content["flips"]
    assert (flip["file"], flip["label"], flip["before"], flip["after"], flip["kind"], flip["p_before"]) == (
        "2.png", "=cats()", "dogs", "=cats()", "fixed", 0.25,
    )  # fmt: skip


def test_the_blind_check_is_in_the_json_with_its_difference_once_it_is_done(report):
    assert json.loads(comparison_files.as_json(report))["checked_flips"] is None
    open_one = json.loads(comparison_files.as_json(report, CheckedFlips(20, 4, 2, 0, 1)))["checked_flips"]
    assert (open_one["bounds"], open_one["difference"], open_one["n_neither"]) == ([0.05, 0.15], None, 1)
    done = json.loads(comparison_files.as_json(report, CheckedFlips(20, 3, 2, 0, 1)))["checked_flips"]
    assert done["difference"]["low"] == pytest.approx(difference_interval(2, 0, 20).low)
    assert done["probability_better"] == pytest.approx(7 / 8)  # Beta(3, 1)


def test_flips_as_csv_hold_no_formula(report):
    (row,) = csv.DictReader(io.StringIO(comparison_files.flips_csv(report)))
    assert list(row) == list(comparison_files.FLIP_COLUMNS)
    assert (row["file"], row["label"], row["before"], row["p_after"]) == ("2.png", "'=cats()", "dogs", "0.75")
