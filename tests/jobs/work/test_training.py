"""Trainings as jobs: killed and gone on with, tried again, stopped, and what they leave behind."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from curate import jobs, store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.catalog.database import writing
from curate.catalog.tables.core import Run, now
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.runtime.job_process import run_job
from curate.jobs.runtime.worker import environment, run_in_process
from curate.jobs.submit import learning_rate
from curate.training.settings.config import TrainConfig

CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=16, epochs=3, batch_size=8, learning_rate=1e-3,
    precision="float32", augment="light",
)  # fmt: skip


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: what happens to rows when a process dies is tested on both databases in test_recovery."""


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    """24 pictures of noise under two labels, a third of them held out."""
    return make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 4])


def submit(project_id: int, **settings: Any) -> int:
    config = CONFIG.to_json() | settings
    return jobs.enqueue("train", project_id, {"config": config}, "Train small_cnn", "Ada")


def pid_of(job_id: int) -> int | None:
    """The process of a job that a worker has started."""
    wanted = f"curate\0job\0{job_id}\0".encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().endswith(wanted):
                return int(path.parent.name)
        except OSError:  # it ended meanwhile
            continue
    return None


def epochs_of(run_id: int) -> list[tuple[object, ...]]:
    columns = ["epoch", "phase", "train_loss", "valid_loss", "accuracy", "learning_rate"]
    return list(runs.epochs(run_id)[columns].itertuples(index=False, name=None))


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are found through /proc")
def test_a_training_killed_between_epochs_goes_on_by_itself_to_the_same_result(
    project: Any, wait_until: Callable[..., None]
) -> None:
    whole = submit(project.id, epochs=40)
    run_job(whole)
    expected = runs.run_of_job(whole)
    job_id = submit(project.id, epochs=40)
    watcher = threading.Thread(target=run_in_process, args=(job_id, environment()))
    watcher.start()
    wait_until(lambda: runs.run_of_job(job_id), 300)  # importing fastai takes a minute on a busy machine
    run_id = runs.run_of_job(job_id).id
    checkpoint = store.run_folder(run_id) / "checkpoint.pt"
    wait_until(checkpoint.exists, 300)
    os.kill(pid_of(job_id), signal.SIGKILL)
    watcher.join(300)
    job, run = jobs.find_job(job_id), runs.find_run(run_id)
    assert (job.status, job.result["run_id"], run.status) == ("done", run_id, "done")
    assert job.message.startswith("The training process ended without a word (killed by signal 9")
    assert job.message.endswith("It was started again.")
    (note,) = run.facts["notes"]
    assert note.startswith("Resumed after epoch ") and note.endswith(", when the process had ended.")
    assert epochs_of(run_id) == epochs_of(expected.id)
    assert np.array_equal(runs.scores(run_id).probabilities, runs.scores(expected.id).probabilities)
    left = {path.name for path in store.run_folder(run_id).iterdir()}
    assert "model.safetensors" in left and left.isdisjoint({"checkpoint.pt", "checkpoint.new", "scratch"})
    assert [each.id for each in runs.list_runs(project.id)] == [run_id, expected.id]


