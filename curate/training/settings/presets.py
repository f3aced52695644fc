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
        "For most trainings: fastai's fine_tune on whole pictures at a size that is quick to learn from.",
        STANDARD,
    ),
    Preset(
        "thorough",
        "Once the labels are clean: many augmented epochs, for a model that other people will use.",
        TrainConfig(augment="standard", epochs=15, label_smoothing=0.1, keep_best=True, tta=True),
    ),
)

_FEWEST_BATCHES = 5  # in an epoch; a label with few pictures is then in some of them
_FROZEN_STEPS = {"none": 200}  # cheap without augmentation: the features are computed once
_PICTURES = 7_500  # to learn from at most: three epochs of 2,500
_LONGEST = {"none": 10, "standard": 40}  # epochs by augmentation: augmented pictures are learnt by heart more slowly


# 80 training photos, mobilenet_v2, one seed, right on 200 others: 0.44 with the preset as it stands (five steps in
# all), 0.54 so (250 steps); a quick look has 0.60.


def for_pictures(config: TrainConfig, n_train: int) -> TrainConfig:
    """Returns a preset's settings with a batch size and epochs that suit the number of training pictures.

    A batch of 64 is the whole of a small project: the standard preset would take five steps. Batches become smaller
    (down to 8) and epochs more, for some 250 steps at any number of pictures. From 2,500 pictures on, the unfrozen
    epochs are the preset's own.
    """
    if config.method == "quick_look" or n_train < 1:
        return config
    largest = max(8, n_train // _FEWEST_BATCHES)
    batch_size = min(config.batch_size, 2 ** int(math.log2(largest)))
    n_steps = max(1, n_train // batch_size)
    epochs = max(config.epochs, min(_LONGEST.get(config.augment, 40), _PICTURES // n_train))
    frozen_epochs = min(40, math.ceil(_FROZEN_STEPS.get(config.augment, 30) / n_steps))
    return replace(config, batch_size=batch_size, epochs=epochs, frozen_epochs=max(config.frozen_epochs, frozen_epochs))
