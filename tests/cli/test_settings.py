"""Settings of a training on the command line: any of them, a run's, an experiment's; and as fastai code."""

import numpy as np
import pytest

from curate.catalog import jobs as rows
from curate.catalog import projects, runs
from curate.cli import main
from curate.cli.run_commands import Settings
from curate.training.settings.config import TrainConfig


@pytest.fixture
def refused(capsys):
    """`refused("train", "pets", …)`: the one line on stderr of a command that must fail; nothing may be queued."""

    def run(*args: str) -> str:
        assert main(list(args)) == 1
        assert rows.list_jobs() == []
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--set", "speed=9"), "no setting `speed`"),
        (("--set", "epochs=many"), "'many' cannot be the setting `epochs`"),
        (("--set", "epochs=true"), "'true' cannot be the setting `epochs`"),
        (("--set", "mix=stirred"), "Mixing pictures `stirred` is not known"),
        (("--preset", "perfect"), "no preset perfect"),
        (("--like", "7"), "no finished run 7"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_a_sentence(refused, small_project, given, sentence):
    assert sentence in refused("train", "pets", *given)


def test_an_experiment_that_cannot_be_queues_nothing(refused, small_project):
    assert "at least two values" in refused("experiment", "pets", "--vary", "share=1")
    assert "With image size 9 px: Image size must be" in refused("experiment", "pets", "--vary", "size_px=64,9")
    assert "no setting `speed`" in refused("experiment", "pets", "--vary", "speed=1,2")


def test_a_runs_settings_are_printed_as_fastai_code(small_project, capsys):
    chosen = runs.training_set(small_project.id)
    config = TrainConfig("resnet34", pretrained=False, epochs=7)
    run_id = runs.create_run(small_project.id, config.to_json(), chosen, None)
    probabilities = np.full((8, 2), 0.5, np.float32)
    runs.finish_run(run_id, chosen, np.full(8, 0.69), probabilities, {})
    assert main(["code", "pets"]) == 0
    printed = capsys.readouterr().out
    assert "vision_learner(dls, resnet34, pretrained=False" in printed
    assert "learn.fit_one_cycle(7, rate)" in printed


def test_every_setting_is_listed_with_its_range_and_default(capsys):
    assert main(["train", "--settings"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert "  label_smoothing: Label smoothing: a number from 0 to 0.9 (0.0)" in listed
    assert len(listed) == len(TrainConfig().to_json())


def test_a_preset_takes_a_network_whose_weights_are_here(small_project, tmp_path, monkeypatch):
    (tmp_path / "mobilenet_v2.pth").write_bytes(b"")  # found by its name; read by the training only
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    chosen = Settings("standard", None, (), {}).for_project(projects.find_project("pets"))
    assert (chosen.architecture, chosen.network_head) == ("mobilenet_v2", "kernel")
    assert Settings("quick look", None, (), {}).for_project(projects.find_project("pets")).method == "quick_look"
