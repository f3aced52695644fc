"""The model card: what an exported model is, what it was measured at, and how it is used."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from curate.evaluation import accuracy_interval, per_cent
from curate.onnx_graph.write import RunName, licence
from curate.training.saved_model import ModelFacts

_USE = """```
pip install onnxruntime pillow numpy        # and pi-heif for HEIC photos
python predict.py photo.jpg another.png
python predict.py --check                   # does this machine give the answers that were expected?
```"""
_GRAPH = """`model.onnx` takes squares, `pixels` (n, side, side, 3) in 8 bits, and gives `probabilities`, `logits` and
an `embedding`. Normalising, temperature and softmax are inside, labels and preprocessing in its metadata. `square.py`
makes the squares: with another reader of files (OpenCV, a browser, torchvision) the answers will differ a little."""


_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")


@dataclass(frozen=True)
class Measured:
    """What the export found over n_compared validation pictures; None where there was nothing to compare.

    scored_apart: largest difference between the run's stored probabilities and the graph's answers; fastai_apart:
    between the graph's answers and those of `learn.predict` on the same files.
    """

    n_compared: int
    scored_apart: float | None = None
    fastai_apart: float | None = None


def write(facts: ModelFacts, name: RunName, measured: Measured, fastai: Sequence[str], why_no_fastai: str) -> str:
    """Markdown. fastai: names of the pickles that load_learner opens; why_no_fastai: why there are none."""
    labels = "\n".join(f"- `{label}`" for label in facts.labels)
    return "\n\n".join(
        (
            f"# {name.project}, run {name.run}",
            f"{_what(facts, name)} {_accuracy(facts)}",
            f"Its labels, in the order of the probabilities:\n\n{labels}",
            f"## Use\n\n{_USE}\n\n{_GRAPH}",
            f"## fastai\n\n{_fastai(facts, measured, fastai, why_no_fastai)}",
            f"## How near\n\n{_near(measured)}",
            f"## Licence\n\n{licence(facts)}",
        )
    )


def plain(text: str) -> str:
    """Returns a text from people as Markdown that shows it letter by letter, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _what(facts: ModelFacts, name: RunName) -> str:
    config = facts.config
    kind = "A quick look: a kernel on the features of" if config.method == "quick_look" else "A fine-tuned"
    many = f" {facts.n_snapshots + 1} snapshots of it are averaged." if facts.n_snapshots else ""
    copies = (
        " Curate averages its answers over augmented copies of a picture; this export does not." if config.tta else ""
    )
    return f"{kind} `{config.architecture}` on version {name.version} of the labels.{many}{copies}"


def _accuracy(facts: ModelFacts) -> str:
    accuracy, n = facts.metrics.get("accuracy"), facts.metrics.get("n_valid")
    if accuracy is None or not n:
        return ""
    interval = accuracy_interval(round(accuracy * n), n)
    return (
        f"It was right on {per_cent(accuracy)} of {n:,} held-out pictures "
        f"({per_cent(interval.low)} to {per_cent(interval.high)} with 95 % confidence), learnt from "
        f"{facts.metrics.get('n_train', 0):,}."
    )


def _fastai(facts: ModelFacts, measured: Measured, names: Sequence[str], why_none: str) -> str:
    if not names:
        return why_none
    opened = ", ".join(f"`{name}`" for name in names)
    sentences = [f"{opened}: open with `load_learner`. Only classes of fastai, torch and the network's library."]
    if len(names) > 1:
        sentences.append(
            "The answer is the mean of their probabilities, "
            f"then a softmax of its logarithm divided by {facts.temperature:g}."
        )
    else:
        sentences.append(f"The temperature, {facts.temperature:g}, is in the last layer's weights.")
    sentences.append(
        "`learn.predict` of a square gives the graph's answer; of a file a near one, for fastai decodes large JPEGs "
        "otherwise, ignores EXIF orientation and drops transparency."
    )
    if measured.fastai_apart is not None:
        sentences.append(
            f"Over {measured.n_compared:,} validation files the largest difference was {measured.fastai_apart:.3f}."
        )
    return " ".join(sentences)


def _near(measured: Measured) -> str:
    if measured.scored_apart is None:
        return "No picture of the project was compared."
    return (
        f"Over {measured.n_compared:,} validation pictures the probabilities on the grid and this graph's differ by at "
        f"most {measured.scored_apart:.3f}. This graph computes in float32, a training perhaps in bfloat16."
    )
