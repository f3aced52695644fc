"""Fused networks say what they said before; those in which fusing would change that stay as they are."""

from typing import Any

import pytest
import torch
from torch import nn

from curate.embeddings.fused_convolutions import FusedConvolution, fuse


def timm_network(name: str) -> nn.Module:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network: nn.Module = timm.create_model(name, num_classes=0)
    return with_some_norms(network)


def with_some_norms(network: nn.Module) -> nn.Module:
    """Its normalisations different from doing nothing."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
            module.bias.data.normal_(0, 0.1)
    return network.eval()


@pytest.mark.parametrize(
    ("name", "least"),
    [("tf_efficientnet_lite0", 49), ("resnet18", 20), ("mobilenetv3_small_100", 34), ("densenet121", 58)],
)
@torch.inference_mode()
def test_a_fused_network_says_the_same_in_fewer_steps(name: str, least: int) -> None:
    network = timm_network(name)
    pictures = torch.randn(2, 3, 65, 64)  # odd: padding as TensorFlow has it is not the same on both sides
    expected = network(pictures)
    fuse(network, 64)
    torch.testing.assert_close(network(pictures), expected, atol=float(expected.abs().max()) * 1e-4, rtol=1e-3)
    assert sum(isinstance(module, FusedConvolution) for module in network.modules()) >= least


class NormFirst(nn.Module):
    """Lists its layers in another order than they run in."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)

    def forward(self, x: Any) -> Any:
        return self.conv(torch.relu(self.norm(x)))


@torch.inference_mode()
def test_a_network_that_fusing_would_change_stays_as_it_is() -> None:
    network = with_some_norms(NormFirst())
    pictures = torch.randn(2, 3, 16, 16)
    expected = network(pictures)
    fuse(network, 16)
    assert torch.equal(network(pictures), expected)
    assert isinstance(network.conv, nn.Conv2d) and isinstance(network.norm, nn.BatchNorm2d)