@pytest.fixture
def broken_in_epoch_3(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The third epoch of every training fails for want of disk space; calling it mends that."""
    from fastai.learner import Learner

    from curate.training.fitting.checkpoints import Pauses

    compute, is_broken = Learner._do_one_batch, [True]

    def failing(learn: Learner) -> None:
        if learn.training and learn.epoch == 2 and is_broken[0]:
            raise OSError(28, "No space left on device")
        compute(learn)

    monkeypatch.setattr(Pauses, "SHARE", 1e9)
    monkeypatch.setattr(Learner, "_do_one_batch", failing)
    return lambda: is_broken.__setitem__(0, False)


def test_trying_a_failed_training_again_goes_on_with_its_run(
    project: Any, broken_in_epoch_3: Callable[[], None]
) -> None:
    failed = submit(project.id)
    run_job(failed)
    first = runs.run_of_job(failed)
    assert (jobs.find_job(failed).status, first.status) == ("failed", "failed")
    assert "disk is full" in jobs.find_job(failed).message
    broken_in_epoch_3()
    again = jobs.retry(failed)
    run_job(again)
    run = runs.run_of_job(again)
    assert (run.id, run.status, run.job_id) == (first.id, "done", again)
    assert run.facts["notes"] == ["Resumed after epoch 2, when the process had ended."]
    assert [row[0] for row in epochs_of(run.id)] == [1, 2, 3]
    assert len(runs.list_runs(project.id)) == 1


def test_with_other_settings_or_labels_a_new_run_begins(
    project: Any, make_project: Callable[..., Any], broken_in_epoch_3: Callable[[], None]
) -> None:
    failed = submit(project.id)
    run_job(failed)
    first = runs.run_of_job(failed)
    broken_in_epoch_3()
    other = jobs.enqueue("train", project.id, {"config": CONFIG.to_json() | {"seed": 1}, "continues": failed})
    run_job(other)
    run = runs.run_of_job(other)
    assert run.id != first.id and run.facts["notes"] == []
    assert runs.find_run(first.id).status == "failed"


def test_a_training_whose_run_was_finished_already_is_not_trained_again(project: Any) -> None:
    whole = submit(project.id, epochs=1)
    run_job(whole)
    again = jobs.enqueue("train", project.id, {"config": CONFIG.to_json(), "continues": whole})
    run_job(again)
    assert jobs.find_job(again).result == jobs.find_job(whole).result
    assert len(runs.list_runs(project.id)) == 1


def test_after_a_week_nothing_is_left_of_a_failed_training(project: Any, broken_in_epoch_3: Callable[[], None]) -> None:
    failed = submit(project.id)
    run_job(failed)
    run = runs.run_of_job(failed)
    folder = store.run_folder(run.id)
    (folder / "scratch").mkdir()
    broken_in_epoch_3()
    run_job(submit(project.id, epochs=1))
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.pt"]
    with writing() as session:
        session.execute(update(Run).where(Run.id == run.id).values(finished_at=now() - timedelta(days=8)))
    run_job(submit(project.id, epochs=1))
    assert not folder.exists()


def started(job_id: int, cancel: str) -> JobContext:
    """A running job's context, with what somebody has asked of it."""
    rows.start(job_id)
    context = JobContext(jobs.find_job(job_id))
    context.cancel = cancel
    return context


def test_stopped_after_an_epoch_it_is_scored_and_says_where_the_time_went(project: Any) -> None:
    from curate.jobs.work import training

    job_id = submit(project.id)
    result = training.run(started(job_id, "epoch"))
    run = runs.find_run(result["run_id"])
    assert (run.status, run.stopped_early) == ("done", True)
    assert [row[0] for row in epochs_of(run.id)] == [1]
    table = runs.epochs(run.id)
    assert (table["images_per_s"] > 0).all() and (table["memory_mb"] > 0).all()
    assert {"importing", "preparing", "finding", "unfrozen", "scoring", "saving"} <= set(run.facts["seconds"])
    assert run.facts["batch_size"] == 8 and run.facts["overfits_since"] is None


def test_thrown_away_it_leaves_nothing(project: Any) -> None:
    from curate.jobs.work import training

    job_id = submit(project.id)
    with pytest.raises(Cancelled):
        training.run(started(job_id, "discard"))
    assert list((store.run_folder(1).parent).iterdir()) == [store.run_folder(1)]
    assert list(store.run_folder(1).iterdir()) == []


def test_the_search_for_a_learning_rate_is_found_by_the_page(project: Any) -> None:
    assert learning_rate.newest(project.id) is None
    job_id = learning_rate.submit(project.id, CONFIG, "Ada")
    run_job(job_id)
    finder_result = learning_rate.newest(project.id)
    assert (finder_result.job_id, finder_result.config) == (job_id, CONFIG)
    assert len(finder_result.rates) == len(finder_result.losses) > 50
    assert set(finder_result.suggestions) == {"valley", "steep", "minimum", "slide"}
    assert list(store.job_folder(job_id).iterdir()) == []
