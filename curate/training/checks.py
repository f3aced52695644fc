"""Whether a training can be tried with some settings: one sentence on the first thing that is wrong. No torch here."""

import math
from typing import TYPE_CHECKING, TypeGuard

from curate.errors import BadInput
from curate.training import architectures
from curate.training.choices import AUGMENTS, BALANCES, METHODS, MIXES, OPTIMIZERS, PRECISIONS, RESIZES, SCHEDULES

if TYPE_CHECKING:
    from curate.training.config import TrainConfig

MOST_EPOCHS = 1000


def check(config: "TrainConfig") -> None:
    """Raise BadInput for the first setting that cannot work; of a quick look only those that it uses are looked at."""
    _check_choice("Method", config.method, METHODS)
    _check_network(config)
    _check_choice("Resize", config.resize, RESIZES)
    _check_whole("Seed", config.seed, 0, 2**31 - 1)
    if config.method == "quick_look":
        _check_whole("Folds", config.folds, 2, 20)
        return
    _check_time(config)
    _check_rates(config)
    _check_loss(config)
    _check_augments(config)


def _check_network(config: "TrainConfig") -> None:
    _check_whole("Image size", config.size_px, 16, 1024)
    if config.method == "quick_look" and config.architecture == architectures.PIXELS:
        return
    architecture = architectures.find(config.architecture)
    smallest = architecture.min_px
    if config.size_px < smallest:
        raise BadInput(
            f"`{architecture.name}` needs pictures of at least {smallest} px; {config.size_px} is too small."
        )
    needs_weights = config.pretrained or config.method == "quick_look"
    if needs_weights and not architectures.may_be_pretrained(architecture):
        raise BadInput(f"There are no pretrained weights for `{architecture.name}`.", "Train it from scratch.")
    if config.start_px is not None and config.method == "fine_tune":
        _check_whole("Size of the first epoch", config.start_px, smallest, config.size_px)


def _check_time(config: "TrainConfig") -> None:
    _check_choice("Precision", config.precision, PRECISIONS)
    _check_choice("Schedule", config.schedule, SCHEDULES)
    _check_whole("Frozen epochs", config.frozen_epochs, 0, MOST_EPOCHS)
    _check_whole("Batch size", config.batch_size, 2, 4096)
    _check_whole("Patience", config.patience, 0, MOST_EPOCHS)
    _check_number("Share of the training pictures", config.share, 0.001, 1)
    if config.schedule == "sgdr":
        _check_cycles(config)
    else:
        _check_whole("Epochs", config.epochs, 0 if config.n_frozen else 1, MOST_EPOCHS)
    if config.snapshot_ensemble and config.schedule != "sgdr":
        raise BadInput("A snapshot ensemble is made of the ends of cycles.", "Choose the schedule `sgdr` for it.")
    if config.snapshot_ensemble and config.keep_best:
        raise BadInput(
            "A snapshot ensemble and keeping the best epoch exclude each other: both say which model is kept."
        )


def _check_cycles(config: "TrainConfig") -> None:
    _check_whole("Cycles", config.n_cycles, 1, 20)
    _check_whole("Cycle length", config.cycle_length, 1, MOST_EPOCHS)
    _check_whole("Cycle multiplier", config.cycle_mult, 1, 10)
    total = sum(config.cycles)
    if total > MOST_EPOCHS:
        raise BadInput(
            f"These cycles are {total:,} epochs together; {MOST_EPOCHS:,} are the most.",
            "Fewer cycles, a shorter first one or a smaller multiplier make it less.",
        )


def _check_rates(config: "TrainConfig") -> None:
    _check_choice("Optimizer", config.optimizer, OPTIMIZERS)
    rate, low = config.learning_rate, config.lr_low
    for each in (rate, low):
        if each is not None and not (_is_number(each) and 0 < each <= 10):
            raise BadInput(
                f"Learning rate {each} is not between 0 and 10.", "0.001 is usual; leave it empty to find it."
            )
    if rate is not None and low is not None and low >= rate:
        raise BadInput(
            f"The first layers' learning rate {low:g} is not below the last ones' {rate:g}.",
            "Early layers change less: a hundredth is usual.",
        )
    if config.weight_decay is not None:
        _check_number("Weight decay", config.weight_decay, 0, 1)
    most = architectures.find(config.architecture).n_groups - 1
    _check_whole("Frozen layer groups", config.frozen_groups, 0, most)
    if config.frozen_groups and not config.pretrained:
        raise BadInput("From scratch no layers can stay frozen: they would stay random.", "Set frozen groups to 0.")


def _check_loss(config: "TrainConfig") -> None:
    _check_number("Label smoothing", config.label_smoothing, 0, 0.9)
    _check_choice("Mixing", config.mix, MIXES)
    _check_number("Mixing alpha", config.mix_alpha, 0.01, 10)
    _check_choice("Balance", config.balance, BALANCES)


def _check_augments(config: "TrainConfig") -> None:
    _check_choice("Augmentation", config.augment, AUGMENTS)
    _check_number("Largest turn in degrees", config.max_rotate, 0, 180)
    _check_number("Smallest zoom", config.min_zoom, 0.1, 10)
    _check_number("Largest zoom", config.max_zoom, config.min_zoom, 10)
    _check_number("Change of light", config.max_lighting, 0, 0.99)
    _check_number("Tilt", config.max_warp, 0, 0.9)
    for what, chance in (
        ("Chance of turns and zooms", config.p_affine),
        ("Chance of changed light", config.p_lighting),
        ("Chance of an erased piece", config.random_erasing),
    ):
        _check_number(what, chance, 0, 1)
    _check_whole("Augmented copies", config.tta_n, 1, 64)
    if config.tta and config.augment == "none" and config.resize != "random_crop":
        raise BadInput(
            "Test-time augmentation averages over augmented copies, and augmentation is off.",
            "Choose an augmentation, or turn it off, too.",
        )


def _check_whole(what: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(f"{what} must be a whole number from {low:,} to {high:,}, not {value}.")


def _check_number(what: str, value: object, low: float, high: float) -> None:
    if not _is_number(value) or not low <= value <= high:
        raise BadInput(f"{what} must be a number from {low:g} to {high:g}, not {value}.")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_choice(what: str, value: str, choices: dict[str, str]) -> None:
    if value not in choices:
        raise BadInput(f"{what} `{value}` is not known.", f"There are: {', '.join(choices)}.")
