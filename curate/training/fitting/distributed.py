"""Training on several GPUs: fastai's own distributed training through `accelerate`, one process for each.

The job's own process is the first of them and the only one that tells, keeps and scores; it starts the others, which
map the same decoded pictures. The batch stays as large as chosen: every process takes its part of it.

    python -m curate.training.fitting.distributed FILE     # one of the others; FILE is what `_write` wrote
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
from curate.training.fitting.task import Pictures, Task, make
from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig

_TASK = "distributed.pt"
_ALIVE_S = 1.0


def n_processes(kind: str) -> int:
    """As many as there are GPUs to be seen; one where there are none."""
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
    """As `schedules.fit`, on all GPUs; a training that goes on after a kill does so on the first of them.

    n: processes, else one for each GPU. Files for the others lie in the learner's folder.
    """
    n = n or n_processes(task.device.kind)
    if n < 2 or n_done or learn.dls.train.bs < 2 * n:
        schedules.fit(learn, task.config, rate, n_done, goes_on)
        return
    with _company(learn, task, pictures, rate, n):
        _fit_together(learn, task.config, rate, n)


class InStep(Callback):
    """Nobody begins a batch or an epoch without the first process: it alone hears that the training is to stop."""

    order = -30

    def __init__(self) -> None:
        super().__init__()
        self.is_first, self.is_told = rank_distrib() == 0, False

    def before_epoch(self) -> None:
        """Ask."""
        self._ask()

    def before_batch(self) -> None:
        """Ask."""
        self._ask()

    def after_cancel_fit(self) -> None:
        """The first one says so; another one that has ended by itself (they see the same figures) hears it out."""
        if self.is_first or not self.is_told:
            self._say(goes_on=False)
        self.is_told = False

    def _ask(self) -> None:
        if not self._say(goes_on=True):
            self.is_told = True
            raise CancelFitException

    def _say(self, goes_on: bool) -> bool:
        word = torch.tensor([int(goes_on)], device=self.learn.dls.device)
        torch.distributed.broadcast(word, 0)
        return bool(word.item())


def _fit_together(learn: Learner, config: TrainConfig, rate: float, n: int) -> None:
    is_cuda, whole = learn.dls.device.type == "cuda", learn.dls.train.bs
    if not is_cuda:  # fastai's own takes the GPU for granted
        DistributedDL._broadcast = _broadcast_on_processor
    learn.dls.train.bs = whole // n
    try:
        with learn.distrib_ctx(sync_bn=is_cuda, cpu=not is_cuda), learn.added_cbs(InStep()):
            schedules.fit(learn, config, rate)
    finally:
        learn.dls.train.bs = whole


def _broadcast_on_processor(loader: DistributedDL, indices: list[int], rank: int) -> list[int]:
    shared = torch.tensor(indices, dtype=torch.int64)
    torch.distributed.broadcast(shared, rank)
    return shared.tolist()


@contextmanager
def _company(learn: Learner, task: Task, pictures: Pictures, rate: float, n: int) -> Iterator[None]:
    """The other processes, started and in the end gone; this one counts as the first of them meanwhile."""
    place = Path(learn.path)
    _write(place / _TASK, task, pictures, place, rate, learn.dls.train.bs)
    addresses = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port()), "WORLD_SIZE": str(n)}
    threads = {"OMP_NUM_THREADS": str(max(1, device.n_cores() // n))}
    seats = [addresses | threads | {"RANK": str(i), "LOCAL_RANK": str(i)} for i in range(n)]
    command = [sys.executable, "-W", "ignore", "-m", __name__, str(place / _TASK)]
    others = [subprocess.Popen(command, env=os.environ | seat) for seat in seats[1:]]
    before, is_over = dict(os.environ), threading.Event()
    os.environ.update(seats[0])
    threading.Thread(target=_end_with, args=(others, is_over), daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
        _leave()
        for name in seats[0]:
            os.environ.pop(name)
        os.environ.update({name: before[name] for name in seats[0] if name in before})
        for other in others:
            other.terminate()
            other.wait()


def _end_with(others: list[subprocess.Popen[bytes]], is_over: threading.Event) -> None:
    """End this process when another has failed: it would wait for it without end, inside the GPU's library."""
    while not is_over.wait(_ALIVE_S):
        if any(other.poll() for other in others):
            time.sleep(_ALIVE_S)
            if not is_over.is_set():
                print("One of the training's processes failed; what it said stands above.", flush=True)
                os._exit(1)


def _leave() -> None:
    from accelerate.state import AcceleratorState

    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    AcceleratorState._reset_state(reset_partial_state=True)  # else a second training would take itself for connected


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _write(path: Path, task: Task, pictures: Pictures, place: Path, rate: float, batch_size: int) -> None:
    assert isinstance(pictures.pixels, np.memmap)  # others see the file; nothing is copied
    rows = (task.labels, task.train_rows, task.valid_rows)
    torch.save(
        {
            "config": task.config.to_json(), "label_names": task.label_names, "rate": rate, "batch_size": batch_size,
            "rows": [torch.from_numpy(np.asarray(each)) for each in rows], "place": str(place),
            "pixels": str(pictures.pixels.filename), "stats": [pictures.mean, pictures.std],
        },
        path,
    )  # fmt: skip


def _take_part(path: Path) -> None:
    """What each of the other processes does."""
    held, rank, n = torch.load(path, weights_only=True), rank_distrib(), int(os.environ["WORLD_SIZE"])
    config = TrainConfig(**held["config"])
    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
    labels, train_rows, valid_rows = (each.numpy() for each in held["rows"])
    task = Task([], labels, train_rows, valid_rows, held["label_names"], config, device.choose(config), Silent())
    pictures = Pictures(np.load(held["pixels"], mmap_mode="r"), *held["stats"])
    learn = make(task, pictures, held["batch_size"], Path(held["place"]))
    set_seed(config.seed + rank, reproducible=True)  # other augmentations than the first one's
    _fit_together(learn, replace(config, batch_size=held["batch_size"]), held["rate"], n)


if __name__ == "__main__":
    _take_part(Path(sys.argv[1]))
