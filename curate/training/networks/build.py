"""Builds networks with fastai's cut, head and layer groups, from torchvision, timm and Curate's own."""

from collections.abc import Callable
from typing import Any

import torch
from fastai.layers import AdaptiveConcatPool2d, ConvLayer
from fastai.vision import models
from fastai.vision.learner import (
    TimmBody,
    add_head,
    create_body,
    create_timm_model,
    default_split,
    model_meta,
    num_features_model,
    params,
)
from fastcore.foundation import L
from torch import nn

from curate.errors import BadInput
from curate.training.networks import architectures, kernel_head, known_networks, stages, weights

# The errors that timm raises for unsuitable sizes and names.
UNFIT = (AssertionError, RuntimeError, TypeError, ValueError, LookupError, AttributeError)


def small_cnn(weights: None = None) -> nn.Module:
    """Five convolutions, 3 to 128 channels, for pictures of 16 to 64 px: 98 % on handwritten digits after 8 epochs."""
    widths, strides = (3, 32, 64, 64, 128, 128), (2, 1, 2, 1, 2)
    layers = [ConvLayer(*pair, stride=step) for *pair, step in zip(widths, widths[1:], strides, strict=False)]
    return nn.Sequential(nn.Sequential(*layers), nn.AdaptiveAvgPool2d(1))


def constructor(architecture: str) -> Callable[..., nn.Module]:
    """Returns the function that makes the whole network; fastai finds its cut and split by it. Not for timm."""
    if architecture == "small_cnn":
        return small_cnn
    return getattr(models.xresnet if architecture.startswith("xresnet") else models, architecture)


def create_network(
    architecture: str,
    n_labels: int,
    size_px: int = 224,
    pretrained: bool = False,
    kernel: kernel_head.Size | None = None,
) -> nn.Module:
    """Returns a Sequential of body and head, as fastai's `vision_learner` makes it; with a kernel head, of this size.

    size_px: of its pictures; some of timm's networks are built for one size. The weights are random, or the body is
    pretrained. Raises NoWeights, and BadInput for an unknown network or an unsuitable size.
    """
    network = _create_with_fastais_head(architecture, n_labels, size_px, pretrained)
    if kernel is None:
        return network
    fastais_body, fastais_head = network.children()
    keeps_places = isinstance(next(fastais_head.children()), AdaptiveConcatPool2d)
    body = stages.with_stages(fastais_body, size_px)
    head = kernel_head.create(stages.n_features(body, size_px), kernel, n_labels, keeps_places)
    return nn.Sequential(body, head)


def _create_with_fastais_head(architecture: str, n_labels: int, size_px: int, pretrained: bool) -> nn.Module:
    if architectures.find(architecture).library == "timm":
        return _create_timm(architecture, n_labels, size_px, pretrained)
    make = constructor(architecture)
    whole = make(pretrained=False) if architecture.startswith("xresnet") else make(weights=None)
    if pretrained:
        weights.load_pretrained(whole, architecture)
    body = create_body(whole, pretrained=pretrained, cut=_cut(architecture))
    return add_head(body, num_features_model(nn.Sequential(*body.children())), n_labels)


def splitter(architecture: str) -> Callable[[nn.Module], L]:
    """Returns fastai's function that splits the parameters into layer groups, or Curate's own where it has none."""
    if architecture in known_networks.CUTS:
        early = known_networks.CUTS[architecture][1]
        return lambda network: L(network[0][0][:early], network[0][0][early:], network[1:]).map(params)  # type: ignore
    if architectures.find(architecture).library == "timm":
        return default_split
    return model_meta.get(constructor(architecture), {"split": default_split})["split"]


def stats(architecture: str) -> tuple[list[float], list[float]] | None:
    """Returns the mean and standard deviation that timm's pretrained weights expect; None for other networks."""
    if architectures.find(architecture).library != "timm":
        return None
    import timm

    made_for = timm.get_pretrained_cfg(_timm_name(architecture))
    return (list(made_for.mean), list(made_for.std)) if made_for else None


class ChannelsFirst(nn.Module):
    """A timm body with channels-last features (such as swin's), transposed for fastai's head."""

    def __init__(self, body: TimmBody) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns features of shape (n, F, H, W)."""
        return self.body(x).permute(0, 3, 1, 2)


def _cut(architecture: str) -> int | None:
    if architecture in known_networks.CUTS:
        return known_networks.CUTS[architecture][0]
    return model_meta.get(constructor(architecture), {"cut": None})["cut"]


def create_timm(name: str, n_labels: int, options: dict[str, Any]) -> nn.Module:
    """Returns timm's network as fastai's `create_timm_model` makes it. Raises one of UNFIT.

    options: of timm's `create_model`; with a pretrained_cfg_overlay its weights are loaded.
    """
    network, _ = create_timm_model(name, n_labels, pretrained="pretrained_cfg_overlay" in options, **options)
    body = network[0]
    if body.needs_pool and getattr(body.model, "output_fmt", "NCHW") == "NHWC":
        network[0] = ChannelsFirst(body)
    return network


def _create_timm(architecture: str, n_labels: int, size_px: int, pretrained: bool) -> nn.Module:
    row, name = architectures.find(architecture), _timm_name(architecture)
    options: dict[str, Any] = {"img_size": size_px} if row.fixed_px else {}
    try:
        if row.fixed_px not in (0, size_px):
            _try_size(create_timm(name, n_labels, options), size_px)
        if not pretrained:
            return create_timm(name, n_labels, options)
    except UNFIT as error:
        raise BadInput(
            f"`{architecture}` cannot be made for pictures of {size_px} px: {str(error).rstrip('.')}.",
            f"It was made for {row.fixed_px} px." if row.fixed_px else "",
        ) from error
    return weights.load_with_timm(architecture, lambda more: create_timm(name, n_labels, options | more))


def _try_size(network: nn.Module, size_px: int) -> None:
    """Raises one of UNFIT when the network cannot take such pictures: some fail only on the first picture."""
    with torch.random.fork_rng(), torch.inference_mode():
        network.eval()(torch.zeros(1, 3, size_px, size_px))


def _timm_name(architecture: str) -> str:
    return architecture.removeprefix(architectures.TIMM)
