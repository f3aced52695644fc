"""Settings that fit together, each with a sentence on when to use them. No torch here."""

import math
from dataclasses import dataclass, replace

from curate.training.settings.config import TrainConfig


@dataclass(frozen=True)
class Preset:
    """name: what it is called on the screen; words: when to use it."""

    name: str
    words: str
    config: TrainConfig


# 2,527 photos and squeezenet1_1 with one unfrozen epoch, mean of three seeds: right on 0.83, 0.84 of the validation
# images with 2 frozen epochs at 128 and 160 px; 0.82 with 1 at 160; 0.81 as the notebook has it (1, 224 px, cropped).
# Frozen epochs cost next to nothing (see `frozen_features`), and squeezing loses no edge of a picture.
STANDARD = TrainConfig(size_px=160, resize="squish", frozen_epochs=2, epochs=3)

PRESETS = (
    Preset(
        "quick look",
        "Begin here: the first suspicious pictures within seconds, without training the network itself.",
        TrainConfig(method="quick_look"),
    ),
    Preset(
        "standard",
        "For most trainings: fastai's fine_tune on whole pictures; of few pictures only the last layers learn.",
        STANDARD,
    ),
    Preset(
        "thorough",
        "Once the labels are clean: many augmented epochs, for a model that other people will use.",
        TrainConfig(augment="standard", epochs=15, label_smoothing=0.1, keep_best=True, tta=True),
    ),
)

_FEWEST_BATCHES = 5  # in an epoch; a label with few pictures is then in some of them
_FROZEN_STEPS = 30  # with augmentation; a preset's own frozen epochs are not shortened
_PICTURES = 7_500  # to learn from at most: three epochs of 2,500
_LONGEST = 40  # unfrozen epochs, with augmentation

# Accuracy on other photos, mean of three seeds, by pictures of the project (`benchmarks.presets`):
#                                                   50    100   300   1,000  2,500
#   mobilenet_v2: quick look at 160 px             0.61  0.65  0.75  0.82   0.84
#     this preset: kernel head at 224 px           0.63  0.68  0.76  0.84   0.87
#     fastai's head, frozen epochs, at 224 px      0.60  0.64  0.73  0.79   0.83
#   tf_efficientnet_lite0: quick look at 160 px    0.69  0.72  0.84  0.89   0.91
#     this preset: kernel head at 224 px           0.71  0.75  0.86  0.91   0.93
#     fastai's head, frozen epochs, at 224 px      0.62  0.72  0.79  0.84   0.88
# Unfrozen epochs after those of fastai's head make it worse, by one seed each: mobilenet_v2 with 3 of them 0.58 for
# 0.62 (100 photos), 0.66 for 0.78 (1,000), 0.75 for 0.78 (2,500); tf_efficientnet_lite0 0.75 for 0.84 (1,000).
_FEW = 5_000  # training pictures, up to which only the last layers learn
_FEW_PX = 224  # frozen epochs cost next to nothing, for the features are computed once
_KERNEL_RATE = 1e-5  # the kernel begins near its best: with 1e-4, 1,000 photos lose 0.01
_SMALL = 400  # training pictures, below which batches are small and epochs many


def for_pictures(config: TrainConfig, n_train: int) -> TrainConfig:
    """Returns a preset's settings with batch size, epochs and picture size that suit the number of training pictures.

    With few pictures and without augmentation only the last layers learn, from a kernel on, for 200 steps and more.
    With augmentation batches become smaller (down to 8) and epochs more. From 5,000 pictures on, the epochs are the
    preset's own.
    """
    if config.method == "quick_look" or n_train < 1:
        return config
    if config.augment == "none" and config.pretrained:
        return _only_frozen(config, n_train) if n_train <= _FEW else config
    largest = max(8, n_train // _FEWEST_BATCHES)
    batch_size = min(config.batch_size, 2 ** int(math.log2(largest)))
    n_steps = max(1, n_train // batch_size)
    epochs = max(config.epochs, min(_LONGEST, _PICTURES // n_train))
    frozen_epochs = max(config.frozen_epochs, min(40, math.ceil(_FROZEN_STEPS / n_steps)))
    return replace(config, batch_size=batch_size, epochs=epochs, frozen_epochs=frozen_epochs)


def _only_frozen(config: TrainConfig, n_train: int) -> TrainConfig:
    batch_size, frozen_epochs = (16, 40) if n_train < _SMALL else (config.batch_size, 20)
    batch_size = min(batch_size, 2 ** int(math.log2(max(8, n_train // _FEWEST_BATCHES))))
    return replace(
        config, network_head="kernel", size_px=_FEW_PX, learning_rate=_KERNEL_RATE, batch_size=batch_size,
        frozen_epochs=frozen_epochs, epochs=0,
    )  # fmt: skip
