"""Losses and probabilities of pictures by a finished training: from one pass, or averages if configured."""

from collections.abc import Sequence

import numpy as np
from fastai.callback.core import Callback
from fastai.data.core import TfmdDL
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.torch_core import set_seed

from curate.training.fitting import snapshots
from curate.training.settings.config import TrainConfig

_LEAST = 1e-37  # about float32's smallest: the logarithm of 0 is not finite


def n_passes(config: TrainConfig) -> int:
    """Returns how often every picture passes through a network for its score."""
    copies = 1 + config.tta_n if config.tta else 1
    return copies * (config.n_cycles if config.snapshot_ensemble else 1)


def score(
    learn: Learner, loader: TfmdDL, config: TrainConfig, cbs: Sequence[Callback]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (N,) losses (cross-entropy of the given label) and (N, C) probabilities, in the loader's order.

    tta uses fastai's `learn.tta` with the config's seed; a snapshot ensemble returns the mean of its members.
    """
    learn.loss_func = CrossEntropyLossFlat()
    if not config.tta and snapshots.n_members(learn) == 1:
        answered, _, losses = learn.get_preds(dl=loader, with_loss=True, reorder=False, cbs=list(cbs))
        return losses.numpy().astype(np.float32), answered.numpy().astype(np.float32)
    given, answers = np.zeros(0, dtype=np.int64), []
    for _ in snapshots.members(learn):
        answer, given = _predict(learn, loader, config, cbs)
        answers.append(answer)
    probabilities: np.ndarray = np.asarray(np.mean(answers, axis=0, dtype=np.float64), dtype=np.float32)
    chances = probabilities[np.arange(len(given)), given]
    return -np.log(np.maximum(chances, _LEAST)), probabilities


def _predict(
    learn: Learner, loader: TfmdDL, config: TrainConfig, cbs: Sequence[Callback]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (N, C) probabilities by the learner's present network, and (N,) given labels."""
    if not config.tta:
        probabilities, given = learn.get_preds(dl=loader, reorder=False, cbs=list(cbs))
    else:
        set_seed(config.seed, reproducible=True)
        with learn.added_cbs(list(cbs)):
            probabilities, given = learn.tta(dl=loader, n=config.tta_n)
    return probabilities.numpy(), given.numpy()
