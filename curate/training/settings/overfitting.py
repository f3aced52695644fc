"""When a model begins to learn its training pictures by heart. No torch here: pages say it while a training runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# One epoch's valid loss wobbles: only what has stayed above the least for two epochs, and by a twentieth, counts.
PATIENCE = 2
RISE = 1.05


@dataclass(frozen=True)
class Overfitting:
    """Since `epoch` (from 1), the one with the least valid loss, that loss has risen while the train loss fell."""

    epoch: int
    valid_before: float
    valid_now: float
    train_before: float
    train_now: float

    @property
    def words(self) -> str:
        """For people, in two sentences."""
        return (
            f"Valid loss has risen since epoch {self.epoch} ({self.valid_before:.3f} → {self.valid_now:.3f}) while "
            f"train loss still falls ({self.train_before:.3f} → {self.train_now:.3f}): it begins to learn the training "
            "pictures by heart. Fewer epochs, more augmentation or keeping the best epoch help."
        )


def overfitting(train_losses: Sequence[float | None], valid_losses: Sequence[float | None]) -> Overfitting | None:
    """Whether the epochs so far, in order, show overfitting; None = not (yet), or figures are missing.

    It does when the least valid loss lies at least two epochs back, the last one is over 5 % above it, and the train
    loss is lower than it was then: a loss that rises because the steps became too large takes the train loss along.

    >>> overfitting([0.9, 0.5, 0.3, 0.2], [0.8, 0.6, 0.61, 0.7]).epoch
    2
    >>> overfitting([0.9, 0.5, 0.6, 0.7], [0.8, 0.6, 0.61, 0.7])  # both rise: too large a learning rate
    """
    pairs = list(zip(train_losses, valid_losses, strict=True))
    if any(value is None or not math.isfinite(value) for pair in pairs for value in pair) or not pairs:
        return None
    train, valid = ([float(value or 0) for value in values] for values in zip(*pairs, strict=True))
    best = valid.index(min(valid))
    if len(valid) - 1 - best < PATIENCE or valid[-1] <= RISE * valid[best] or train[-1] >= train[best]:
        return None
    return Overfitting(best + 1, valid[best], valid[-1], train[best], train[-1])
