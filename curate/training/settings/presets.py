"""Settings that fit together, each with a sentence on when to use them. No torch here."""

from dataclasses import dataclass

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
