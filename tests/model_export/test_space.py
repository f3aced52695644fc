"""A Hugging Face Space starts in an environment of its own, and answers over HTTP what Curate answers."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from curate import cli
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.model_export import golden, space
from curate.onnx_graph import write as graph
from curate.prediction import graph_model
from tests.conftest import REPOSITORY
from tests.factories import train_here
from tests.onnx_graph.test_write import CONFIGS, LABELS, NAME, leave_network

STARTS_S, INSTALLS_S = 120, 900


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run's folder with an untrained network and its graph."""
    folder = tmp_path / "run"
    folder.mkdir()
    leave_network(folder, CONFIGS["small_cnn"], scale=1.0)
    graph.ensure(folder, NAME)
    return folder


@pytest.fixture
def space_folder(run_folder: Path, tmp_path: Path) -> Path:
    """The Space's files, with two examples."""
    folder = tmp_path / "space"
    folder.mkdir()
    for name in ("plain.jpg", "grey.jpg"):
        (tmp_path / name).write_bytes(golden.pictures()[name])
    examples = [
        space.Example(tmp_path / "plain.jpg", "9:16", "Plain by Eve, CC BY 4.0"),
        space.Example(tmp_path / "grey.jpg", "dögs", "grey.jpg"),
    ]
    space.write_folder(folder, run_folder, NAME, examples)
    return folder


def test_the_card_has_the_head_that_a_space_needs_and_names_the_examples(space_folder: Path) -> None:
    from huggingface_hub import RepoCard

    card = RepoCard.load(space_folder / "README.md", repo_type="space")
    head = card.data.to_dict()
    assert (head["sdk"], head["sdk_version"], head["app_file"]) == ("gradio", space.GRADIO, "app.py")
    assert head["python_version"] == f"{sys.version_info.major}.{sys.version_info.minor}" and head["license"]
    assert "- 9:16: Plain by Eve, CC BY 4.0" in card.text
    names = {path.relative_to(space_folder).as_posix() for path in space_folder.rglob("*") if path.is_file()}
    assert {"app.py", "predict.py", "square.py", "model.onnx", "requirements.txt", "examples/9_16.webp"} <= names
    assert "curate" not in (space_folder / "app.py").read_text()
    pinned = (space_folder / "requirements.txt").read_text().split()
    assert pinned and all("==" in line for line in pinned)


def test_the_command_writes_a_folder_with_held_out_examples(
    make_project: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_project([(label, split) for label in ("9:16", "dogs") for split in ("train", "train", "valid") * 2])
    train_here(made.id, PIXELS_LOOK)
    out = tmp_path / "out"
    assert cli.main(["export-model", "pets", str(out), "--format", "space"]) in (0, None)
    assert sorted(path.name for path in (out / "examples").iterdir()) == ["9_16.webp", "dogs.webp"]
    assert "\n- 9:16: 2.png (9:16: 2.png)\n" in (out / "README.md").read_text()
    ran = subprocess.run([sys.executable, "predict.py", "--check"], cwd=out, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert cli.main(["export-model", "pets", str(out), "--format", "space"]) == 1
    assert "is not an empty folder" in capsys.readouterr().err


@pytest.fixture(scope="session")
def space_python() -> Path:
    """The Python of an environment with a Space's requirements only, kept from run to run; skips without an index."""
    folder = REPOSITORY / "test-output" / "space"
    python, mark = folder / "bin" / "python", folder / "requirements.txt"
    if not mark.exists() or mark.read_text().splitlines() != list(space.REQUIREMENTS):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *space.REQUIREMENTS]
        ran = subprocess.run(install, capture_output=True, text=True, timeout=INSTALLS_S, check=False)
        if ran.returncode:
            pytest.skip(f"Gradio cannot be installed here: {ran.stderr.strip().splitlines()[-1:]}")
        mark.write_text("\n".join(space.REQUIREMENTS))
    return python


@pytest.fixture
def space_url(space_python: Path, space_folder: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the Space, started as Hugging Face starts it: `python app.py`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "GRADIO_TEMP_DIR": str(tmp_path / "gradio"),
    }  # fmt: skip
    with (tmp_path / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [space_python, "app.py"], cwd=space_folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/gradio_api/info", process, tmp_path / "log.txt")
        yield f"http://127.0.0.1:{port}/gradio_api"
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTS_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise AssertionError(log.read_text()[-3000:])


def ask(url: str, name: str, data: bytes) -> dict[str, float]:
    """{label: probability}, as any client of the Space gets it. Raises ValueError with what the Space says instead."""
    path = httpx.post(f"{url}/upload", files={"files": (name, data)}, timeout=60).raise_for_status().json()[0]
    picture = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
    event = httpx.post(f"{url}/call/predict", json={"data": [picture]}, timeout=60).raise_for_status().json()
    lines = httpx.get(f"{url}/call/predict/{event['event_id']}", timeout=120).text.splitlines()
    if "event: complete" not in lines:
        raise ValueError(lines)
    [answer] = json.loads(lines[lines.index("event: complete") + 1].removeprefix("data: "))
    return {each["label"]: each["confidence"] for each in answer["confidences"]}


def test_it_answers_every_golden_picture_as_curate_does(space_url: str, run_folder: Path) -> None:
    model = graph_model.load(run_folder)
    answers = {name: ask(space_url, name, data) for name, data in golden.pictures().items()}
    for name, data in golden.pictures().items():
        assert answers[name].keys() == set(LABELS)
        expected = model.predict([model.prepare(data)])[0]
        np.testing.assert_allclose([answers[name][label] for label in LABELS], expected, atol=1e-4, err_msg=name)
    assert np.ptp([answer["9:16"] for answer in answers.values()]) > 1e-2  # pictures are told apart at all
    with pytest.raises(ValueError, match="event: error"):
        ask(space_url, "notes.txt", b"no picture")
