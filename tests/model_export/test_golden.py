"""Every golden picture gets the same answer everywhere: Predict, command line, the zip's script, and fastai's own."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate import cli, store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import export_model
from curate.model_export import golden
from curate.pictures import read_square
from curate.prediction import client
from curate.training import saved_model
from curate.training.settings.config import TrainConfig
from tests.factories import train_here

ATOL = 1e-4
CNN = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, epochs=2, batch_size=8, learning_rate=1e-2, augment="none",
    precision="float32",
)  # fmt: skip
TUNED: dict[str, Any] = {"epochs": 1, "batch_size": 8, "learning_rate": 1e-3, "augment": "none", "precision": "float32"}
WITHOUT_WEIGHTS = {
    "small_cnn": CNN,
    "random crop": TrainConfig(**{**CNN.to_json(), "resize": "random_crop"}),
    "padded": TrainConfig(**{**CNN.to_json(), "resize": "pad"}),
    "snapshots": TrainConfig(
        **{**CNN.to_json(), "schedule": "sgdr", "n_cycles": 2, "cycle_length": 1, "snapshot_ensemble": True}
    ),
    "pixels": PIXELS_LOOK,
}
WITH_WEIGHTS = {
    "torchvision": TrainConfig(architecture="squeezenet1_1", size_px=64, **TUNED),
    "timm": TrainConfig(architecture="tf_efficientnet_lite0", size_px=64, **TUNED),
    "quick look": TrainConfig(method="quick_look", architecture="mobilenet_v2", size_px=64, resize="squish"),
}
# Where `curate` cannot be imported: what the pickle needs of it would be missed.
BY_FASTAI = """
import json, sys
sys.modules["curate"] = None
import numpy as np
from fastai.vision.all import PILImage, load_learner
squares = np.load("squares.npy")
answers = []
for file in sys.argv[1:]:
    learn = load_learner(file)
    with learn.no_bar():
        answers.append([learn.predict(PILImage.create(square))[2].tolist() for square in squares])
    assert list(learn.dls.vocab) == ["9:16", "dogs"]
json.dump(answers, open("answers.json", "w"))
"""


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: nothing here depends on the database."""


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    """24 pictures of noise under two labels, a third of them held out."""
    return make_project([(label, split) for label in ("9:16", "dogs") for split in ("train", "train", "valid") * 4])


@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_a_golden_picture_gets_one_answer_everywhere(
    project: Any, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check_everywhere(project, WITHOUT_WEIGHTS[name], tmp_path, capsys)


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_so_it_does_by_networks_with_weights(
    project: Any,
    tmp_path: Path,
    name: str,
    shared_data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))
    check_everywhere(project, WITH_WEIGHTS[name], tmp_path, capsys)


def check_everywhere(project: Any, config: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = train_here(project.id, config)
    folder = exported(run, tmp_path)
    pictures = golden.pictures()
    by_page = client.predict(store.run_folder(run.id), list(pictures.items()))
    expected = np.array([answer.probabilities for answer in by_page])
    assert np.ptp(expected, axis=0).max() > 1e-3  # pictures are told apart at all

    files = [str(folder / "golden" / name) for name in pictures]
    capsys.readouterr()
    assert cli.main(["predict", str(project.id), *files, "--json"]) in (0, None)
    by_command = json.loads(capsys.readouterr().out)
    np.testing.assert_allclose([list(row["probabilities"].values()) for row in by_command], expected, atol=ATOL)

    by_script = run_script(folder, "--json", *(f"golden/{name}" for name in pictures))
    lines = [json.loads(line)["probabilities"] for line in by_script.splitlines()]
    assert [list(line) for line in lines] == [["9:16", "dogs"]] * len(pictures)
    np.testing.assert_allclose([list(line.values()) for line in lines], expected, atol=ATOL)
    assert run_script(folder, "--check").count(": ok") == len(pictures)

    if config.method != "quick_look":
        np.testing.assert_allclose(by_fastai(folder, run, list(pictures.values())), expected, atol=ATOL)


def exported(run: runs.RunRow, tmp_path: Path) -> Path:
    """The folder of the unpacked zip."""
    job_id = export_model.ensure(run, "Ada")
    run_job(job_id)
    assert rows.find_job(job_id).status == "done", rows.find_job(job_id).message
    with zipfile.ZipFile(export_model.zip_of(run.id)) as archive:
        archive.extractall(tmp_path / "zip")
    return tmp_path / "zip"


def run_script(folder: Path, *arguments: str) -> str:
    """What predict.py prints in a folder where Curate is not: Python's own path is all there is, and it is shut out."""
    shut_out = "import sys, runpy; sys.modules['curate'] = None; sys.path.insert(0, '.'); sys.argv = sys.argv[1:]; "
    command = [sys.executable, "-c", shut_out + "runpy.run_path('predict.py', run_name='__main__')", "predict.py"]
    ran = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def by_fastai(folder: Path, run: runs.RunRow, pictures: list[bytes]) -> np.ndarray:
    """(n, C): what `learn.predict` says of the squares, where Curate cannot be imported."""
    facts = saved_model.read_facts(store.run_folder(run.id))
    resize = "squish" if facts.config.resize == "random_crop" else facts.config.resize
    np.save(folder / "squares.npy", np.stack([read_square(data, facts.config.stored_px, resize) for data in pictures]))
    pickles = sorted(path.name for path in folder.glob("export*.pkl"))
    assert len(pickles) == facts.n_snapshots + 1
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BY_FASTAI, *pickles], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    mean = np.mean(json.loads((folder / "answers.json").read_text()), axis=0)
    if not facts.n_snapshots:
        return mean
    raised = mean ** (1 / facts.temperature)  # as the card says it
    return raised / raised.sum(axis=1, keepdims=True)
