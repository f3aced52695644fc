"""Which settings of a training exclude each other. No torch here: forms and the command line check before they queue.

The range of a single setting stands in its entry of `table`.
"""

from typing import Any

from curate.errors import BadInput
from curate.training.networks import architectures
from curate.training.settings.table import MOST_EPOCHS, SETTINGS, can_augment


def check(config: Any) -> None:
    """Raise BadInput for the first setting that cannot work; of a quick look, only those that it uses are checked.

    config: a TrainConfig, which imports this module.
    """
    SETTINGS["method"].check(config)
    _check_network(config)
    for setting in SETTINGS.values():
        if setting.is_used(config):
            setting.check(config)
    if config.method != "quick_look":
        _check_model_kept(config)
        _check_cycles(config)
        _check_rates(config)
        _check_test_time(config)


def _check_network(config: Any) -> None:
    SETTINGS["size_px"].check(config)
    if config.method == "quick_look" and config.architecture == architectures.PIXELS:
        return
    architecture = architectures.find(config.architecture)
    if config.size_px < architecture.min_px:
        raise BadInput(
            f"`{architecture.name}` needs pictures of at least {architecture.min_px} px; {config.size_px} is too small."
        )
    needs_weights = config.pretrained or config.method == "quick_look"
    if needs_weights and not architectures.may_be_pretrained(architecture):
        raise BadInput(f"There are no pretrained weights for `{architecture.name}`.", "Train it from scratch.")


def _check_model_kept(config: Any) -> None:
    if config.snapshot_ensemble and config.schedule != "sgdr":
        raise BadInput("A snapshot ensemble is made of the ends of cycles.", "Choose the schedule `sgdr` for it.")
    if config.snapshot_ensemble and config.keep_best:
        raise BadInput(
            "A snapshot ensemble and keeping the best epoch exclude each other: both say which model is kept."
        )


def _check_cycles(config: Any) -> None:
    total = sum(config.cycles)
    if total > MOST_EPOCHS:
        raise BadInput(
            f"These cycles are {total:,} epochs together; {MOST_EPOCHS:,} are the most.",
            "Fewer cycles, a shorter first one or a smaller multiplier make it less.",
        )


def _check_rates(config: Any) -> None:
    rate, low = config.learning_rate, config.lr_low
    if rate is not None and low is not None and low >= rate:
        raise BadInput(
            f"The first layers' learning rate {low:g} is not below the last ones' {rate:g}.",
            "Early layers change less: a hundredth is usual.",
        )
    if config.frozen_groups and not config.pretrained:
        raise BadInput("From scratch no layers can stay frozen: they would stay random.", "Set frozen groups to 0.")


def _check_test_time(config: Any) -> None:
    if config.tta and not can_augment(config):
        raise BadInput(
            "Test-time augmentation averages over augmented copies, and augmentation is off.",
            "Choose an augmentation, or turn it off, too.",
        )
