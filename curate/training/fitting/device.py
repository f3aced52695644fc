"""What this machine computes with: processor or GPU, how many threads, and in which precision it trains."""

import ctypes
import platform
from dataclasses import dataclass

import torch

from curate.cores import n_cores
from curate.training.networks import architectures
from curate.training.settings.config import TrainConfig

# Threads meet hundreds of times in a step and wait for the one that was not given a core. Three epochs of the sample
# (work 13,000 a step) take 5.5 s with one thread, 5.7 with two; beside one busy program on the same two cores still
# 5.5 s with one, and 12 to 80 with two.
_WORK_PER_THREAD = 50_000


@dataclass(frozen=True)
class Device:
    """kind: "cpu" or "cuda"; precision: of all passes ("float32", "bfloat16", "float16"); name: for people."""

    kind: str
    precision: str
    name: str
    n_threads: int

    @property
    def words(self) -> str:
        """For people: "CPU, bfloat16, 2 threads" or "NVIDIA H200, bfloat16"."""
        threads = f", {self.n_threads} thread{'s' if self.n_threads > 1 else ''}" if self.kind == "cpu" else ""
        return f"{self.name}, {self.precision}{threads}"


def choose(config: TrainConfig) -> Device:
    """The best device there is for a training, set up: threads and memory of this process are arranged for it."""
    keep_memory()
    # Asked for outright: a Dask worker passes OMP_NUM_THREADS=1 on to every process it starts.
    torch.set_num_threads(int(max(1, min(n_cores(), _step_work(config) / _WORK_PER_THREAD))))
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    name = torch.cuda.get_device_name() if kind == "cuda" else "CPU"
    precision = fast_precision(kind) if config.precision == "auto" else config.precision
    return Device(kind, precision, name, torch.get_num_threads())


def _step_work(config: TrainConfig) -> float:
    """A rough measure of the work in one training step: pixels times millions of parameters."""
    return config.batch_size * config.size_px**2 * architectures.find(config.architecture).parameters_m


def fast_precision(kind: str) -> str:
    """float16 (with scaled gradients) only on GPUs too old for bfloat16; no processor is made faster by it."""
    if kind == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    can = torch.cpu.get_capabilities()
    return "bfloat16" if can.get("avx512_bf16") or can.get("amx_bf16") else "float32"


def keep_memory() -> None:
    """Let malloc keep big blocks instead of returning them to the system after every operation.

    Their pages would be cleared and mapped again each time, which was half of the work: squeezenet1_1 on 64 pictures
    of 224 px took 1.19 s of processor time forward and 0.56 s with this, augmentation 0.60 and 0.26 s. Costs a fifth
    more memory, so it is for processes that train. Only glibc has the switch.
    """
    if platform.libc_ver()[0] == "glibc":
        mmap_threshold, trim_threshold = -3, -1  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD in malloc.h
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, (1 << 31) - 1)
