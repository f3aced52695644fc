"""torchvision's mobilenet_v2 without its classifier, for frozen use: as exact, and a third faster on a CPU.

It needs plain torch only; torchvision takes 2.5 s to import. `doubts.fine_tuning` trains torchvision's own, whose
normalisations learn.
"""

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from curate.embeddings.fused_convolutions import FusedConvolution

# expansion, channels, blocks, stride: table 2 of Sandler and others (2018), as torchvision has it
_MOBILENET_V2 = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def mobilenet_v2(state: dict[str, torch.Tensor]) -> nn.Sequential:
    """Returns the features of torchvision's mobilenet_v2, each normalisation folded into its convolution.

    Raises LookupError or ValueError for a state of another network.
    """
    layers: list[nn.Module] = [_conv(state, "features.0", stride=2)]
    n_in, number = 32, 1
    for expansion, channels, blocks, first_stride in _MOBILENET_V2:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            body = _bottleneck(state, f"features.{number}.conv", expansion, stride)
            if state[f"features.{number}.conv.{2 if expansion > 1 else 1}.weight"].shape[0] != channels:
                raise ValueError(f"Layer {number} is not {channels} channels wide.")
            layers.append(_Shortcut(body) if stride == 1 and n_in == channels else body)
            n_in, number = channels, number + 1
    return nn.Sequential(*layers, _conv(state, f"features.{number}"))


class _Shortcut(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


def _bottleneck(state: dict[str, torch.Tensor], name: str, expansion: int, stride: int) -> nn.Module:
    layers = [_conv(state, f"{name}.0")] if expansion > 1 else []
    at = len(layers)
    layers.append(_conv(state, f"{name}.{at}", stride=stride))
    return nn.Sequential(*layers, _conv(state, name, (f"{at + 1}", f"{at + 2}"), is_cut=False))


def _conv(
    state: dict[str, torch.Tensor], name: str, names: tuple[str, str] = ("0", "1"), stride: int = 1, is_cut: bool = True
) -> FusedConvolution:
    """Returns a convolution with the normalisation after it; depthwise when its weights have one input channel."""
    weight = state[f"{name}.{names[0]}.weight"]
    norm = [state[f"{name}.{names[1]}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
    n_out, n_in, side, _ = weight.shape
    groups = n_out if n_in == 1 else 1
    conv = nn.Conv2d(n_in * groups, n_out, side, stride, side // 2, groups=groups)
    conv.weight, conv.bias = fuse_conv_bn_weights(
        nn.Parameter(weight), None, norm[0], norm[1], 1e-5, nn.Parameter(norm[2]), nn.Parameter(norm[3])
    )
    return FusedConvolution(conv, nn.ReLU6() if is_cut else nn.Identity())
