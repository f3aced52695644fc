"""Everything that can be chosen about a training; kept with the run, so that a run can be repeated. No torch here."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from curate.errors import BadInput
from curate.training import architectures

RESIZES = {
    "crop": "Cut a square from the middle; what lies outside is not seen.",
    "pad": "Keep the whole picture and mirror its edges to fill the square.",
    "squish": "Keep the whole picture and change its proportions to a square.",
}
AUGMENTS = {
    "none": "Every picture exactly as it is.",
    "light": "Small turns, zooms and changes of light; never mirrored: for digits, letters, signs.",
    "standard": "fastai's own: mirrored, turned by up to 10 degrees, zoomed, tilted, lit differently.",
}
PRECISIONS = {
    "auto": "Train in the reduced precision that this machine has; every figure shown is still float32.",
    "float32": "Train in full precision, some two to four times slower where reduced precision is to be had.",
}


@dataclass(frozen=True)
class TrainConfig:
    """What a notebook would pass to `vision_learner` and `fine_tune`; the defaults suit photos and a first try.

    The defaults of learning rate and augmentation are the notebook's, too. After one frozen epoch and one more on 2,527
    photos (squeezenet1_1, 224 px, one split with 35 % held out) they gave 0.80, with augmentation 0.78, with a rate
    found by `lr_find` on top of that 0.75; from split to split the figures vary by 0.01. Augmentation pays over more
    epochs.

    pretrained: `fine_tune(epochs, learning_rate, freeze_epochs=frozen_epochs)`; from scratch there is nothing to keep
    frozen: `fit_one_cycle(epochs, learning_rate)`, and frozen_epochs is ignored.
    learning_rate: None = found before training with fastai's `lr_find` (valley).
    """

    architecture: str = "resnet18"
    pretrained: bool = True
    size_px: int = 224
    resize: str = "crop"
    augment: str = "none"
    epochs: int = 4
    frozen_epochs: int = 1
    batch_size: int = 64
    learning_rate: float | None = 2e-3
    seed: int = 42
    precision: str = "auto"

    def validated(self) -> Self:
        """Itself, when a training can be tried with it; raises BadInput with one sentence on the first thing wrong."""
        _check_architecture(self)
        _check_choice("Resize", self.resize, RESIZES)
        _check_choice("Augmentation", self.augment, AUGMENTS)
        _check_choice("Precision", self.precision, PRECISIONS)
        _check_range("Epochs", self.epochs, 0 if self.n_frozen else 1, 1000)
        _check_range("Frozen epochs", self.frozen_epochs, 0, 1000)
        _check_range("Batch size", self.batch_size, 2, 4096)
        _check_range("Seed", self.seed, 0, 2**31 - 1)
        rate = self.learning_rate
        if rate is not None and not (isinstance(rate, (int, float)) and 0 < rate <= 10):
            raise BadInput(
                f"Learning rate {rate} is not between 0 and 10.", "0.001 is usual; leave it empty to find it."
            )
        return self

    @property
    def n_frozen(self) -> int:
        """Epochs in which only the head learns: frozen_epochs, and none from scratch."""
        return self.frozen_epochs if self.pretrained else 0

    def to_json(self) -> dict[str, Any]:
        """Plain values by field name, ready for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The other way round; fields not there (older runs) take their defaults, unknown ones raise BadInput."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise BadInput(f"A training has no setting `{unknown[0]}`.", f"There are: {', '.join(sorted(known))}.")
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


def _check_architecture(config: TrainConfig) -> None:
    architecture = architectures.find(config.architecture)
    smallest = architecture.min_px
    _check_range("Image size", config.size_px, 16, 1024)
    if config.size_px < smallest:
        raise BadInput(
            f"`{architecture.name}` needs pictures of at least {smallest} px; {config.size_px} is too small."
        )
    if config.pretrained and not architectures.may_be_pretrained(architecture):
        raise BadInput(f"There are no pretrained weights for `{architecture.name}`.", "Train it from scratch.")


def _check_range(what: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(f"{what} must be a whole number from {low:,} to {high:,}, not {value}.")


def _check_choice(what: str, value: str, choices: dict[str, str]) -> None:
    if value not in choices:
        raise BadInput(f"{what} `{value}` is not known.", f"There are: {', '.join(choices)}.")
