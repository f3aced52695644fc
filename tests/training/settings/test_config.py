"""What is refused about settings, in which words, and that settings of older runs can still be read."""

from dataclasses import replace

import pytest

from curate.errors import BadInput
from curate.training.settings.config import SAMPLE, TrainConfig
from curate.training.settings.presets import PRESETS, STANDARD, for_pictures

# As stored by the first version, which knew no other fields.
OLD = {
    "architecture": "squeezenet1_1", "pretrained": True, "size_px": 224, "resize": "crop", "augment": "none",
    "epochs": 4, "frozen_epochs": 1, "batch_size": 64, "learning_rate": 0.002, "seed": 42, "precision": "auto",
}  # fmt: skip


def test_settings_of_older_runs_take_the_defaults_for_what_they_did_not_know():
    assert TrainConfig.from_json(OLD) == TrainConfig("squeezenet1_1")
    assert TrainConfig.from_json({}).validated() == TrainConfig()


def test_every_preset_can_be_trained_with_and_says_when_to():
    assert [preset.name for preset in PRESETS] == ["quick look", "standard", "thorough"]
    for preset in PRESETS:
        assert preset.config.validated() is preset.config
        assert preset.words.endswith(".")
    SAMPLE.validated()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"method": "slow_look"}, "Method `slow_look` is not known"),
        ({"method": "quick_look", "folds": 1}, "Folds must be a whole number from 2 to 20, not 1"),
        ({"method": "quick_look", "architecture": "xresnet18"}, "no pretrained weights for `xresnet18`"),
        ({"architecture": "pixels"}, "no architecture `pixels`"),
        ({"share": 0}, "Share of the pictures must be a number from 0.001 to 1, not 0"),
        ({"share": float("nan")}, "Share of the pictures must be a number"),
        ({"schedule": "two_cycles"}, "Schedule `two_cycles` is not known"),
        ({"schedule": "sgdr", "n_cycles": 0}, "Cycles must be a whole number from 1 to 20"),
        ({"schedule": "sgdr", "cycle_length": 0}, "First cycle's length must be"),
        ({"schedule": "sgdr", "cycle_mult": 0}, "Cycle multiplier must be"),
        ({"schedule": "sgdr", "n_cycles": 11}, "These cycles are 2,047 epochs together; 1,000 are the most"),
        ({"snapshot_ensemble": True}, "made of the ends of cycles"),
        ({"schedule": "sgdr", "snapshot_ensemble": True, "keep_best": True}, "exclude each other"),
        ({"optimizer": "adamax"}, "Optimiser `adamax` is not known"),
        ({"lr_low": 0.0}, "Rate of the first layers must be a number from 1e-09 to 10, not 0.0"),
        ({"lr_low": 2e-3}, "first layers' learning rate 0.002 is not below the last ones' 0.002"),
        ({"frozen_groups": 3}, "Frozen layer groups must be a whole number from 0 to 2"),
        ({"frozen_groups": 1, "pretrained": False}, "From scratch no layers can stay frozen"),
        ({"weight_decay": 2}, "Weight decay must be a number from 0 to 1"),
        ({"label_smoothing": 1.0}, "Label smoothing must be a number from 0 to 0.9"),
        ({"mix": "mashup"}, "Mixing pictures `mashup` is not known"),
        ({"mix_alpha": 0}, "Mixing alpha must be"),
        ({"balance": "scales"}, "Uneven labels `scales` is not known"),
        ({"patience": -1}, "Early stopping must be"),
        ({"start_px": 256}, "Size at the beginning must be a whole number from 16 to 224, not 256"),
        ({"augment": "wild"}, "Augmentation `wild` is not known"),
        ({"augment": "custom", "max_rotate": 181}, "Largest turn in degrees must be a number from 0 to 180"),
        ({"augment": "custom", "min_zoom": 0}, "Smallest zoom must be"),
        ({"augment": "custom", "max_zoom": 0.9}, "Largest zoom must be a number from 1 to 10"),
        ({"augment": "custom", "max_lighting": 1}, "Change of light must be"),
        ({"augment": "custom", "max_warp": 1}, "Tilt must be"),
        ({"augment": "custom", "p_affine": 1.1}, "Chance of turns and zooms must be"),
        ({"augment": "custom", "p_lighting": -0.1}, "Chance of changed light must be"),
        ({"augment": "custom", "random_erasing": 2}, "Chance of an erased piece must be"),
        ({"tta": True}, "averages over augmented copies, and augmentation is off"),
        ({"tta": True, "augment": "light", "tta_n": 0}, "Augmented copies must be"),
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused_with_a_sentence(wrong, sentence):
    with pytest.raises(BadInput, match=sentence):
        TrainConfig(**wrong).validated()


def test_a_quick_look_minds_only_what_it_uses():
    TrainConfig(
        method="quick_look", architecture="pixels", pretrained=False, epochs=0, share=7, mix="mashup"
    ).validated()


@pytest.mark.parametrize(
    ("n_train", "batch_size", "frozen_epochs", "epochs", "size_px"),
    [(40, 8, 40, 0, 224), (80, 16, 40, 0, 224), (240, 16, 40, 0, 224), (800, 64, 20, 0, 224), (2_000, 64, 20, 0, 224),
     (1_000_000, 64, 2, 3, 160)],
)  # fmt: skip
def test_the_standard_preset_takes_some_hundred_steps_at_any_number_of_pictures(
    n_train, batch_size, frozen_epochs, epochs, size_px
):
    suited = for_pictures(STANDARD, n_train).validated()
    assert (suited.batch_size, suited.frozen_epochs, suited.epochs) == (batch_size, frozen_epochs, epochs)
    assert suited.size_px == size_px
    assert (suited.network_head, suited.learning_rate) == (("kernel", 1e-5) if n_train <= 5_000 else ("fastai", 2e-3))
    assert n_train // batch_size * suited.n_epochs >= 200


def test_presets_of_few_pictures_take_many_steps_and_those_of_many_are_as_they_were():
    for preset in PRESETS[1:]:
        assert 80 // for_pictures(preset.config, 80).batch_size * for_pictures(preset.config, 80).n_epochs >= 200
        assert for_pictures(preset.config, 20_000) == preset.config
        for n_train in (1, 2, 9, 5_000):
            for_pictures(preset.config, n_train).validated()
    assert for_pictures(PRESETS[0].config, 10) is PRESETS[0].config
    assert for_pictures(STANDARD, 0) is STANDARD  # a project without pictures


def test_epochs_are_counted_over_all_phases_and_cycles():
    assert TrainConfig(epochs=4, frozen_epochs=2).n_epochs == 6
    assert TrainConfig(epochs=4, frozen_epochs=2, pretrained=False).n_epochs == 4
    restarts = TrainConfig(schedule="sgdr", n_cycles=3, cycle_length=2, cycle_mult=3, frozen_epochs=1)
    assert restarts.cycles == [2, 6, 18]
    assert restarts.n_epochs == 27


def test_sizes_grow_in_steps_of_eight():
    assert replace(SAMPLE, size_px=224, start_px=96, epochs=5).epoch_px == [96, 128, 160, 192, 224]
    assert replace(SAMPLE, size_px=50, start_px=20, epochs=1).epoch_px == [50]
    assert replace(SAMPLE, size_px=64, epochs=3).epoch_px == [64, 64, 64]
