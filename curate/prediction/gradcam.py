"""Where in a picture a network finds what speaks for a label: Grad-CAM. Imports torch.

Source: Selvaraju and others (2017), "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization".
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from curate.errors import BadInput


def grad_cam(network: nn.Module, batch: torch.Tensor, labels: Sequence[int]) -> np.ndarray:
    """(L, h, w) float32, one map for each of the L label positions, 0 = says nothing for it, higher = says more.

    network: body and head in a Sequential, as fastai puts them together; batch: (1, 3, H, W), prepared. The map has as
    many places as the body's last layer. Raises BadInput for a network whose body keeps no places.
    """
    body, head = network[0], network[1:]  # type: ignore[index]
    with torch.enable_grad():
        seen = body(batch.requires_grad_())
        if seen.ndim != 4 or min(seen.shape[2:]) < 2:
            raise BadInput(
                "There is no heat map: this network's last layer no longer knows where it saw something.",
                "Networks made of convolutions have one, at pictures of 64 px or more.",
            )
        scores = head(seen)[0]
        return np.stack([_map(scores[label], seen) for label in labels])


def _map(score: torch.Tensor, seen: torch.Tensor) -> np.ndarray:
    """(h, w): the activations, each channel weighted by its mean gradient; what speaks against the label is cut off."""
    (gradients,) = torch.autograd.grad(score, seen, retain_graph=True)
    weighted = (gradients.mean(dim=(2, 3), keepdim=True) * seen.detach()).sum(dim=1)[0]
    return weighted.clamp(min=0).float().numpy()
