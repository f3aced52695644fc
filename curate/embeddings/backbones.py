"""Frozen networks that turn pictures into features: pixels in, (n, D) averages of every stage out.

mobilenet_v2 needs plain torch only; other networks need timm or torchvision, whose import takes 2.5 s more.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from curate import heaps
from curate.embeddings import fused_convolutions
from curate.embeddings.mobilenet import mobilenet_v2
from curate.errors import NoWeights
from curate.training.fitting import device
from curate.training.networks import architectures, weights

# Batches are always of this size, the last one padded: so a picture's features do not depend on its batch, and a
# prediction agrees with the training. Larger batches exceed the processor's caches.
BATCH = 32
_HINT = "Put a file with them into CURATE_WEIGHTS, or choose `pixels` for the quick look: it needs none."
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def use_one_thread() -> None:
    """Make torch use one core per calling thread in this process (see `embed`)."""
    torch.set_num_threads(1)


class Backbone:
    """A frozen network in this machine's fastest precision; makes (n, D) float16 from (n, H, W, 3) uint8."""

    def __init__(self, architecture: str, size_px: int) -> None:
        self._device, self._type = _choose_device()
        network, mean, std = load_network(architecture, size_px)
        network.eval()
        if self._device == "cpu":
            fused_convolutions.fuse(network, size_px)
        network.to(self._device, self._type)
        self._network = network.to(memory_format=torch.channels_last)
        self._mean, self._std = (torch.tensor(one, device=self._device).view(1, 3, 1, 1) * 255 for one in (mean, std))

    @property
    def label(self) -> str:
        """A text such as "CPU, bfloat16"."""
        return f"{'CPU' if self._device == 'cpu' else torch.cuda.get_device_name()}, {str(self._type)[6:]}"

    @torch.inference_mode()
    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Returns (n, D) float16 of (n, H, W, 3) uint8."""
        parts = [self._batch(pixels[start : start + BATCH]) for start in range(0, len(pixels), BATCH)]
        return np.concatenate(parts)

    @torch.inference_mode()
    def last_layer(self, picture: np.ndarray) -> np.ndarray | None:
        """Returns the last layer's output, (h, w, F) float32, for a (H, W, 3) uint8 picture.

        Its averages over all places are the last F of the features. None for a network without places.
        """
        output = self._network.last_layer(self._input(picture[None]))
        return None if output is None else output[0].float().permute(1, 2, 0).cpu().numpy()

    def _batch(self, pixels: np.ndarray) -> np.ndarray:
        n = len(pixels)
        full = pixels if n == BATCH else np.concatenate([pixels, np.repeat(pixels[:1], BATCH - n, axis=0)])
        return self._network(self._input(full)).float().cpu().numpy().astype(np.float16)[:n]

    def _input(self, pixels: np.ndarray) -> torch.Tensor:
        pictures = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2)
        return ((pictures.float() - self._mean) / self._std).to(self._type)


def _choose_device() -> tuple[str, torch.dtype]:
    heaps.keep_freed()
    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if device.fast_precision("cuda") == "bfloat16" else torch.float16
    return "cpu", torch.bfloat16 if device.fast_precision("cpu") == "bfloat16" else torch.float32


def load_network(architecture: str, size_px: int) -> tuple["Stages | TimmStages", Sequence[float], Sequence[float]]:
    """Returns the network without its classifier, with its mean and standard deviation of colours. Raises NoWeights."""
    path = architectures.find_weights(architecture)
    try:
        if architecture == "mobilenet_v2" and path is not None:
            return Stages(_own_mobilenet(path)), _MEAN, _STD
        if architectures.find(architecture).library == "timm":
            return _of_timm(architecture, size_px)
        return Stages(_of_torchvision(architecture)), _MEAN, _STD
    except NoWeights as error:
        raise NoWeights(str(error), _HINT) from error


def _own_mobilenet(path: Path) -> nn.Sequential:
    try:
        state = weights.read_state(path)
        network = mobilenet_v2({name: state[name].float() for name in state if name.startswith("features.")})
        with torch.inference_mode():  # layers of wrong shapes fail here
            network(torch.zeros(1, 3, 32, 32))
        return network
    except weights.NOT_WEIGHTS as error:
        raise NoWeights(f"`{path}` does not hold weights for `mobilenet_v2`.") from error


def _of_torchvision(architecture: str) -> nn.Sequential:
    import torchvision

    if architecture not in torchvision.models.list_models():
        raise NoWeights(f"`{architecture}` is trained from scratch only, and a quick look needs pretrained weights.")
    whole = torchvision.models.get_model(architecture, weights=None)
    weights.load_pretrained(whole, architecture)
    if not hasattr(whole, "features"):  # the resnets
        return nn.Sequential(*list(whole.children())[:-2])
    body = nn.Sequential(*whole.features.children())
    return body.append(nn.ReLU()) if architecture.startswith("densenet") else body


def _of_timm(architecture: str, size_px: int) -> tuple["TimmStages", Sequence[float], Sequence[float]]:
    import timm

    name = architecture.removeprefix(architectures.TIMM)
    sized: dict[str, Any] = {"img_size": size_px} if architectures.find(architecture).fixed_px else {}
    network = weights.load_with_timm(
        architecture, lambda more: timm.create_model(name, pretrained=True, num_classes=0, **sized, **more)
    )
    made_for = timm.get_pretrained_cfg(name)
    return TimmStages(network), *((made_for.mean, made_for.std) if made_for else (_MEAN, _STD))


class Stages(nn.Module):
    """Averages of the last layer, and of every layer before a reduction in size.

    On 2,527 photos at 160 px a head was right on 0.81 of the validation images with the earlier stages, on 0.78 with
    the last layer alone; adding maxima was worse.
    """

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns (n, D) float32 of (n, 3, H, W)."""
        seen, before = [], None
        for layer in self.layers:
            x = layer(x)
            if before is not None and x.shape[-1] < before.shape[-1]:
                seen.append(before.float().mean(dim=(2, 3)))
            before = x
        return torch.cat([*seen, x.float().mean(dim=(2, 3))], dim=1)

    def last_layer(self, x: torch.Tensor) -> torch.Tensor | None:
        """Returns the last layer's output, (n, F, h, w) of (n, 3, H, W)."""
        return cast(torch.Tensor, self.layers(x))


