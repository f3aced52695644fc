"""Bodies that answer with all their stages: each averaged down to the places of the last one. Imports torch."""

from typing import Any

import torch
import torch.nn.functional as F
from fastai.vision.learner import TimmBody
from torch import nn

_PROBED_PX = 128  # side of the picture that finds a body's stages; none of its layers is larger than the next by then


class Stages(nn.Sequential):
    """A body of layers, with the names and layer groups of fastai's.

    Its answer is that of the last layer, and before it that of every layer before a reduction in size.
    """

    def __init__(self, body: nn.Sequential, size_px: int) -> None:
        super().__init__(*body)
        layers, sizes, seen = self._layers(), [], torch.zeros(1, 3, max(size_px, _PROBED_PX), max(size_px, _PROBED_PX))
        with torch.inference_mode():
            self.eval()
            for layer in layers:
                seen = layer(seen)
                sizes.append(seen.shape[-1])
            self.train()
        self.ends = [i for i in range(len(sizes) - 1) if sizes[i + 1] < sizes[i]]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns (n, D, h, w) of (n, 3, H, W)."""
        stages = []
        for i, layer in enumerate(self._layers()):
            x = layer(x)
            if i in self.ends:
                stages.append(x)
        return _beside(stages, x)

    def _layers(self) -> list[nn.Module]:
        """Returns the layers themselves where the body is one block of them."""
        first = self[0]
        return list(first if len(self) == 1 and isinstance(first, nn.Sequential) else self)


class TimmStages(nn.Module):
    """A body of timm's, with the names of fastai's."""

    def __init__(self, body: TimmBody) -> None:
        super().__init__()
        self.model: Any = body.model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns (n, D, h, w) of (n, 3, H, W)."""
        last, stages = self.model.forward_intermediates(x)
        return _beside(stages, last)


def with_stages(body: nn.Module, size_px: int) -> nn.Module:
    """Returns the body with all its stages; itself where its layers keep one size, as vision transformers' do."""
    if isinstance(body, nn.Sequential):
        return Stages(body, size_px)
    return TimmStages(body) if isinstance(body, TimmBody) and _has_stages(body) else body


def n_features(body: nn.Module, size_px: int) -> int:
    """Returns D, the channels of the body's answer."""
    body.eval()
    with torch.inference_mode():
        n: int = body(torch.zeros(1, 3, size_px, size_px)).shape[1]
    body.train()
    return n


def _has_stages(body: TimmBody) -> bool:
    model = body.model
    is_shrinking = len({stage["reduction"] for stage in getattr(model, "feature_info", [])}) > 1
    return body.needs_pool and is_shrinking and hasattr(model, "forward_intermediates")


def _beside(stages: list[torch.Tensor], last: torch.Tensor) -> torch.Tensor:
    side = (last.shape[-2], last.shape[-1])
    return torch.cat([*(_shrunken(stage, side) for stage in stages), last], dim=1)


def _shrunken(stage: torch.Tensor, side: tuple[int, int]) -> torch.Tensor:
    """Returns the averages over `side` places; as products in a graph, where ONNX has no bins of unequal size."""
    if not torch.onnx.is_in_onnx_export():
        return F.adaptive_avg_pool2d(stage, side)
    rows, columns = (_bins(int(n), int(to)) for n, to in zip(stage.shape[-2:], side, strict=True))
    return rows @ stage @ columns.T


def _bins(n: int, to: int) -> torch.Tensor:
    """Returns (to, n): the averages that `adaptive_avg_pool2d` takes of a row of n places."""
    return F.adaptive_avg_pool1d(torch.eye(n), to).T
