"""The phases of a training as fits of fastai: frozen epochs, then one cycle, flat and cosine, or restarts."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import accumulate

from fastai.callback.core import Callback, CancelEpochException
from fastai.callback.schedule import ParamScheduler
from fastai.learner import Learner

from curate.training.fitting import snapshots
from curate.training.fitting.frozen_features import GoesOn, cached
from curate.training.fitting.snapshots import CycleEnds
from curate.training.fitting.trackers import trackers
from curate.training.settings import layer_rates
from curate.training.settings.config import TrainConfig


@dataclass(frozen=True)
class Phase:
    """Epochs of one fit.  frozen_to: number of frozen layer groups, -1 = all but the head."""

    n_epochs: int
    frozen_to: int
    fit: Callable[[Learner], None]


def phases(config: TrainConfig, rate: float) -> list[Phase]:
    """Returns the fits in order: the frozen epochs of a pretrained network, then all others."""
    n = sum(config.cycles)
    frozen = Phase(config.n_frozen, -1, lambda learn: learn.fit_one_cycle(config.n_frozen, slice(rate), pct_start=0.99))
    return [frozen, Phase(n, config.frozen_groups, lambda learn: _fit_schedule(learn, config, n, rate))]


def fit(
    learn: Learner, config: TrainConfig, rate: float, n_done: int = 0, goes_on: GoesOn = lambda n, of: True
) -> None:
    """Train a Learner as configured.

    n_done: finished epochs of a resumed training.  goes_on: see `frozen_features.cached`, which speeds up the frozen
    epochs.  A callback that stops the training raises CancelFitException again in `before_fit` of the next phase.
    """
    if not n_done:
        snapshots.forget(learn)
    with learn.added_cbs(trackers(config, n_done)):
        for phase in phases(config, rate):
            first, n_done = min(n_done, phase.n_epochs), max(0, n_done - phase.n_epochs)
            if first < phase.n_epochs:
                learn.freeze_to(phase.frozen_to)
                features = cached(learn, config, goes_on) if phase.frozen_to == -1 else nullcontext()
                with features, _beginning_at(learn, first):
                    phase.fit(learn)


def _fit_schedule(learn: Learner, config: TrainConfig, n_epochs: int, rate: float) -> None:
    low, high = layer_rates.low_rate(config, rate), layer_rates.top_rate(config, rate)
    lr = high if low is None else slice(low, high)
    if layer_rates.is_fine_tune(
        config
    ):  # the second half of fastai's `fine_tune`, which itself would unfreeze everything
        learn.fit_one_cycle(n_epochs, lr, pct_start=0.3, div=5.0)
    elif config.schedule == "flat_cos":
        learn.fit_flat_cos(n_epochs, lr)
    elif config.schedule == "sgdr":
        fit_sgdr(learn, config.cycles, lr, [CycleEnds(config.cycles)] if config.snapshot_ensemble else [])
    else:
        learn.fit_one_cycle(n_epochs, lr)


def fit_sgdr(learn: Learner, cycles: list[int], lr: float | slice, cbs: list[Callback]) -> None:
    """Does what fastai's `fit_sgdr` does, for cycles of any length.

    fastai's own divides by zero for cycles of equal length, and refuses multipliers whose shares do not add up to
    exactly 1 in floating point (3 cycles, each 3 times as long).
    """
    if learn.opt is None:
        learn.create_opt()
    learn.opt.set_hyper("lr", lr)
    top, total = [hyper["lr"] for hyper in learn.opt.hypers], sum(cycles)
    ends = list(accumulate(cycles))

    def rates_at(done: float) -> list[float]:
        """Returns the rate of each layer group when this share of all epochs is done."""
        epoch = done * total + 1e-9  # 3 / 7 of 7 epochs is a little less than 3 in floating point
        cycle = next((i for i, end in enumerate(ends) if epoch < end), len(ends) - 1)
        position = (epoch - (ends[cycle] - cycles[cycle])) / cycles[cycle]
        return [rate * (1 + math.cos(math.pi * position)) / 2 for rate in top]

    learn.fit(total, cbs=[ParamScheduler({"lr": rates_at}), *cbs])


@contextmanager
def _beginning_at(learn: Learner, first: int) -> Iterator[None]:
    """Lets fits begin with this epoch, counted from 0, at its place in the schedule.

    fastai's own `SkipToEpoch` runs the end of every skipped epoch, where its trackers fail without figures.
    """

    def epochs() -> None:
        for epoch in range(first, learn.n_epoch):
            learn.epoch = epoch
            learn._with_events(learn._do_epoch, "epoch", CancelEpochException)

    learn._do_fit = epochs
    try:
        yield
    finally:
        del learn._do_fit