class TimmStages(nn.Module):
    """The same of a network of timm: averages of every stage, then the input of its own classifier.

    A vision transformer gives the average of its patches and its class token, what its classifier sees last. Other
    networks whose layers keep one size give that input only.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network: Any = network
        self._has_stages = len({stage["reduction"] for stage in getattr(network, "feature_info", [])}) > 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns (n, D) float32 of (n, 3, H, W)."""
        if getattr(self.network, "num_prefix_tokens", 0):
            return self._of_tokens(self.network.forward_features(x))
        if not (self._has_stages and hasattr(self.network, "forward_intermediates")):
            return cast(torch.Tensor, self.network(x).float())
        last, stages = self.network.forward_intermediates(x)
        averages = [stage.float().mean(dim=(2, 3)) for stage in stages]
        return torch.cat([*averages, self.network.forward_head(last, pre_logits=True).float()], dim=1)

    def _of_tokens(self, tokens: torch.Tensor) -> torch.Tensor:
        """Returns (n, 2 F) of (n, T, F): class token and average of the patches, the classifier's input last."""
        own, patches = tokens[:, 0], tokens[:, self.network.num_prefix_tokens :].mean(dim=1)
        other = patches if self.network.global_pool == "token" else own
        return torch.cat([other, self.network.forward_head(tokens, pre_logits=True)], dim=1).float()

    def last_layer(self, x: torch.Tensor) -> torch.Tensor | None:
        """Returns the last layer's output, (n, F, h, w); None where its averages are not the last features."""
        if not isinstance(getattr(self.network, "global_pool", None), nn.Module):
            return None
        output: torch.Tensor = self.network.forward_features(x)
        pooled = self.network.forward_head(output, pre_logits=True)
        is_average = output.ndim == 4 and output.shape[:2] == pooled.shape
        return output if is_average and torch.allclose(output.mean(dim=(2, 3)), pooled, atol=0.05) else None
