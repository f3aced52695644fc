"""What lies in the zip of a model: the card, the weights, and a check that fails when the answers differ."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from curate import square
from curate.model_export import card, fastai_pickle, write
from curate.onnx_graph import GRAPH
from curate.onnx_graph import write as graph
from curate.prediction import graph_model
from curate.training import saved_model
from curate.training.settings.config import TrainConfig
from tests.onnx_graph.test_write import CONFIGS, LABELS, NAME, leave_network, leave_quick_look


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A folder as the zip has it, but for card and pickle."""
    run_folder, folder = tmp_path / "run", tmp_path / "zip"
    run_folder.mkdir()
    folder.mkdir()
    leave_network(run_folder, CONFIGS["small_cnn"])
    graph.ensure(run_folder, NAME)
    write.write_files(folder, run_folder, graph_model.load(run_folder))
    return folder


def run_check(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "predict.py", "--check"], cwd=folder, capture_output=True, text=True)


def test_the_square_goes_along_verbatim_and_so_do_labels_and_weights(unpacked: Path) -> None:
    assert (unpacked / "square.py").read_bytes() == Path(square.__file__).read_bytes()
    assert "from curate" not in (unpacked / "predict.py").read_text()
    expected = json.loads((unpacked / "golden" / "expected.json").read_text())
    assert expected["labels"] == LABELS and len(expected["probabilities"]) == 15
    assert {path.name for path in (unpacked / "weights").iterdir()} == {"model.json", "model.safetensors"}


def test_the_check_fails_when_the_model_answers_otherwise(unpacked: Path) -> None:
    assert run_check(unpacked).returncode == 0
    model = onnx.load(unpacked / GRAPH)
    largest = max(model.graph.initializer, key=lambda each: numpy_helper.to_array(each).size)
    largest.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(largest) * np.float32(1.1), largest.name))
    onnx.save(model, unpacked / GRAPH)
    ran = run_check(unpacked)
    assert ran.returncode == 1 and "DIFFERENT" in ran.stdout


def test_a_file_that_is_no_picture_is_named_and_the_rest_answered(unpacked: Path) -> None:
    (unpacked / "notes.txt").write_text("no picture")
    ran = subprocess.run(
        [sys.executable, "predict.py", "notes.txt", "golden/plain.jpg"], cwd=unpacked, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert "notes.txt" in ran.stderr and ran.stdout.startswith("golden/plain.jpg: ")


def test_the_card_says_what_it_is_how_near_and_why_there_is_no_pickle(tmp_path: Path) -> None:
    config = TrainConfig(method="quick_look", architecture="pixels", size_px=32)
    leave_quick_look(tmp_path, config, 432)
    facts = saved_model.read_facts(tmp_path)
    measured = card.Measured(40, 0.0312, None)
    text = card.write(facts, NAME, measured, [], "There is no export.pkl: a kernel.")
    assert "# Pets, run 3" in text and "- `9:16`" in text
    assert "Over 40 validation pictures" in text and "0.031" in text
    assert "There is no export.pkl: a kernel." in text
    trained = saved_model.ModelFacts(
        LABELS, CONFIGS["small_cnn"], [0.5] * 3, [0.2] * 3, {"accuracy": 0.9, "n_valid": 200}
    )
    text = card.write(trained, NAME, card.Measured(40, 0.0, 0.013), ["export.pkl"], "")
    assert "right on 90 % of 200 held-out pictures (85 % to 93 % with 95 % confidence)" in text
    assert "largest difference was 0.013" in text


_PLAIN = """
import sys
import numpy as np
from fastai.learner import load_learner
from fastai.vision.core import PILImage

learn = load_learner(sys.argv[1])
print("\\n", *learn.predict(PILImage.create(np.load(sys.argv[2])))[2].tolist())
assert not any(name.partition(".")[0] == "curate" for name in sys.modules)
"""


@pytest.mark.parametrize("name", ["kernel", "kernel, timm"])
def test_plain_fastai_opens_a_kernel_head_and_gives_the_same_probabilities(tmp_path: Path, name: str) -> None:
    from curate.prediction.model import load_model, load_networks

    leave_network(tmp_path, CONFIGS[name], temperature=1.5)
    facts = saved_model.read_facts(tmp_path)
    assert fastai_pickle.write(tmp_path, load_networks(tmp_path, facts), facts) == ["export.pkl"]
    assert b"curate" not in (tmp_path / "export.pkl").read_bytes()
    picture = np.random.default_rng(0).integers(0, 256, (facts.config.size_px, facts.config.size_px, 3), dtype=np.uint8)
    np.save(tmp_path / "picture.npy", picture)
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        _PLAIN,
        str(tmp_path / "export.pkl"),
        str(tmp_path / "picture.npy"),
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    expected = load_model(tmp_path).predict([picture])[0]
    np.testing.assert_allclose([float(each) for each in ran.stdout.splitlines()[-1].split()], expected, atol=1e-5)


def test_a_body_that_is_turned_round_by_ours_is_refused_with_the_reason(tmp_path: Path) -> None:
    from curate.errors import BadInput
    from curate.training.networks.build import create_network

    config = CONFIGS["channels last"]
    facts = saved_model.ModelFacts(LABELS, config, [0.5] * 3, [0.2] * 3, {})
    network = create_network(config.architecture, 3, config.size_px)
    with pytest.raises(BadInput, match=r"no export\.pkl: the network's body is turned round"):
        fastai_pickle.write(tmp_path, [network], facts)
    assert list(tmp_path.iterdir()) == []
