"""A snapshot ensemble: the network as it was at the end of each cosine cycle, and the mean of all their answers.

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
    """Keeps the network of every cycle's end as a file in the learner's folder."""

    order = 65  # after an epoch's figures are known, before anybody ends the training for them

    def __init__(self, cycles: list[int]) -> None:
        super().__init__()
        self.ends = list(accumulate(cycles))

    def after_epoch(self) -> None:
        """Write, when it is a last epoch."""
        if self.epoch + 1 in self.ends and not rank_distrib():
            number = self.ends.index(self.epoch + 1) + 1
            safetensors.torch.save_file(
                _plain(get_model(self.learn.model).state_dict()), _folder(self.learn) / _NAME.format(number)
            )


def members(learn: Learner) -> Iterator[dict[str, torch.Tensor]]:
    """The state of every network that has a say in the answer, newest first; only the learner's own without snapshots.

    The learner holds each one while it is given out, and the newest again in the end.
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
    """A network's state as `saved.write_model` takes it."""
    return {name: values.detach().cpu().numpy() for name, values in state.items()}


def n_members(learn: Learner) -> int:
    """How many networks `members` will give out."""
    return max(1, len(_files(learn)))


def forget(learn: Learner) -> None:
    """Remove what an earlier attempt left, one that had to begin again with smaller batches."""
    for file in _files(learn):
        file.unlink()


def _files(learn: Learner) -> list[Path]:
    return list(_folder(learn).glob(_NAME.format("*")))


def _folder(learn: Learner) -> Path:
    return Path(learn.path) / learn.model_dir


def _plain(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: values.detach().cpu().contiguous() for name, values in state.items()}
