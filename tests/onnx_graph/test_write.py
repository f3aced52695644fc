"""A run's graph gives what its networks give, says what it is, and is not written where it cannot be."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from curate.embeddings import pixel_features, quick_look_head
from curate.onnx_graph import GRAPH, INPUT, NO_GRAPH, OUTPUTS, network, write
from curate.prediction import graph_model
from curate.training import saved_model
from curate.training.settings.config import TrainConfig

NAME = write.RunName("Pets", 3, 2)
LABELS = ["9:16", "dögs", "cats"]


def leave_network(
    folder: Path, config: TrainConfig, n_snapshots: int = 0, temperature: float = 1.0, scale: float = 8.0
) -> None:
    """A run's folder with untrained networks, their last layer times `scale`: as sure as trained ones."""
    import torch

    from curate.training.networks import kernel_head
    from curate.training.networks.build import create_network

    kernel, states = kernel_head.Size(6, 20) if config.has_kernel else None, []
    for seed in range(n_snapshots + 1):
        torch.manual_seed(seed)
        state = create_network(config.architecture, len(LABELS), config.size_px, kernel=kernel).state_dict()
        last = [name for name in state if name.endswith("weight")][-1]
        states.append({name: (values * (scale if name == last else 1)).numpy() for name, values in state.items()})
    facts = saved_model.ModelFacts(LABELS, config, [0.4, 0.5, 0.6], [0.2, 0.3, 0.25], {}, 0, temperature)
    saved_model.write_model(folder, facts, states, np.zeros((1, 3)))


def leave_quick_look(folder: Path, config: TrainConfig, n_features: int) -> quick_look_head.QuickHead:
    rng = np.random.default_rng(1)
    features = rng.normal(0.5, 1, (40, n_features)).astype(np.float16)
    matrix = rng.normal(0, 1 / n_features**0.5, (n_features, 6)).astype(np.float32)
    head = quick_look_head.fit(features.mean(axis=0, dtype=np.float32), matrix, features, np.arange(40) % 3, 3)
    facts = saved_model.ModelFacts(LABELS, config, [0.0] * 3, [1.0] * 3, {})
    saved_model.write_model(folder, facts, [head.parameters()], np.zeros((1, 3)))
    return head


