"""Settings that fit together, each with a sentence on when to use them. No torch here."""

from dataclasses import dataclass

from curate.training.config import TrainConfig


@dataclass(frozen=True)
class Preset:
    """name: what it is called on the screen; words: when to use it."""

    name: str
    words: str
    config: TrainConfig


PRESETS = (
    Preset(
        "quick look",
        "Begin here: the first suspicious pictures within seconds, without training the network itself.",
        TrainConfig(method="quick_look"),
    ),
    Preset(
        "standard",
        "For most trainings: fastai's fine_tune, as a notebook would do it.",
        TrainConfig(),
    ),
    Preset(
        "thorough",
        "Once the labels are clean: many augmented epochs, for a model that other people will use.",
        TrainConfig(augment="standard", epochs=15, label_smoothing=0.1, keep_best=True, tta=True),
    ),
)
