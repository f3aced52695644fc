"""Every setting of a training, one entry each; a new one needs nothing else besides the code that uses it. No torch."""

from dataclasses import dataclass
from typing import Any

from curate.training.networks import architectures
from curate.training.settings import choices
from curate.training.settings.setting import setting, settings_of

MOST_EPOCHS = 1000
_PHOTOS_PX = (32, 64, 96, 128, 160, 192, 224, 288, 384)


def _is_custom(config: Any) -> bool:
    return bool(config.augment == "custom")


def _has_cycles(config: Any) -> bool:
    return bool(config.schedule == "sgdr")


def _is_pretrained(config: Any) -> bool:
    return bool(config.pretrained)


def can_augment(config: Any) -> bool:
    """Whether two epochs may show different versions of a picture."""
    return bool(config.augment != "none" or config.resize == "random_crop")


def smallest_px(config: Any) -> int:
    """The smallest side of a picture that the config's network can take."""
    return 16 if config.architecture == architectures.PIXELS else architectures.find(config.architecture).min_px


def _has_weights(config: Any) -> bool:
    return architectures.may_be_pretrained(architectures.find(config.architecture))


def _most_frozen_groups(config: Any) -> int:
    return architectures.find(config.architecture).n_groups - 1


def _fewest_epochs(config: Any) -> int:
    return 0 if config.n_frozen or _has_cycles(config) else 1


def _cycles_text(config: Any) -> str:
    total = sum(config.cycles)
    return f"{' + '.join(str(n) for n in config.cycles)} = {total:,} epoch{'' if total == 1 else 's'}"


def _without_random_crop(config: Any) -> dict[str, str]:
    """A quick look has no random crops; one that an older run stored stays in the list."""
    is_offered = config.method != "quick_look" or config.resize == "random_crop"
    return {name: words for name, words in choices.RESIZES.items() if is_offered or name != "random_crop"}


