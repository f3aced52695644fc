"""Chooses the device of a training: CPU or GPU, number of threads, precision."""

from dataclasses import dataclass

import torch

from curate import heaps
from curate.cores import n_cores
from curate.training.networks import architectures
from curate.training.settings.config import TrainConfig

# Threads synchronise hundreds of times per step and wait for the one that has no core. Three epochs of the sample
# (work 13,000 a step) take 5.5 s with one thread and 5.7 s with two. Beside a busy program on the same two cores they
# take 5.5 s with one thread, and 12 to 80 s with two.
_WORK_PER_THREAD = 50_000


@dataclass(frozen=True)
class Device:
    """kind: "cpu" or "cuda".  precision: of all passes ("float32", "bfloat16", "float16").  name: for people."""

    kind: str
    precision: str
    name: str
    n_threads: int

    @property
    def label(self) -> str:
        """A text such as "CPU, bfloat16, 2 threads" or "NVIDIA H200, bfloat16"."""
        threads = f", {self.n_threads} thread{'s' if self.n_threads > 1 else ''}" if self.kind == "cpu" else ""
        return f"{self.name}, {self.precision}{threads}"


def choose(config: TrainConfig) -> Device:
    """Returns the best device for a training, and sets this process's threads and malloc for it."""
    heaps.keep_freed()
    # Set explicitly: a Dask worker passes OMP_NUM_THREADS=1 to every process it starts.
    torch.set_num_threads(int(max(1, min(n_cores(), _step_work(config) / _WORK_PER_THREAD))))
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    name = torch.cuda.get_device_name() if kind == "cuda" else "CPU"
    precision = fast_precision(kind) if config.precision == "auto" else config.precision
    return Device(kind, precision, name, torch.get_num_threads())


def _step_work(config: TrainConfig) -> float:
    """Returns a rough measure of the work of one training step: pixels times millions of parameters."""
    return config.batch_size * config.size_px**2 * architectures.find(config.architecture).parameters_m


def fast_precision(kind: str) -> str:
    """Returns the fastest precision: float16 (with scaled gradients) only on GPUs too old for bfloat16."""
    if kind == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    can = torch.cpu.get_capabilities()
    return "bfloat16" if can.get("avx512_bf16") or can.get("amx_bf16") else "float32"
