"""torch's networks written as ONNX. Imports torch and fastai.

By torch's older exporter: squeezenet1_1 takes 1.2 s and mobilenet_v2 1.6 s, with the newer one (dynamo) 10 s and 28 s,
at the end of every training. It follows one example through the network, so every graph is compared with its network.
"""

import io
import warnings
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import onnxruntime
import torch
from torch import nn

from curate.errors import BadInput
from curate.onnx_graph import INPUT, OPSET, OUTPUTS
from curate.training.saved_model import ModelFacts

_LEAST = 1e-37  # about float32's smallest: the logarithm of 0 would not be a number
_TOLERANCE = 1e-4
_MOST_BYTES = 2_000_000_000  # of one file: protobuf holds no more
# What the exporter raises for operations that it does not know.
_UNKNOWN = (torch.onnx.errors.OnnxExporterError, RuntimeError, TypeError, ValueError, LookupError, AttributeError)


class _Answering(nn.Module):
    """From squares to (probabilities, logits, embedding): the networks of a run, each a Sequential of body and head."""

    def __init__(self, networks: Sequence[nn.Module], facts: ModelFacts) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.temperature = facts.temperature
        self.inset_px = (facts.config.stored_px - facts.config.size_px) // 2
        self.size_px = facts.config.size_px
        self.input = _Normalised(facts.mean, facts.std)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        last = self.inset_px + self.size_px
        squares = self.input(pixels[:, self.inset_px : last, self.inset_px : last])  # the middle, of random crops
        seen = [network[0](squares) for network in self.networks]  # type: ignore[index]
        answers = [network[1:](each) for network, each in zip(self.networks, seen, strict=True)]  # type: ignore[index]
        logits = answers[0] if len(answers) == 1 else _log_of_mean(answers)
        logits = logits / self.temperature
        return logits.softmax(dim=1), logits, _averaged(seen[0])


class _Embedding(nn.Module):
    """From squares to what a frozen network sees in them."""

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.input, self.network = _Normalised(mean, std), network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        embedding: torch.Tensor = self.network(self.input(pixels))
        return embedding


class _Normalised(nn.Module):
    """(n, 3, H, W) float32 of (n, H, W, 3) uint8."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.mean, self.std = (nn.Buffer(torch.tensor(list(one)).view(1, 3, 1, 1)) for one in (mean, std))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return (pixels.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std


def export_networks(networks: Sequence[nn.Module], facts: ModelFacts) -> bytes:
    """The graph of a fine-tuned run. Raises BadInput, with the reason, for a network that ONNX cannot express."""
    return _export(_Answering(networks, facts), facts.config.stored_px, OUTPUTS)


def export_backbone(architecture: str, size_px: int) -> bytes:
    """The graph from squares to a quick look's features, its only output. Raises NoWeights, and BadInput as above."""
    from curate.embeddings import backbones

    network, mean, std = backbones.load_network(architecture, size_px)
    return _export(_Embedding(network, mean, std), size_px, ("features",))


def _log_of_mean(answers: Sequence[torch.Tensor]) -> torch.Tensor:
    mean = torch.stack([answer.softmax(dim=1) for answer in answers]).mean(dim=0)
    return mean.clamp(min=_LEAST).log()


def _averaged(seen: torch.Tensor) -> torch.Tensor:
    """(n, D): over all places, where the body keeps them."""
    return seen.mean(dim=(2, 3)) if seen.ndim == 4 else seen.flatten(1)


def _export(module: nn.Module, side_px: int, outputs: Sequence[str]) -> bytes:
    n_bytes = sum(each.numel() * each.element_size() for each in module.parameters())
    if n_bytes > _MOST_BYTES:
        raise BadInput(f"The network's {n_bytes / 1e9:.1f} GB do not fit into one ONNX file, which holds 2 GB.")
    # Two, for an example of one would be taken for the only size; random, so that every part has something to do.
    example = torch.randint(
        0, 256, (2, side_px, side_px, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    module.eval()
    file = io.BytesIO()
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of shapes that become constants, and that the newer exporter is newer
            torch.onnx.export(
                module, (example,), cast(Any, file), dynamo=False, opset_version=OPSET, input_names=[INPUT],
                output_names=list(outputs), dynamic_axes={name: {0: "n"} for name in (INPUT, *outputs)},
            )  # fmt: skip
            _compare(module, file.getvalue(), example)
    except _UNKNOWN as error:
        reason = str(error).strip().partition("\n")[0][:300]
        raise BadInput(f"The network cannot be written as ONNX: {reason or type(error).__name__}") from error
    return file.getvalue()


def _compare(module: nn.Module, graph: bytes, example: torch.Tensor) -> None:
    """Raise ValueError when the graph computes something else than the network, by two pictures or by one."""
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for pixels in (example, example[1:]):
        first = module(pixels)
        expected = (first if isinstance(first, torch.Tensor) else first[0]).numpy()
        found = session.run(None, {INPUT: pixels.numpy()})[0]
        difference = float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))
        if not difference <= _TOLERANCE:
            raise ValueError(f"its answers would differ by {difference:.2g}.")
