"""The groups of the training form besides the network and the learning rate; what does not apply is not shown."""

import streamlit as st

from curate.training.networks import architectures
from curate.training.settings.choices import AUGMENTS, BALANCES, MIXES, PRECISIONS, RESIZES, SCHEDULES
from curate.training.settings.config import TrainConfig
from curate.ui.rendering import formatting
from curate.ui.train import fields


def show_time(config: TrainConfig) -> None:
    """Schedule, epochs or cycles, the batch, and when to end early."""
    left, right = st.columns(2, gap="medium")
    with left:
        fields.choice("schedule", "Schedule", SCHEDULES, "How the learning rate moves, named as in fastai.")
        if config.schedule == "sgdr":
            _ask_cycles(config)
        else:
            fields.whole("epochs", "Epochs", 0, 1000, "How often the whole network sees every training picture.")
        if config.pretrained:
            fields.whole(
                "frozen_epochs",
                "Frozen epochs",
                0,
                1000,
                "Epochs before those in which only the new last layers learn.",
            )
    with right:
        fields.whole(
            "batch_size", "Batch size", 2, 4096, "Pictures learnt from at a time; halve it when memory runs out."
        )
        fields.whole(
            "patience", "Stop early after (epochs without progress)", 0, 1000,
            "Ends when the validation loss has not fallen for so many epochs; 0 = never.",
        )  # fmt: skip
        fields.switch(
            "keep_best", "Keep the best epoch",
            "Keeps the epoch with the lowest validation loss instead of the last.",
        )  # fmt: skip
        fields.choice("precision", "Precision", PRECISIONS)


def show_data(config: TrainConfig) -> None:
    """Resizing, augmentation, the share of the pictures, progressive resizing."""
    left, right = st.columns(2, gap="medium")
    with left:
        fields.choice("resize", "Resize", RESIZES)
        fields.share(
            "share", "Share of the training pictures", 0.01,
            "Learn from fewer pictures, drawn evenly from every label; the held-out ones stay all.",
        )  # fmt: skip
        fields.whole(
            "start_px", "Begin with smaller pictures (px)", 16, config.size_px,
            "Progressive resizing: the first epoch's pictures have this side, the last one's the full size. "
            "Quicker, and a mild augmentation.", step=16, empty=f"{config.size_px} px throughout",
        )  # fmt: skip
    with right:
        fields.choice(
            "augment", "Augmentation", AUGMENTS,
            "Random changes to training pictures, so that none is seen twice alike: fastai's `aug_transforms`.",
        )  # fmt: skip
    if config.augment == "custom":
        _ask_augments()


def show_regularisation(config: TrainConfig) -> None:
    """What keeps the network from learning its pictures by heart."""
    left, right = st.columns(2, gap="medium")
    with left:
        fields.number(
            "weight_decay", "Weight decay", 0.0, 1.0, "Pulls all weights towards zero. fastai's own is 0.01.",
            step=0.01, fmt="%.4f", empty="0.01, fastai's own",
        )  # fmt: skip
        fields.number(
            "label_smoothing", "Label smoothing", 0.0, 0.9,
            "Asks for a little less than certainty, so that single wrong labels cost less. 0.1 is usual, 0 is off.",
        )  # fmt: skip
    with right:
        fields.choice("mix", "Mixing pictures", MIXES)
        if config.mix != "none":
            fields.number(
                "mix_alpha", "Mixing alpha", 0.01, 10.0, "How evenly two pictures are mixed; 0.4 is fastai's own.",
            )  # fmt: skip
        fields.choice("balance", "Uneven labels", BALANCES)


def show_evaluation(config: TrainConfig) -> None:
    """Test-time augmentation and the seed."""
    can_augment = config.augment != "none" or config.resize == "random_crop"
    left, right = st.columns(2, gap="medium")
    with left:
        fields.switch(
            "tta", "Test-time augmentation",
            "Scores and predictions are averaged over augmented copies of each picture: a little better, several times "
            "slower.", disabled=not can_augment,
        )  # fmt: skip
        if not can_augment:
            st.caption("It needs an augmentation to average over (see Data & augmentation).")
        if config.tta:
            fields.whole("tta_n", "Augmented copies", 1, 64, "How many copies of each picture are judged.")
    with right:
        _ask_seed()


def show_quick_look(config: TrainConfig) -> None:
    """All that a quick look can be told besides the network; it has folds and seeds of its own."""
    resizes = {name: RESIZES[name] for name in ("crop", "pad", "squish")}
    fields.choice("resize", "Resize", resizes if config.resize in resizes else RESIZES)
    fields.switch(
        "thorough", "Thorough look",
        "Finds more of the wrong labels first, in minutes instead of seconds: several networks look at every picture, "
        "and some are fine-tuned on one half of the pictures to judge the other. For photos; needs the weights of "
        "mobilenet_v2 and squeezenet1_1.",
    )  # fmt: skip


def _ask_seed() -> None:
    fields.whole("seed", "Seed", 0, 2**31 - 1, "The same seed and settings give the same figures on a CPU.")


def _ask_cycles(config: TrainConfig) -> None:
    with st.container(horizontal=True):
        fields.whole("n_cycles", "Cycles", 1, 20, "How often the rate falls and jumps back up.")
        fields.whole("cycle_length", "First length", 1, 1000, "Epochs of the first cycle.")
        fields.whole("cycle_mult", "Multiplier", 1, 10, "How many times longer each next cycle is.")
    lengths = " + ".join(str(n) for n in config.cycles)
    st.caption(f"{lengths} = {formatting.counted(sum(config.cycles), 'epoch')}")
    fields.switch(
        "snapshot_ensemble", "Average the cycles' ends",
        "A snapshot ensemble: the finished model averages the probabilities of the networks at the cycles' ends.",
    )  # fmt: skip


def _ask_augments() -> None:
    with st.grid("auto", min_column_width=190):
        fields.switch("flip", "Mirror (flip)", "Left and right swapped in half of the pictures.")
        fields.switch("flip_vert", "Any way up (flip_vert)", "Also upside down and turned by 90 degrees.")
        for name, label, low, high, step, text in _AUGMENTS:
            fields.number(name, label, low, high, text, step=step)


_AUGMENTS = (
    ("max_rotate", "Turn up to (max_rotate)", 0.0, 180.0, 1.0, "Degrees."),
    ("min_zoom", "Smallest zoom (min_zoom)", 0.1, 10.0, 0.05, "1 = as it is; below 1 shows more than the picture."),
    ("max_zoom", "Largest zoom (max_zoom)", 0.1, 10.0, 0.05, "1 = as it is; 1.1 cuts a tenth off."),
    ("max_lighting", "Light (max_lighting)", 0.0, 0.99, 0.05, "How much brightness and contrast may change."),
    ("max_warp", "Tilt (max_warp)", 0.0, 0.9, 0.05, "How far the point of view may move."),
    ("p_affine", "Chance of turn, zoom, tilt (p_affine)", 0.0, 1.0, 0.05, "For each picture, each time."),
    ("p_lighting", "Chance of light (p_lighting)", 0.0, 1.0, 0.05, "For each picture, each time."),
    ("random_erasing", "Chance of erasing (RandomErasing)", 0.0, 1.0, 0.05, "A piece of the picture becomes noise."),
)


def smallest_px(config: TrainConfig) -> int:
    """The smallest side of a picture that the chosen network can take."""
    return 16 if config.architecture == architectures.PIXELS else architectures.find(config.architecture).min_px
