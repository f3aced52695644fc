"""Networks cut in two: both halves together say what the whole says."""

from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import timm
import torch
import torchvision
from torch import nn

from curate.doubts.split_networks import SIZE_PX, load_split


def random_network(name: str) -> Any:
    """A network of random weights whose normalisations have seen pictures."""
    torch.manual_seed(0)
    is_timm = name.startswith("tf_")
    network: Any = timm.create_model(name) if is_timm else torchvision.models.get_model(name)
    network.train()(torch.randn(8, 3, 64, 64))
    return network.eval()


@pytest.mark.parametrize(
    "names", [["mobilenet_v2"], ["tf_efficientnet_lite0"], ["mobilenet_v2", "tf_efficientnet_lite0"]]
)
def test_both_halves_of_the_best_network_at_hand_say_what_it_says(names, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    networks = {name: random_network(name) for name in names}
    for name, network in networks.items():
        safetensors.torch.save_file(network.state_dict(), tmp_path / f"{name}.safetensors")
    split, best = load_split(), networks[names[-1]]
    picture = torch.randn(1, 3, SIZE_PX, SIZE_PX)
    with torch.no_grad():
        activations = split.front(picture)
        layers = best.features(picture) if names[-1] == "mobilenet_v2" else best.forward_features(picture)
        assert activations.shape == (1, 96 if names[-1] == "mobilenet_v2" else 112, 8, 8)
        assert torch.allclose(split.tail(activations), layers, atol=1e-3)
    assert split.mean[0] == (0.485 if names[-1] == "mobilenet_v2" else 0.5)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in split.tail.modules())
