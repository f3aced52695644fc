"""Runs: what they learn from, their epochs and scores."""

import numpy as np
import pytest
from sqlalchemy import select

from curate import store
from curate.catalog import database, runs
from curate.catalog.tables.core import Score
from curate.errors import BadInput, NotFound
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op


def finished(project_id: int, probabilities: list[list[float]], job_id: int | None = None) -> int:
    chosen = runs.training_set(project_id)
    probs = np.array(probabilities, np.float32)
    run_id = runs.create_run(project_id, {"epochs": 1}, chosen, job_id)
    np.save(store.run_folder(run_id) / "probabilities.npy", probs)
    losses = -np.log(probs[np.arange(len(probs)), chosen.labels])
    runs.finish_run(run_id, chosen, losses, probs, {"device": "CPU", "seconds": 1.5})
    return run_id


@pytest.fixture
def four(make_project):
    """cats: two to train on, one held out; dogs likewise."""
    return make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")])


PROBABILITIES = [[0.9, 0.1], [0.5, 0.5], [0.25, 0.75], [0.1, 0.9], [0.8, 0.2], [0.0625, 0.9375]]


def test_a_training_set_is_the_active_images_with_label_positions(four):
    chosen = runs.training_set(four.id)
    assert chosen.image_ids.tolist() == four.image_ids
    assert chosen.shas == four.shas
    assert chosen.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert chosen.is_valid.tolist() == [False, False, True] * 2
    assert (chosen.label_names, chosen.label_ids) == (["cats", "dogs"], list(four.label_ids.values()))


def test_images_in_the_bin_and_labels_without_images_are_not_learnt_from(make_project):
    made = make_project(
        [("ants", "train")] + [(label, "train") for label in ("cats", "dogs")] * 2 + [("cats", "valid")]
    )
    decisions.decide(made.id, "Ada", [Op(1, (made.image_ids[0],), "delete")], "c")
    applying.apply(made.id, "Ada")
    chosen = runs.training_set(made.id)
    assert chosen.image_ids.tolist() == made.image_ids[1:]
    assert chosen.label_names == ["cats", "dogs"]


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([("cats", "train")] * 3, "Training needs at least two labels with images."),
        ([("cats", "train")] * 2 + [("dogs", "train"), ("dogs", "valid")],
            "`dogs` has 1 images to train on; training needs at least 2 of each label."),
        ([("cats", "train"), ("dogs", "train")] * 2, "No image is held out for validation."),
    ],
)  # fmt: skip
def test_too_little_to_train_on_is_said_with_the_label_and_the_number(make_project, entries, sentence):
    made = make_project(entries)
    with pytest.raises(BadInput) as caught:
        runs.training_set(made.id)
    assert str(caught.value) == sentence


def test_a_finished_run_has_a_score_for_every_image(four):
    run_id = finished(four.id, PROBABILITIES)
    run = runs.find_run(run_id)
    assert (run.name, run.status, run.n_train, run.n_valid, run.accuracy) == ("Run 1", "done", 4, 2, 0.5)
    assert (run.device, run.seconds, run.version_number) == ("CPU", 1.5, 1)
    result = runs.scores(run_id)
    cats, dogs = four.label_ids.values()
    assert result.image_ids.tolist() == four.image_ids
    assert result.predicted_ids.tolist() == [cats, cats, dogs, dogs, cats, dogs]
    assert result.losses == pytest.approx(-np.log([0.9, 0.5, 0.25, 0.9, 0.2, 0.9375]), abs=1e-6)
    assert result.is_valid.tolist() == [False, False, True] * 2
    assert result.probabilities == pytest.approx(np.array(PROBABILITIES), abs=1e-6)
    cells = runs.cell_counts(run_id, "valid")
    assert cells.to_numpy().tolist() == [[cats, dogs, 1], [dogs, dogs, 1]]
    assert runs.cell_counts(run_id)["n"].sum() == 6


def test_the_epoch_table_comes_back_in_order(four):
    run_id = runs.create_run(four.id, {}, runs.training_set(four.id), None)
    for epoch in (1, 0):
        runs.add_epoch(run_id, {"epoch": epoch, "phase": "frozen", "train_loss": 0.5, "valid_loss": None,
                                "accuracy": 0.75, "error_rate": 0.25, "seconds": 2.0})  # fmt: skip
    table = runs.epochs(run_id)
    assert table["epoch"].tolist() == [0, 1]
    assert table["valid_loss"].isna().all()
    assert runs.epochs(999).empty


def test_runs_are_numbered_and_found_by_number_and_job(four):
    first = finished(four.id, PROBABILITIES)
    unfinished = runs.create_run(four.id, {}, runs.training_set(four.id), job_id=5)
    assert [run.id for run in runs.list_runs(four.id)] == [unfinished, first]
    assert [run.id for run in runs.list_runs(four.id, only_done=True)] == [first]
    assert runs.numbered_run(four.id, None).id == runs.numbered_run(four.id, 1).id == first
    with pytest.raises(NotFound, match="The project has no finished run 2."):
        runs.numbered_run(four.id, 2)
    result = runs.run_of_job(5)
    assert result is not None
    assert result.id == unfinished
    assert runs.run_of_job(6) is None


def test_runs_that_are_not_there_are_said(four):
    with pytest.raises(NotFound, match="There is no run 9."):
        runs.find_run(9)
    with pytest.raises(NotFound, match="The project has no finished run."):
        runs.numbered_run(four.id, None)


def test_todays_labels_follow_what_was_applied(four):
    cats, dogs = four.label_ids.values()
    a, b, c, *_ = four.image_ids
    decisions.decide(four.id, "Ada", [Op(1, (a,), "relabel", dogs), Op(2, (b,), "delete")], "c")
    applying.apply(four.id, "Ada")
    labels, is_active = runs.todays_labels(np.array([c, b, a, 999]))
    assert labels.tolist() == [cats, cats, dogs, 0]
    assert is_active.tolist() == [True, False, True, False]
    labels, is_active = runs.todays_labels(np.array([], np.int64))
    assert (len(labels), len(is_active)) == (0, 0)


def test_doubts_are_stored_beside_the_scores_by_label_id(four):
    chosen = runs.training_set(four.id)
    run_id = runs.create_run(four.id, {"epochs": 1}, chosen, None)
    probs = np.array(PROBABILITIES, np.float32)
    yes_and_no = np.array([True, False, False, False, False, False])
    doubts = runs.Doubts(
        np.linspace(0, 1, 6), np.array([-1, 1, -1, 0, -1, -1]), np.full(6, 0.5), yes_and_no, np.zeros(6), ~yes_and_no
    )
    everything = np.ones(6, bool)
    runs.finish_run(run_id, chosen, -np.log(probs[:, 0]), probs, {"facts": {"resumed_after": 2}}, everything, doubts)
    with database.reading() as session:
        rows = session.scalars(select(Score).where(Score.run_id == run_id).order_by(Score.row)).all()
    assert [row.doubt for row in rows] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    cats, dogs = four.label_ids.values()
    assert [row.suggested_id for row in rows] == [None, dogs, None, cats, None, None]
    assert [row.suggests_delete for row in rows] == yes_and_no.tolist()
    assert [row.asks_again for row in rows] == (~yes_and_no).tolist()
    assert all(row.held_out for row in rows)
    assert sorted(row.shuffle for row in rows) == [0, 1, 2, 3, 4, 5]
    assert runs.find_run(run_id).facts == {"resumed_after": 2}
