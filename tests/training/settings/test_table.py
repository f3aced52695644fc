"""One entry per setting: checks, forms, texts and the command line read it, and no other file repeats it."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from curate.errors import BadInput
from curate.training.settings import as_text
from curate.training.settings.config import TrainConfig
from curate.training.settings.setting import setting, settings_of
from curate.training.settings.table import SETTINGS
from curate.ui.rendering import run_text
from curate.ui.train import experiment_values

ROOT = Path(__file__).parents[3]
# Each draws or reads these for a reason of its own; every other setting is known to the interface by its entry only.
KNOWN_TO_PAGES = {
    "architecture", "method", "size_px", "pretrained", "learning_rate", "lr_low", "frozen_groups", "epochs",
    "frozen_epochs", "share", "start_px", "schedule", "snapshot_ensemble", "keep_best", "tta", "tta_n", "augment",
    "resize", "precision", "thorough", "folds", "seed", "batch_size", "flip", "mix", "balance", "optimizer",
}  # fmt: skip


@dataclass(frozen=True)
class OneMore:
    """As a table with a single setting, the way somebody new would add one."""

    drop_path: float = setting(
        0.1, "Drop path", question="Drop whole layers", high=0.5, worth_trying=(0.0, 0.1), help="Against overfitting."
    )


def test_the_config_that_is_stored_has_exactly_the_tables_settings():
    assert [field.name for field in fields(TrainConfig)] == list(SETTINGS)
    assert {name: entry.default for name, entry in SETTINGS.items()} == TrainConfig().to_json()
    assert json.loads(json.dumps(TrainConfig().to_json())) == TrainConfig().to_json()


def test_an_entry_alone_says_what_is_wrong_and_how_a_value_reads():
    entry = settings_of(OneMore)["drop_path"]
    entry.check(OneMore(0.5))
    with pytest.raises(BadInput, match=r"Drop path must be a number from 0 to 0.5, not 0.6"):
        entry.check(OneMore(0.6))
    with pytest.raises(BadInput, match="not True"):
        entry.check(OneMore(True))
    assert (entry.title, entry.text(0.1)) == ("Drop whole layers", "0.1")
    assert entry.summary() == "Drop path: a number from 0 to 0.5 (0.1)"


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - KNOWN_TO_PAGES))
def test_no_page_and_no_command_names_a_setting_that_its_entry_describes(name):
    sources = [*(ROOT / "curate/ui").rglob("*.py"), *(ROOT / "curate/cli").rglob("*.py")]
    sources += [*(ROOT / "curate/jobs").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    named_in = [str(path.relative_to(ROOT)) for path in sources if name in path.read_text(encoding="utf-8")]
    assert named_in == []


def test_label_smoothing_stands_in_four_product_files():
    sources = [*(ROOT / "curate").rglob("*.py")]
    named_in = {path.name for path in sources if "label_smoothing" in path.read_text(encoding="utf-8")}
    assert named_in == {"table.py", "losses.py", "fastai_code.py", "presets.py"}  # of a preset: its value


def test_every_entry_can_be_read_written_and_explained():
    for name, entry in SETTINGS.items():
        assert as_text.read(name, as_text.write(entry.default)) == entry.default
        assert run_text.setting_name(name) == entry.label
        assert entry.help or entry.choices or name in ("architecture", "optimizer", "folds"), name
        assert f"  {name}: {entry.label}: " in as_text.summaries()
        for value in entry.worth_trying:
            assert experiment_values.read_typed(name, as_text.write(value)) == value


def test_what_has_no_effect_is_neither_listed_nor_offered():
    assert "label_smoothing" in experiment_values.may_vary(TrainConfig())
    assert experiment_values.may_vary(TrainConfig(method="quick_look")) == ["architecture", "size_px", "resize"]
    assert "epochs" not in experiment_values.may_vary(TrainConfig(schedule="sgdr"))
    listed = dict(run_text.settings(TrainConfig(mix="mixup", patience=3).to_json()))
    assert listed["Mixing alpha"] == "0.4"
    assert listed["Early stopping"] == "3 epochs without progress"
    assert "Mixing alpha" not in dict(run_text.settings(TrainConfig().to_json()))
