"""The settings of one training; kept with the run, so that a run can be repeated. No torch here."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

from curate.errors import BadInput
from curate.training.settings import rules
from curate.training.settings.table import SETTINGS, Settings


@dataclass(frozen=True)
class TrainConfig(Settings):
    """What a notebook would pass to `vision_learner` and `fine_tune`; the defaults suit photos and a first try.

    Its fields, with defaults, ranges and choices, are the entries of `table.Settings`.

    The defaults of learning rate and augmentation are the notebook's, too. After one frozen epoch and one more on 2,527
    photos (squeezenet1_1, 224 px, one split with 35 % held out) they gave 0.80, with augmentation 0.78, with a rate
    found by `lr_find` on top of that 0.75; from split to split the figures vary by 0.01. Augmentation pays over more
    epochs.

    method: "quick_look" reads architecture (or "pixels": no network at all), size_px, resize and thorough only;
    folds is part of the notebook code that is shown for it. thorough: its doubts also use networks that were fine-tuned
    on the other half of the pictures.
    share: of the training pictures, drawn evenly from every label; all held-out ones stay.
    network_head: "fastai" or "kernel", which begins as kernel ridge regression on the averages of all stages; from
    scratch it is always fastai's.
    schedule: what follows the frozen epochs, which only pretrained networks have, and "fine_tune" is "one_cycle" from
    scratch. "sgdr" runs n_cycles of cycle_length epochs, each cycle_mult times as long as the one before, in place of
    `epochs`; snapshot_ensemble: the finished model is the average of the probabilities at the cycles' ends.
    learning_rate: None = found before training with fastai's `lr_find` (valley). lr_low: of the first layer group once
    everything learns, the groups between spaced evenly in the logarithm; None = fastai's own.
    frozen_groups: so many layer groups from the front never learn. weight_decay: None = fastai's 0.01.
    mix_alpha: of the beta distribution that mixes. patience: epochs without a lower valid loss until it ends; 0 = off.
    keep_best: the epoch with the lowest valid loss is kept, else the last one.
    start_px: size of the pictures in the first epoch, growing to size_px in the last; held-out ones are never shrunk.
    flip … random_erasing: of augment "custom", named as in fastai's `aug_transforms`; chances p_ and random_erasing.
    tta: every score and prediction is averaged over tta_n augmented copies, a quarter by the picture as it is.
    """

    def validated(self) -> Self:
        """Returns itself when a training can be tried with it; raises BadInput on the first setting that is wrong."""
        rules.check(self)
        return self

    @property
    def n_frozen(self) -> int:
        """Epochs in which only the head learns: frozen_epochs, and none from scratch."""
        return self.frozen_epochs if self.pretrained else 0

    @property
    def has_kernel(self) -> bool:
        """Whether the head begins as kernel ridge regression."""
        return self.network_head == "kernel" and self.pretrained

    @property
    def cycles(self) -> list[int]:
        """Epochs of each of sgdr's cycles; one "cycle" of all epochs with the other schedules."""
        if self.schedule != "sgdr":
            return [self.epochs]
        return [self.cycle_length * self.cycle_mult**i for i in range(self.n_cycles)]

    @property
    def n_epochs(self) -> int:
        """All epochs planned, frozen ones included."""
        return self.n_frozen + sum(self.cycles)

    @property
    def stored_px(self) -> int:
        """Side of the decoded pictures: size_px, and for random_crop what fastai cuts its middle of (14 % larger)."""
        return self.size_px + (8 * math.ceil(self.size_px * 0.14 / 8) if self.resize == "random_crop" else 0)

    @property
    def epoch_px(self) -> list[int]:
        """Side of the training pictures in each epoch: from start_px to size_px in even steps, multiples of 8."""
        first, last, n = self.start_px or self.size_px, self.size_px, self.n_epochs
        grown = [8 * round((first + (last - first) * i / max(1, n - 1)) / 8) for i in range(n)]
        return [min(last, max(first, px)) for px in grown[:-1]] + [last]

    def to_json(self) -> dict[str, Any]:
        """Returns plain values by setting, ready for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Reads what `to_json` wrote; missing settings (older runs) take their defaults, unknown ones are refused."""
        unknown = sorted(set(values) - set(SETTINGS))
        if unknown:
            raise BadInput(f"A training has no setting `{unknown[0]}`.", f"There are: {', '.join(sorted(SETTINGS))}.")
        return cls(**values)


# The sample project's digits, from scratch: tiny pictures that must not be mirrored. With 5 % of the labels swapped,
# 0.92-0.94 right on validation (0.95 is all there is) and 87-89 of the 89 swapped ones among the 120 highest losses.
SAMPLE = TrainConfig(
    architecture="small_cnn",
    pretrained=False,
    size_px=32,
    augment="light",
    epochs=8,
    frozen_epochs=0,
    batch_size=32,
    learning_rate=0.004,
)
