"""Asks the model processes about pictures, and starts them when they are not there. No torch: the web process has this.

Predictions come from the run's graph (`onnx_graph`), heat maps and augmented copies from the process that holds torch.
So do predictions of a run without a graph, and of one whose answers are averaged over augmented copies.
"""

import base64
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curate import store
from curate.errors import Busy
from curate.onnx_graph import GRAPH, NO_GRAPH
from curate.prediction import endpoint
from curate.prediction.familiarity import Familiarity, is_written
from curate.prediction.process import ModelProcess, graph_process, torch_process
from curate.training import saved_model
from curate.training.settings.config import TrainConfig

PART, PART_BYTES = 32, 32_000_000  # of a request: more pictures are asked about in several
_IN_FLIGHT = 2  # while one part is computed, the next is on its way
_PATIENCE_S = 60  # with a queue that is full


@dataclass(frozen=True)
class Prediction:
    """What a model says of one file: (C,) probabilities in the order of the run's labels, or why there are none.

    familiarity: None without an answer, and while the run's known pictures are not kept yet (`jobs.submit.graph`).
    """

    name: str
    probabilities: np.ndarray | None
    error: str | None
    familiarity: Familiarity | None = None


def predict(run_folder: Path, files: Sequence[tuple[str, bytes | Path]]) -> list[Prediction]:
    """An answer per (name, content or path), in order; files that are no pictures come back with their reason.

    Starts the model process when needed. Raises NotFound for a run without a model; JobFailed when it cannot start;
    Busy when others keep its queue full for a minute.
    """
    if not files:
        return []
    process = process_of(run_folder)
    if len(files) == 1:
        return _predict_part(process, run_folder, next(_parts(files)))
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        parts = pool.map(lambda part: _predict_part(process, run_folder, part), _parts(files))
        return [answer for part in parts for answer in part]


def process_of(run_folder: Path) -> ModelProcess:
    """The process that predicts with this run. Raises NotFound for a run without a model."""
    facts = saved_model.read_facts(run_folder)
    return graph_process if (run_folder / GRAPH).exists() and not facts.config.tta else torch_process


def why_no_graph(run_folder: Path) -> str | None:
    """The sentence that says why the run's network could not be written as a graph; None where nobody found so."""
    try:
        return str(json.loads((run_folder / NO_GRAPH).read_bytes())["why"])
    except FileNotFoundError:
        return None


def augmented(picture: str | bytes, config: TrainConfig, n: int = 24) -> list[bytes]:
    """`n` JPEGs of a picture as a training with these settings would see it; the same again for the same seed.

    picture: a file's bytes, or the SHA-256 of a stored one. Needs no trained model; starts the model process when
    needed. Raises BadInput and BadPicture as CurateErrors, NotFound, JobFailed.
    """
    data = picture if isinstance(picture, bytes) else store.blob_path(picture).read_bytes()
    request = {"config": config.validated().to_json(), "n": n}
    answer = torch_process.ask("/augment", endpoint.pack(request, [data]))
    return [base64.b64decode(each) for each in answer["pictures"]]


def heat(run_folder: Path, picture: str | bytes, labels: Sequence[int]) -> np.ndarray:
    """(L, h, w) float32: where in a picture the run's model finds what speaks for each of the label positions.

    0 = nothing there; in the square that the model sees. picture: a file's bytes, or the SHA-256 of a stored one.
    Starts the model process when needed. Raises NotFound for a run without a model or a picture that is gone, BadInput
    and BadPicture as CurateErrors, JobFailed.
    """
    saved_model.read_facts(run_folder)  # a model that is gone is said at once, not after a process was started
    request = {"folder": str(run_folder), "labels": [int(label) for label in labels]}
    data = picture if isinstance(picture, bytes) else store.blob_path(picture).read_bytes()
    answer = torch_process.ask("/heat", endpoint.pack(request, [data]))
    return np.array(answer["maps"], np.float32)


def _parts(files: Sequence[tuple[str, bytes | Path]]) -> Iterator[list[tuple[str, bytes | str]]]:
    """(name, content or why it cannot be read), as many at a time as go into one request."""
    part: list[tuple[str, bytes | str]] = []
    n_bytes = 0
    for name, data in files:
        content = _content(data)
        if part and (len(part) == PART or n_bytes + len(content) > PART_BYTES):
            yield part
            part, n_bytes = [], 0
        part.append((name, content))
        n_bytes += len(content)
    yield part


def _predict_part(process: ModelProcess, run_folder: Path, part: list[tuple[str, bytes | str]]) -> list[Prediction]:
    readable = [data for _, data in part if isinstance(data, bytes)]
    body = endpoint.pack({"folder": str(run_folder)}, readable)
    answers = iter(_answers(process, run_folder, body) if readable else [])
    return [
        _prediction(name, next(answers) if isinstance(data, bytes) else {"probabilities": None, "error": data})
        for name, data in part
    ]


def _answers(process: ModelProcess, run_folder: Path, body: bytes) -> list[dict[str, Any]]:
    """Those of the process; where it holds torch, how familiar each picture is comes from the run's graph, if any."""
    answers: list[dict[str, Any]] = _ask_patiently(process, body)["answers"]
    if process is torch_process and (run_folder / GRAPH).exists() and is_written(run_folder):
        by_graph = _ask_patiently(graph_process, body)["answers"]
        answers = [own | {"familiarity": other["familiarity"]} for own, other in zip(answers, by_graph, strict=True)]
    return answers


def _ask_patiently(process: ModelProcess, body: bytes) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return process.ask("/predict", body)
        except Busy as error:
            if time.monotonic() > deadline:
                raise
            time.sleep(error.retry_after_s)


def _content(data: bytes | Path) -> bytes | str:
    """The bytes of a file, or why they cannot be read."""
    try:
        return data if isinstance(data, bytes) else data.read_bytes()
    except OSError as error:
        return f"The file cannot be opened: {error.strerror}."


def _prediction(name: str, answer: dict[str, Any]) -> Prediction:
    if answer["probabilities"] is None:
        return Prediction(name, None, answer["error"])
    familiarity = answer.get("familiarity")
    probabilities = np.array(answer["probabilities"], np.float32)
    return Prediction(name, probabilities, None, Familiarity.from_json(familiarity) if familiarity else None)
