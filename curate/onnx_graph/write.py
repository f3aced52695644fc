"""A run's graph written into its folder, from what the training left there."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import onnx

from curate import __version__, store
from curate.embeddings.embed import recipe_of
from curate.embeddings.quick_look_head import QuickHead
from curate.errors import BadInput
from curate.onnx_graph import GRAPH, NO_GRAPH, quick_look
from curate.training import saved_model
from curate.training.networks import architectures
from curate.training.saved_model import ModelFacts

_LICENCES = {
    "torchvision": "torchvision's weights (BSD-3-Clause)",
    "timm": "weights of the timm collection (their licence stands on the page of the model on the Hugging Face hub)",
}


@dataclass(frozen=True)
class RunName:
    """What a graph says of where it comes from."""

    project: str
    run: int
    version: int


def ensure(folder: Path, name: RunName) -> bool:
    """Whether the folder of a finished run has its graph, written now unless it was; a reason is kept where it cannot.

    Raises NotFound for a run without a model, NoWeights for a quick look whose network is no longer on this machine.
    """
    if (folder / GRAPH).exists():
        return True
    facts = saved_model.read_facts(folder)
    try:
        model = _build(folder, facts)
    except BadInput as error:
        store.write_atomic(folder / NO_GRAPH, json.dumps({"why": str(error), "hint": error.hint}).encode())
        return False
    for key, value in _metadata(facts, name).items():
        model.metadata_props.add(key=key, value=value)
    model.producer_name, model.producer_version = "curate", __version__
    store.write_atomic(folder / GRAPH, model.SerializeToString())
    return True


def needs_torch(folder: Path) -> bool:
    """Whether `ensure` would load torch: 10 s, where nothing else has loaded it."""
    facts = saved_model.read_facts(folder)
    return facts.config.method != "quick_look" or not quick_look.is_at_hand(recipe_of(facts.config))


def _build(folder: Path, facts: ModelFacts) -> onnx.ModelProto:
    if facts.config.method == "quick_look":
        return quick_look.build(recipe_of(facts.config), QuickHead(**saved_model.read_weights(folder)))
    from curate.onnx_graph import network
    from curate.prediction.model import load_networks

    return onnx.load_from_string(network.export_networks(load_networks(folder, facts), facts))


def _metadata(facts: ModelFacts, name: RunName) -> dict[str, str]:
    """Texts by key; what is no text itself is JSON."""
    config = facts.config
    side_px = config.size_px if config.method == "quick_look" else config.stored_px
    resize = "squish" if config.resize == "random_crop" and config.method != "quick_look" else recipe_of(config).resize
    return {
        "labels": json.dumps(facts.labels, ensure_ascii=False),
        "preprocessing": json.dumps({"side_px": side_px, "resize": resize}),
        "run": json.dumps(asdict(name), ensure_ascii=False),
        "architecture": config.architecture,
        "method": config.method,
        "n_networks": str(facts.n_snapshots + 1),
        "temperature": str(facts.temperature),
        "licence": licence(facts),
    }


def licence(facts: ModelFacts) -> str:
    """What is known of the rights in a model, in two sentences."""
    config = facts.config
    own = "The pictures it has learnt from have licences of their own; the project's attribution lists them."
    if config.architecture == architectures.PIXELS or not (config.pretrained or config.method == "quick_look"):
        return f"Trained from nothing but the project's pictures. {own}"
    library = _LICENCES[architectures.find(config.architecture).library]
    return f"Begun from {library}, themselves trained on other people's photos, mostly ImageNet's. {own}"