def squares(side_px: int, n: int = 5) -> np.ndarray:
    """(n, S, S, 3) uint8: noise, coarse noise, and one of a single colour."""
    rng = np.random.default_rng(0)
    made = rng.integers(0, 256, (n, side_px, side_px, 3), dtype=np.uint8)
    made[1] = np.kron(made[1, : side_px // 8 + 1, : side_px // 8 + 1], np.ones((8, 8, 1)))[:side_px, :side_px]
    made[2] = 90
    return made


CONFIGS = {
    "small_cnn": TrainConfig(architecture="small_cnn", pretrained=False, size_px=32),
    "its middle": TrainConfig(architecture="small_cnn", pretrained=False, size_px=32, resize="random_crop"),
    "squeezenet1_1": TrainConfig(architecture="squeezenet1_1", pretrained=False, size_px=64),
    "timm": TrainConfig(architecture="tf_efficientnet_lite0", pretrained=False, size_px=64),
    "kernel": TrainConfig(
        architecture="squeezenet1_1", network_head="kernel", size_px=64
    ),  # its stages: 31, 15, 7, 3 places
    "kernel, timm": TrainConfig(architecture="tf_efficientnet_lite0", network_head="kernel", size_px=80),
    "channels last": TrainConfig(architecture="swin_s3_tiny_224", pretrained=False, size_px=224),
    "tokens": TrainConfig(architecture="deit_tiny_patch16_224", pretrained=False, size_px=224),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_networks_graph_gives_what_the_network_gives(tmp_path: Path, name: str) -> None:
    from curate.prediction.model import load_model

    config = CONFIGS[name]
    leave_network(tmp_path, config, temperature=1.7, scale=1.0 if name == "timm" else 8.0)
    assert write.ensure(tmp_path, NAME), (tmp_path / NO_GRAPH).read_text()
    given = squares(config.stored_px, 3)
    expected = load_model(tmp_path).predict(list(given))
    np.testing.assert_allclose(graph_model.load(tmp_path).predict(list(given)), expected, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 1e-3  # pictures are told apart at all


def test_the_mean_of_snapshots_and_the_temperature_are_in_the_graph(tmp_path: Path) -> None:
    from curate.prediction.model import load_model

    leave_network(tmp_path, CONFIGS["small_cnn"], n_snapshots=2, temperature=0.5)
    write.ensure(tmp_path, NAME)
    given = squares(32)
    session = onnxruntime.InferenceSession(tmp_path / GRAPH)
    probabilities, logits, embedding = session.run(OUTPUTS, {INPUT: given})
    np.testing.assert_allclose(probabilities, load_model(tmp_path).predict(list(given)), atol=1e-5)
    # By hand: the three networks' own probabilities, averaged; at temperature 0.5 that is squared, and brought to 1.
    facts = saved_model.read_facts(tmp_path)
    import torch

    from curate.prediction.model import load_networks

    pixels = (torch.from_numpy(given).permute(0, 3, 1, 2) / 255 - torch.tensor(facts.mean).view(3, 1, 1)) / (
        torch.tensor(facts.std).view(3, 1, 1)
    )
    with torch.no_grad():
        each = [one.eval()(pixels).softmax(1).numpy() for one in load_networks(tmp_path, facts)]
    squared = np.mean(each, axis=0) ** 2
    np.testing.assert_allclose(probabilities, squared / squared.sum(axis=1, keepdims=True), atol=1e-5)
    raised = np.exp(logits)
    np.testing.assert_allclose(probabilities, raised / raised.sum(axis=1, keepdims=True), atol=1e-6)
    assert embedding.shape == (5, 128)


@pytest.mark.parametrize("side_px", [16, 32, 45])
def test_pixels_and_their_head_are_in_the_graph(tmp_path: Path, side_px: int) -> None:
    config = TrainConfig(method="quick_look", architecture="pixels", size_px=side_px, resize="squish")
    head = leave_quick_look(tmp_path, config, pixel_features.N_FEATURES)
    assert not write.needs_torch(tmp_path)
    write.ensure(tmp_path, NAME)
    given = squares(side_px)
    session = onnxruntime.InferenceSession(tmp_path / GRAPH)
    probabilities, _, embedding = session.run(OUTPUTS, {INPUT: given})
    features = pixel_features.features(given)
    np.testing.assert_allclose(embedding, features.astype(np.float32), atol=2e-3)  # rounded to 11 bits, both
    np.testing.assert_allclose(probabilities, head.predict(features), atol=1e-4)


def test_a_quick_looks_network_is_in_the_graph_and_is_written_once(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from curate.embeddings import backbones

    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))
    monkeypatch.setattr(backbones.device, "fast_precision", lambda kind: "float32")
    network_of_look = backbones.Backbone("mobilenet_v2", 64)
    given = squares(64)
    features = network_of_look.features(given)
    config = TrainConfig(method="quick_look", architecture="mobilenet_v2", size_px=64, resize="squish")
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        head = leave_quick_look(folder, config, features.shape[1])
        assert write.needs_torch(folder) == (folder.name == "a")
        assert write.ensure(folder, NAME)
        monkeypatch.setattr(network, "export_backbone", None)  # the second time nobody calls it
        np.testing.assert_allclose(graph_model.load(folder).predict(list(given)), head.predict(features), atol=1e-4)


def test_the_graph_says_what_it_is(tmp_path: Path) -> None:
    leave_network(tmp_path, CONFIGS["its middle"])
    write.ensure(tmp_path, NAME)
    facts = {each.key: each.value for each in onnx.load(tmp_path / GRAPH).metadata_props}
    assert json.loads(facts["labels"]) == LABELS
    assert json.loads(facts["preprocessing"]) == {"side_px": 40, "resize": "squish"}
    assert json.loads(facts["run"]) == {"project": "Pets", "run": 3, "version": 2}
    assert "nothing but the project's pictures" in facts["licence"]
    model = graph_model.load(tmp_path)
    assert (model.labels, model.side_px, model.resize) == (LABELS, 40, "squish")


def test_a_network_that_onnx_cannot_express_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    class Odd(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.linalg.eigvals(x[:, :, :3, :3]).real

    leave_network(tmp_path, CONFIGS["small_cnn"])
    odd = torch.nn.Sequential(Odd(), torch.nn.Flatten(), torch.nn.LazyLinear(3))
    odd(torch.zeros(1, 3, 32, 32))
    monkeypatch.setattr("curate.prediction.model.load_networks", lambda folder, facts: [odd])
    assert not write.ensure(tmp_path, NAME)
    assert not (tmp_path / GRAPH).exists()
    assert "cannot be written as ONNX" in json.loads((tmp_path / NO_GRAPH).read_text())["why"]


def test_a_graph_that_computes_something_else_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from curate.errors import BadInput

    class Wavering(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + (0 if torch.jit.is_tracing() else 1)

    facts = saved_model.ModelFacts(LABELS, CONFIGS["small_cnn"], [0.0] * 3, [1.0] * 3, {})
    wavering = torch.nn.Sequential(Wavering(), torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, 3))
    with pytest.raises(BadInput, match="would differ by"):
        network.export_networks([wavering], facts)