@dataclass(frozen=True)
class Settings:
    """The settings in the order in which the form and texts list them. Their meaning: `TrainConfig`."""

    architecture: str = setting(
        "resnet18", "Architecture", in_quick_look=True, in_rate_curve=True,
        worth_trying=tuple(row.name for row in architectures.ARCHITECTURES),
    )  # fmt: skip
    method: str = setting("fine_tune", "Method", choices=choices.METHODS, in_quick_look=True)
    pretrained: bool = setting(
        True, "Pretrained", question="Start from pretrained weights", is_possible=_has_weights, in_rate_curve=True,
        help="Weights learnt on ImageNet's million photos: for photos nearly always better and much quicker.",
    )  # fmt: skip
    network_head: str = setting(
        "fastai", "Head", choices=choices.HEADS, group="regularisation", applies=_is_pretrained, in_rate_curve=True,
        worth_trying=tuple(choices.HEADS),
        help="The last layers, which are new: what they read, and how they begin. A kernel begins near its best and "
        "wants a learning rate near 0.00001, fastai's head one near 0.002.",
    )  # fmt: skip
    size_px: int = setting(
        224, "Image size", unit="px", low=16, high=1024, step=16, in_quick_look=True, in_rate_curve=True,
        in_preview=True, worth_trying=_PHOTOS_PX,
        help="Pictures are brought to squares of this side. Larger sees more detail and takes longer (squared).",
    )  # fmt: skip
    resize: str = setting(
        "crop", "Resize", choices=choices.RESIZES, form_choices=_without_random_crop, group="data", in_quick_look=True,
        in_rate_curve=True, in_preview=True, worth_trying=tuple(choices.RESIZES),
    )  # fmt: skip
    share: float = setting(
        1.0, "Share of the pictures", question="Share of the training pictures", low=0.001, group="data", is_share=True,
        in_rate_curve=True, worth_trying=(0.05, 0.1, 0.2, 0.4, 0.7, 1.0),
        help="Learn from fewer pictures, drawn evenly from every label; the held-out ones stay all.",
    )  # fmt: skip
    start_px: int | None = setting(
        None, "Size at the beginning", question="Begin with smaller pictures", unit="px", none="the full size",
        low=smallest_px, high=lambda config: config.size_px, step=16, group="data",
        help="Progressive resizing: the first epoch's pictures have this side, the last one's the full size. Quicker, "
        "and a mild augmentation.",
    )  # fmt: skip
    schedule: str = setting(
        "fine_tune", "Schedule", choices=choices.SCHEDULES, group="time",
        help="How the learning rate moves, named as in fastai.",
    )  # fmt: skip
    epochs: int = setting(
        4, "Epochs", low=_fewest_epochs, high=MOST_EPOCHS, group="time", worth_trying=(1, 2, 3, 4, 6, 8, 12, 16, 24),
        applies=lambda config: not _has_cycles(config), help="How often the whole network sees every training picture.",
    )  # fmt: skip
    n_cycles: int = setting(
        3, "Cycles", low=1, high=20, group="time", in_row=True, applies=_has_cycles,
        help="How often the rate falls and jumps back up.",
    )  # fmt: skip
    cycle_length: int = setting(
        1, "First cycle's length", question="First length", low=1, high=MOST_EPOCHS, group="time", in_row=True,
        applies=_has_cycles, help="Epochs of the first cycle.",
    )  # fmt: skip
    cycle_mult: int = setting(
        2, "Cycle multiplier", question="Multiplier", low=1, high=10, group="time", in_row=True, applies=_has_cycles,
        help="How many times longer each next cycle is.",
    )  # fmt: skip
    snapshot_ensemble: bool = setting(
        False, "Snapshot ensemble", question="Average the cycles' ends", group="time", applies=_has_cycles,
        note=_cycles_text, help="A snapshot ensemble: the finished model averages the probabilities of the networks at "
        "the cycles' ends.",
    )  # fmt: skip
    frozen_epochs: int = setting(
        1, "Frozen epochs", high=MOST_EPOCHS, group="time", applies=_is_pretrained, worth_trying=(0, 1, 2, 3),
        help="Epochs before those in which only the new last layers learn.",
    )  # fmt: skip
    batch_size: int = setting(
        64, "Batch size", low=2, high=4096, group="time", side="right", in_rate_curve=True,
        worth_trying=(16, 32, 64, 128, 256), help="Pictures learnt from at a time; halve it when memory runs out.",
    )  # fmt: skip
    patience: int = setting(
        0, "Early stopping", question="Stop early after", unit="epochs without progress", zero="never",
        high=MOST_EPOCHS, group="time", side="right",
        help="Ends when the validation loss has not fallen for so many epochs; 0 = never.",
    )  # fmt: skip
    keep_best: bool = setting(
        False, "Keep the best epoch", group="time", side="right",
        help="Keeps the epoch with the lowest validation loss instead of the last.",
    )  # fmt: skip
    precision: str = setting("auto", "Precision", choices=choices.PRECISIONS, group="time", side="right")
    augment: str = setting(
        "none", "Augmentation", choices=choices.AUGMENTS, group="data", side="right", in_rate_curve=True,
        in_preview=True, worth_trying=("none", "light", "standard"),
        help="Random changes to training pictures, so that none is seen twice alike: fastai's `aug_transforms`.",
    )  # fmt: skip
    flip: bool = setting(
        True, "Mirror", question="Mirror (flip)", group="augments", applies=_is_custom, in_preview=True,
        help="Left and right swapped in half of the pictures.",
    )  # fmt: skip
    flip_vert: bool = setting(
        False, "Any way up", question="Any way up (flip_vert)", group="augments", applies=_is_custom, in_preview=True,
        help="Also upside down and turned by 90 degrees.",
    )  # fmt: skip
    max_rotate: float = setting(
        10.0, "Largest turn in degrees", question="Turn up to (max_rotate)", high=180, group="augments",
        applies=_is_custom, in_preview=True, help="Degrees.",
    )  # fmt: skip
    min_zoom: float = setting(
        1.0, "Smallest zoom", question="Smallest zoom (min_zoom)", low=0.1, high=10, step=0.05, group="augments",
        applies=_is_custom, in_preview=True, help="1 = as it is; below 1 shows more than the picture.",
    )  # fmt: skip
    max_zoom: float = setting(
        1.1, "Largest zoom", question="Largest zoom (max_zoom)", low=lambda config: config.min_zoom, high=10, step=0.05,
        group="augments", applies=_is_custom, in_preview=True, help="1 = as it is; 1.1 cuts a tenth off.",
    )  # fmt: skip
    max_lighting: float = setting(
        0.2, "Change of light", question="Light (max_lighting)", high=0.99, step=0.05, group="augments",
        applies=_is_custom, in_preview=True, help="How much brightness and contrast may change.",
    )  # fmt: skip
    max_warp: float = setting(
        0.2, "Tilt", question="Tilt (max_warp)", high=0.9, step=0.05, group="augments", applies=_is_custom,
        in_preview=True, help="How far the point of view may move.",
    )  # fmt: skip
    p_affine: float = setting(
        0.75, "Chance of turns and zooms", question="Chance of turn, zoom, tilt (p_affine)", step=0.05,
        group="augments", applies=_is_custom, in_preview=True, help="For each picture, each time.",
    )  # fmt: skip
    p_lighting: float = setting(
        0.75, "Chance of changed light", question="Chance of light (p_lighting)", step=0.05, group="augments",
        applies=_is_custom, in_preview=True, help="For each picture, each time.",
    )  # fmt: skip
    random_erasing: float = setting(
        0.0, "Chance of an erased piece", question="Chance of erasing (RandomErasing)", step=0.05, group="augments",
        applies=_is_custom, in_preview=True, help="A piece of the picture becomes noise.",
    )  # fmt: skip
    learning_rate: float | None = setting(
        2e-3, "Learning rate", low=1e-9, high=10, step=1e-4, number_format="%.6f", none="found automatically",
        worth_trying=(3e-4, 1e-3, 2e-3, 5e-3, 1e-2), help="How large the steps are. Too large: the loss explodes; too "
        "small: nothing is learnt. 0.001 to 0.005 is usual.",
    )  # fmt: skip
    optimizer: str = setting(
        "adam", "Optimiser", choices=choices.OPTIMIZERS, group="rate", in_rate_curve=True,
        worth_trying=tuple(choices.OPTIMIZERS),
    )  # fmt: skip
    lr_low: float | None = setting(
        None, "Rate of the first layers", low=1e-9, high=10, step=1e-5, number_format="%.7f", none="fastai's own",
        applies=_is_pretrained, help="Discriminative learning rates: early layers see edges and colours, which hardly "
        "need to change. The groups between are spaced evenly in the logarithm, as in `slice(low, high)`.",
    )  # fmt: skip
    frozen_groups: int = setting(
        0, "Frozen layer groups", question="Layer groups that never learn", high=_most_frozen_groups,
        applies=_is_pretrained, help="Counted from the picture's side; fewer pictures can stand more of them.",
    )  # fmt: skip
    weight_decay: float | None = setting(
        None, "Weight decay", step=0.01, number_format="%.4f", none="0.01, fastai's own", group="regularisation",
        in_rate_curve=True, worth_trying=(0.0, 0.01, 0.05, 0.1),
        help="Pulls all weights towards zero. fastai's own is 0.01.",
    )  # fmt: skip
    label_smoothing: float = setting(
        0.0, "Label smoothing", high=0.9, step=0.05, group="regularisation", in_rate_curve=True,
        worth_trying=(0.0, 0.05, 0.1, 0.2),
        help="Asks for a little less than certainty, so that single wrong labels cost less. 0.1 is usual, 0 is off.",
    )  # fmt: skip
    mix: str = setting(
        "none", "Mixing pictures", choices=choices.MIXES, group="regularisation", side="right", in_rate_curve=True,
        worth_trying=tuple(choices.MIXES),
    )  # fmt: skip
    mix_alpha: float = setting(
        0.4, "Mixing alpha", low=0.01, high=10, step=0.05, group="regularisation", side="right",
        applies=lambda config: config.mix != "none", help="How evenly two pictures are mixed; 0.4 is fastai's own.",
    )  # fmt: skip
    balance: str = setting(
        "none", "Uneven labels", choices=choices.BALANCES, group="regularisation", side="right", in_rate_curve=True,
        worth_trying=tuple(choices.BALANCES),
    )  # fmt: skip
    tta: bool = setting(
        False, "Test-time augmentation", group="evaluation", is_possible=can_augment,
        why_not="It needs an augmentation to average over (see Data & augmentation).",
        help="Scores and predictions are averaged over augmented copies of each picture: a little better, several "
        "times slower.",
    )  # fmt: skip
    tta_n: int = setting(
        4, "Augmented copies", low=1, high=64, group="evaluation", applies=lambda config: config.tta,
        help="How many copies of each picture are judged.",
    )  # fmt: skip
    thorough: bool = setting(
        False, "Thorough", question="Thorough look", in_quick_look=True, in_training=False, group="data",
        help="Finds more of the wrong labels first, in minutes instead of seconds: several networks look at every "
        "picture, and one is fine-tuned on each half of the pictures to judge the other half. For photos. It takes "
        "tf_efficientnet_lite0, tf_efficientnet_lite2 and mobilenet_v2, as far as their weights are on this machine.",
    )  # fmt: skip
    folds: int = setting(
        5, "Folds", low=2, high=20, in_quick_look=True, in_training=False, applies=lambda _config: False,
    )  # fmt: skip
    seed: int = setting(
        42, "Seed", high=2**31 - 1, group="evaluation", side="right", in_preview=True, worth_trying=(1, 2, 3, 4, 5),
        help="The same seed and settings give the same figures on a CPU.",
    )  # fmt: skip


SETTINGS = settings_of(Settings)
