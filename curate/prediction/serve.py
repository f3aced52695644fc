"""The model process that holds torch, `python -m curate.prediction.serve`: heat maps, and predictions without a graph.

Imports torch once (10 s, 900 MB) and keeps a few models.
"""

import base64
import importlib
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.errors import BadInput, BadPicture
from curate.prediction import endpoint, loopback
from curate.training.saved_model import FACTS
from curate.training.settings.config import TrainConfig

if TYPE_CHECKING:
    from curate.prediction.model import Model
    from curate.prediction.quick_model import QuickModel

MOST_COPIES = 64
MOST_MODELS = 3
_ONE_AT_A_TIME = threading.Lock()  # torch uses all cores for one question already


def load() -> Mapping[str, loopback.Answer]:
    """What is answered, with everything imported that it needs: then an answer takes milliseconds.

    /predict: {"labels", "answers": [{"probabilities": [C] | null, "error": sentence | null}]};
    /heat: {"maps": [[[value, ...], ...], ...]}; /augment: {"pictures": [a JPEG in base 64, ...]}.
    """
    _heavy("prediction.model")
    _heavy("training.fitting.augmentation_preview")
    return {"/predict": _predict, "/heat": _heat, "/augment": _augment}


def _augment(request: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    if not 1 <= request["n"] <= MOST_COPIES or len(files) != 1:
        raise BadInput(f"One picture can be shown up to {MOST_COPIES} times.")
    with _ONE_AT_A_TIME:
        config = TrainConfig.from_json(request["config"]).validated()
        pictures = _heavy("training.fitting.augmentation_preview").augmented(files[0], config, request["n"])
    return {"pictures": [base64.b64encode(each).decode() for each in pictures]}


def _heat(request: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    model = _model_in(Path(request["folder"]))
    labels: list[int] = request["labels"]
    if len(files) != 1 or not all(0 <= label < len(model.labels) for label in labels):
        raise BadInput("A heat map is of one picture and of labels that the run knows.")
    picture = model.prepare(files[0])
    with _ONE_AT_A_TIME:
        return {"maps": model.heat(picture, labels).tolist()}


def _predict(request: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    model = _model_in(Path(request["folder"]))
    prepared, errors = [], []
    for data in files:
        picture, error = _prepared(model, data)
        errors.append(error)
        prepared += [] if picture is None else [picture]
    with _ONE_AT_A_TIME:
        probabilities = iter(model.predict(prepared).tolist())
    answers = [{"probabilities": None if error else next(probabilities), "error": error} for error in errors]
    return {"labels": model.labels, "answers": answers}


def _prepared(model: "Model | QuickModel", data: bytes) -> tuple[np.ndarray | None, str | None]:
    try:
        return model.prepare(data), None
    except BadPicture as error:
        return None, str(error)


def _model_in(run_folder: Path) -> "Model | QuickModel":
    facts = run_folder / FACTS
    return _model(run_folder, facts.stat().st_mtime_ns if facts.exists() else 0)


@lru_cache(maxsize=MOST_MODELS)
def _model(run_folder: Path, written_at: int) -> "Model | QuickModel":
    return _heavy("prediction.model").load_model(run_folder)


def _heavy(name: str) -> ModuleType:
    """Imported only by the process that holds the lock: another one that lost the race ends within a second."""
    return importlib.import_module(f"curate.{name}")


if __name__ == "__main__":
    loopback.serve(endpoint.TORCH, load)
