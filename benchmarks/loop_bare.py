"""What the network itself takes: forward and backward passes on one batch in memory, over and over.

    python -m benchmarks.loop_bare N_TRAIN N_VALID

Prints seconds of one frozen epoch (forward through the
body), one unfrozen epoch and one scoring pass of squeezenet1_1 at 224 px in this machine's reduced precision.
"""

import json
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from curate.training.fitting import device
from curate.training.fitting.learner import create_network
from curate.training.settings.config import TrainConfig

BATCH, STEPS = 64, 8


def main() -> None:
    """Measure the three and print them."""
    n_train, n_valid = int(sys.argv[1]), int(sys.argv[2])
    chosen = device.choose(TrainConfig(architecture="squeezenet1_1"))
    place = torch.device(chosen.kind)
    network = create_network("squeezenet1_1", 6).to(place).to(memory_format=torch.channels_last)
    pictures = torch.rand(BATCH, 3, 224, 224, device=place).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 6, (BATCH,), device=place)
    with torch.autocast(chosen.kind, torch.bfloat16, enabled=chosen.precision == "bfloat16"):
        scoring = _seconds(lambda: _forward(network, pictures))
        step = _seconds(lambda: _step(network, pictures, labels))
    n_all = n_train + n_valid
    seconds_of = {"frozen": scoring * n_train, "unfrozen": step * n_train, "scoring": scoring * n_all}
    print(json.dumps({name: round(seconds, 2) for name, seconds in seconds_of.items()}))


def _seconds(work: Callable[[], None]) -> float:
    """Of one picture, the median over some batches after a first one."""
    times = []
    for _ in range(STEPS + 1):
        began = time.monotonic()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.monotonic() - began)
    return sorted(times[1:])[STEPS // 2] / BATCH


@torch.no_grad()
def _forward(network: nn.Module, pictures: torch.Tensor) -> None:
    network.eval()(pictures)


def _step(network: nn.Module, pictures: torch.Tensor, labels: torch.Tensor) -> None:
    network.train()
    cross_entropy(network(pictures), labels).backward()
    network.zero_grad()


if __name__ == "__main__":
    main()
