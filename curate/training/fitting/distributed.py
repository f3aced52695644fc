"""Training on several GPUs: fastai's distributed training through `accelerate`, one process per GPU.

The job's process is the first one; only it reports, writes checkpoints and scores. It starts the others, which map the
same decoded pictures. The batch size stays as chosen: every process takes its part of a batch.

    python -m curate.training.fitting.distributed FILE     # another process; `_write` writes FILE
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.distributed import DistributedDL
from fastai.learner import Learner
from fastai.torch_core import rank_distrib, set_seed

from curate.training.fitting import device, schedules
from curate.training.fitting.frozen_features import GoesOn
from curate.training.fitting.task import Pictures, Task, make_task_learner
from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig

_TASK = "distributed.pt"
_ALIVE_S = 1.0


def n_processes(kind: str) -> int:
    """Returns the number of visible GPUs; 1 without any."""
    return torch.cuda.device_count() if kind == "cuda" else 1


def fit(
    learn: Learner,
    task: Task,
    pictures: Pictures,
    rate: float,
    n_done: int = 0,
    n: int | None = None,
    goes_on: GoesOn = lambda n, of: True,
) -> None:
    """Does what `schedules.fit` does, on all GPUs; a resumed training continues on the first one only.

    n: processes; None = one per GPU. Files for the others are in the learner's folder.
    """
    n = n or n_processes(task.device.kind)
    if n < 2 or n_done or learn.dls.train.bs < 2 * n:
        schedules.fit(learn, task.config, rate, n_done, goes_on)
        return
    with _other_processes(learn, task, pictures, rate, n):
        _fit_together(learn, task.config, rate, n)


class StopTogether(Callback):
    """Stops all processes at the same batch or epoch: only the first one receives the request to stop."""

    order = -30

    def __init__(self) -> None:
        super().__init__()
        self.is_first, self.has_heard_stop = rank_distrib() == 0, False

    def before_epoch(self) -> None:
        """Stop if the first process does."""
        self._stop_with_first()

    def before_batch(self) -> None:
        """Stop if the first process does."""
        self._stop_with_first()

    def after_cancel_fit(self) -> None:
        """Broadcast the stop in the first process; receive it in another that has ended by itself."""
        if self.is_first or not self.has_heard_stop:
            self._broadcast(goes_on=False)
        self.has_heard_stop = False

    def _stop_with_first(self) -> None:
        if not self._broadcast(goes_on=True):
            self.has_heard_stop = True
            raise CancelFitException

    def _broadcast(self, goes_on: bool) -> bool:
        word = torch.tensor([int(goes_on)], device=self.learn.dls.device)
        torch.distributed.broadcast(word, 0)
        return bool(word.item())


def _fit_together(learn: Learner, config: TrainConfig, rate: float, n: int) -> None:
    is_cuda, whole = learn.dls.device.type == "cuda", learn.dls.train.bs
    if not is_cuda:  # fastai's own assumes a GPU
        DistributedDL._broadcast = _broadcast_on_processor
    learn.dls.train.bs = whole // n
    try:
        with learn.distrib_ctx(sync_bn=is_cuda, cpu=not is_cuda), learn.added_cbs(StopTogether()):
            schedules.fit(learn, config, rate)
    finally:
        learn.dls.train.bs = whole


def _broadcast_on_processor(loader: DistributedDL, indices: list[int], rank: int) -> list[int]:
    shared = torch.tensor(indices, dtype=torch.int64)
    torch.distributed.broadcast(shared, rank)
    return shared.tolist()


@contextmanager
def _other_processes(learn: Learner, task: Task, pictures: Pictures, rate: float, n: int) -> Iterator[None]:
    """Starts the other processes and ends them after the block; this one is the first of them."""
    place = Path(learn.path)
    _write(place / _TASK, task, pictures, place, rate, learn.dls.train.bs)
    addresses = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port()), "WORLD_SIZE": str(n)}
    threads = {"OMP_NUM_THREADS": str(max(1, device.n_cores() // n))}
    seats = [addresses | threads | {"RANK": str(i), "LOCAL_RANK": str(i)} for i in range(n)]
    command = [sys.executable, "-W", "ignore", "-m", __name__, str(place / _TASK)]
    others = [subprocess.Popen(command, env=os.environ | seat) for seat in seats[1:]]
    before, is_over = dict(os.environ), threading.Event()
    os.environ.update(seats[0])
    threading.Thread(target=_exit_with_others, args=(others, is_over), daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
        _disconnect()
        for name in seats[0]:
            os.environ.pop(name)
        os.environ.update({name: before[name] for name in seats[0] if name in before})
        for other in others:
            other.terminate()
            other.wait()


def _exit_with_others(others: list[subprocess.Popen[bytes]], is_over: threading.Event) -> None:
    """End this process when another has failed: it would wait for ever, inside the GPU's library."""
    while not is_over.wait(_ALIVE_S):
        if any(other.poll() for other in others):
            time.sleep(_ALIVE_S)
            if not is_over.is_set():
                print("One of the training's processes failed; its message stands above.", flush=True)
                os._exit(1)


def _disconnect() -> None:
    from accelerate.state import AcceleratorState

    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    AcceleratorState._reset_state(reset_partial_state=True)  # else a second training would seem connected already


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _write(path: Path, task: Task, pictures: Pictures, place: Path, rate: float, batch_size: int) -> None:
    assert isinstance(pictures.pixels, np.memmap)  # the others map the same file
    rows = (task.labels, task.train_rows, task.valid_rows)
    torch.save(
        {
            "config": task.config.to_json(), "label_names": task.label_names, "rate": rate, "batch_size": batch_size,
            "rows": [torch.from_numpy(np.asarray(each)) for each in rows], "place": str(place),
            "pixels": str(pictures.pixels.filename), "stats": [pictures.mean, pictures.std],
        },
        path,
    )  # fmt: skip


def _run_other(path: Path) -> None:
    """Train in one of the other processes."""
    held, rank, n = torch.load(path, weights_only=True), rank_distrib(), int(os.environ["WORLD_SIZE"])
    config = TrainConfig(**held["config"])
    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
    labels, train_rows, valid_rows = (each.numpy() for each in held["rows"])
    task = Task([], labels, train_rows, valid_rows, held["label_names"], config, device.choose(config), Silent())
    pictures = Pictures(np.load(held["pixels"], mmap_mode="r"), *held["stats"])
    learn = make_task_learner(task, pictures, held["batch_size"], Path(held["place"]))
    set_seed(config.seed + rank, reproducible=True)  # augmentations different from the first process's
    _fit_together(learn, replace(config, batch_size=held["batch_size"]), held["rate"], n)


if __name__ == "__main__":
    _run_other(Path(sys.argv[1]))
