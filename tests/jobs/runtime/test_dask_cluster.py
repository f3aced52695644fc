"""Trainings go where GPUs are, in a cluster that counts them; elsewhere to the slot for trainings."""

import pytest

from curate.jobs.runtime.dask_cluster import Cluster


def test_without_gpus_a_training_takes_the_slot_for_trainings() -> None:
    with Cluster() as cluster:
        assert cluster._needs("train") == {"train": 1}
        assert cluster._needs("job") == {"job": 1}


def test_in_a_cluster_that_counts_gpus_a_training_takes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Scheduler, SpecCluster, Worker

    off = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    options = {"protocol": "inproc://", "nthreads": 1, "resources": {"GPU": 1, "job": 2}, **off}
    scheduler = {"cls": Scheduler, "options": {"protocol": "inproc://", **off}}
    with SpecCluster(workers={"gpu": {"cls": Worker, "options": options}}, scheduler=scheduler) as named:
        monkeypatch.setenv("CURATE_SCHEDULER", named.scheduler_address)
        with Cluster() as cluster:
            cluster._client.wait_for_workers(1)
            assert cluster._needs("train") == {"GPU": 1}
            assert cluster._needs("job") == {"job": 1}
