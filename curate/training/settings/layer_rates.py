"""Which learning rate each layer group gets: fastai's arithmetic, known beforehand. No torch here."""

from dataclasses import dataclass

from curate.training.networks import architectures
from curate.training.settings.config import TrainConfig

USUAL_RATE = 2e-3  # what `fine_tune` takes when nobody chooses
_LOW_SHARE = 100  # fine_tune's lr_mult: the first group learns at a hundredth of the last one's rate


@dataclass(frozen=True)
class GroupRate:
    """A layer group, from the picture's side: millions of parameters, and the largest rate of each phase; 0 = frozen.

    frozen: while only the head learns, None when no such epochs are planned; unfrozen: None likewise.
    """

    name: str
    parameters_m: float
    frozen: float | None
    unfrozen: float | None


def top_rate(config: TrainConfig, rate: float) -> float:
    """The last group's rate in the unfrozen epochs: `fine_tune` halves what it was given."""
    return rate / 2 if is_fine_tune(config) else rate


def low_rate(config: TrainConfig, rate: float) -> float | None:
    """The first group's rate in the unfrozen epochs; None = the same as the last one's."""
    if config.lr_low is not None:
        return min(config.lr_low, top_rate(config, rate))
    return top_rate(config, rate) / _LOW_SHARE if is_fine_tune(config) else None


def is_fine_tune(config: TrainConfig) -> bool:
    """Whether fastai's `fine_tune` trains it: from scratch there is nothing to tune."""
    return config.schedule == "fine_tune" and config.pretrained


def group_rates(config: TrainConfig, rate: float | None = None) -> list[GroupRate]:
    """Every layer group with what it learns at. rate: what was found, when config leaves it to be found."""
    top = config.learning_rate or rate or USUAL_RATE
    architecture = architectures.find(config.architecture)
    n = architecture.n_groups
    low, high = low_rate(config, top), top_rate(config, top)
    # fastai's even_mults: evenly in the logarithm
    unfrozen = [high if low is None else low * (high / low) ** (i / (n - 1)) for i in range(n)]
    unfrozen = [0.0 if i < config.frozen_groups else each for i, each in enumerate(unfrozen)]
    frozen = [0.0] * (n - 1) + [top]
    has_unfrozen = config.n_epochs > config.n_frozen
    return [
        GroupRate(
            name,
            architecture.groups_m[i],
            frozen[i] if config.n_frozen else None,
            unfrozen[i] if has_unfrozen else None,
        )
        for i, name in enumerate(architecture.group_names)
    ]
