"""fastai's learning-rate finder: a mock training whose rate grows until the loss explodes, and what that suggests."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from fastai.callback.schedule import minimum, slide, steep, valley
from fastai.learner import Learner

from curate.errors import JobFailed
from curate.training.watching import StepWatch

STEPS = 100  # fastai's own number
_SKIP_END = 5  # steps at the end that fastai leaves out: there the loss has exploded
# fastai's suggestion functions, and how many points each needs: slide looks 15 steps ahead of the last one.
_SUGGESTIONS = {"valley": (valley, 3), "steep": (steep, 3), "minimum": (minimum, 2), "slide": (slide, 17)}


@dataclass(frozen=True)
class RateSearch:
    """Learning rates tried, rising, and the smoothed loss at each; suggestions by fastai's names for them.

    A search that exploded within a few steps has few points, and suggestions are missing.
    """

    rates: list[float]
    losses: list[float]
    suggestions: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def search(learn: Learner, watch: StepWatch) -> RateSearch:
    """fastai's `lr_find` on a learner, whose weights are afterwards as before. Raises JobFailed when it was stopped."""
    with learn.added_cbs(watch):
        learn.lr_find(num_it=STEPS, show_plot=False, suggest_funcs=None)
    if watch.is_stopped:
        raise JobFailed("Stopped while finding a learning rate; nothing was learnt.")
    # The same slices as in lr_find, whose own suggestions fail on a search that ended after a few steps.
    rates, losses = learn.recorder.lrs[:-_SKIP_END], [float(loss) for loss in learn.recorder.losses[:-_SKIP_END]]
    n = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
    rates, losses = [float(rate) for rate in rates[:n]], losses[:n]
    return RateSearch(rates, losses, _suggest(rates[STEPS // 10 :], losses[STEPS // 10 :]))


def _suggest(rates: list[float], losses: list[float]) -> dict[str, float]:
    as_fastai_has_them = torch.tensor(rates), torch.tensor(losses)
    return {
        name: float(suggest(*as_fastai_has_them, STEPS)[0])
        for name, (suggest, n_needed) in _SUGGESTIONS.items()
        if len(rates) >= n_needed
    }
