"""A snapshot ensemble: the networks at the end of each cosine cycle, whose probabilities are averaged.

Huang et al., "Snapshot Ensembles: Train 1, Get M for Free", ICLR 2017.
"""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from fastai.callback.core import Callback
from fastai.learner import Learner
from fastai.torch_core import get_model, rank_distrib

_NAME = "cycle_{}.safetensors"


class CycleEnds(Callback):
    """Writes the network at the end of every cycle into the learner's folder."""

    order = 65  # after the epoch's figures are known, before a callback stops the training because of them

    def __init__(self, cycles: list[int]) -> None:
        super().__init__()
        self.ends = list(accumulate(cycles))

    def after_epoch(self) -> None:
        """Write the network after the last epoch of a cycle."""
        if self.epoch + 1 in self.ends and not rank_distrib():
            number = self.ends.index(self.epoch + 1) + 1
            safetensors.torch.save_file(
                _plain(get_model(self.learn.model).state_dict()), _folder(self.learn) / _NAME.format(number)
            )


def members(learn: Learner) -> Iterator[dict[str, torch.Tensor]]:
    """Yields the state of every member, newest first; without snapshots only the learner's own.

    The learner holds each one while it is yielded, and the newest again in the end.
    """
    files = sorted(_files(learn), key=lambda path: int(path.stem.rpartition("_")[2]), reverse=True)
    for file in files:
        learn.model.load_state_dict(safetensors.torch.load_file(file))
        yield learn.model.state_dict()
    if files:
        learn.model.load_state_dict(safetensors.torch.load_file(files[0]))
    else:
        yield learn.model.state_dict()


def as_arrays(state: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Returns a network's state as `saved_model.write_model` takes it."""
    return {name: values.detach().cpu().numpy() for name, values in state.items()}


def n_members(learn: Learner) -> int:
    """Returns how many networks `members` yields."""
    return max(1, len(_files(learn)))


def forget(learn: Learner) -> None:
    """Remove the snapshots of an earlier attempt, which restarted with smaller batches."""
    for file in _files(learn):
        file.unlink()


def _files(learn: Learner) -> list[Path]:
    return list(_folder(learn).glob(_NAME.format("*")))


def _folder(learn: Learner) -> Path:
    return Path(learn.path) / learn.model_dir


def _plain(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: values.detach().cpu().contiguous() for name, values in state.items()}
