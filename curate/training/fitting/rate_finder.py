"""fastai's learning-rate finder: a mock training whose rate grows until the loss explodes, and its suggestions."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.callback.schedule import minimum, slide, steep, valley
from fastai.learner import Learner

from curate.errors import BadInput, JobFailed
from curate.training.fitting import kernel_start
from curate.training.fitting.batch_retry import with_batches_that_fit
from curate.training.fitting.callbacks import StepProgress
from curate.training.fitting.task import check_task, decode, make_task_learner, scratch
from curate.training.fitting.time_left import Pace
from curate.training.progress import Watcher
from curate.training.settings.config import TrainConfig

STEPS = 100  # fastai's own number
_SKIP_END = 5  # steps at the end that fastai leaves out: the loss has exploded there
# fastai's suggestion functions, and how many points each needs: slide looks 15 steps ahead of the last one.
_SUGGESTIONS = {"valley": (valley, 3), "steep": (steep, 3), "minimum": (minimum, 2), "slide": (slide, 17)}


@dataclass(frozen=True)
class RateSearch:
    """Learning rates tried, ascending, with the smoothed loss at each, and suggestions by fastai's names.

    A search that exploded within a few steps has few points and lacks suggestions.
    """

    rates: list[float]
    losses: list[float]
    suggestions: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Returns plain values."""
        return asdict(self)


def search(learn: Learner, watch: StepProgress) -> RateSearch:
    """Runs fastai's `lr_find`, which restores the learner's weights. Raises JobFailed when it was stopped."""
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


def find_rates(
    pictures: Sequence[Path],
    labels: np.ndarray,
    is_valid: np.ndarray,
    label_names: list[str],
    config: TrainConfig,
    folder: Path,
    watch: Watcher,
) -> RateSearch:
    """Searches a learning rate without a training after it; takes what `run.train` takes, and leaves no files.

    Raises BadInput, BadPicture, NoWeights; JobFailed when it was stopped.
    """
    task = check_task(pictures, labels, is_valid, label_names, config, watch)
    with scratch(folder) as place:
        decoded = decode(task, place)

        def on_features(n_done: int, n_all: int) -> bool:
            watch.message("Looking at pictures once", n_done, n_all)
            return not watch.stop_requested()

        def attempt(batch_size: int) -> RateSearch:
            learn = make_task_learner(task, decoded, batch_size, place)
            if config.has_kernel:
                kernel_start.begin(learn, on_features)
            n_pictures = STEPS * learn.dls.train.bs
            pace = Pace({"finding": n_pictures})
            return search(learn, StepProgress(watch, pace, "finding", "Trying learning rates", n_pictures))

        def on_smaller_batch(batch_size: int) -> None:
            watch.restarted(0, f"The batch of {config.batch_size} did not fit; searched with {batch_size}.")

        result = with_batches_that_fit(config.batch_size, attempt, on_smaller_batch)
    if not result.rates:
        raise BadInput("The loss was not a number from the first step on.", "Try another network or precision.")
    return result
