"""Asks the model process about pictures, and starts it when it is not there. No torch: this runs in the web process."""

import base64
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curate import settings, store
from curate.errors import CurateError, JobFailed
from curate.prediction import endpoint
from curate.training import saved_model
from curate.training.settings.config import TrainConfig

ROOT = Path(__file__).parents[2]
START_S = 120  # importing fastai takes 8 to 13 s on an idle machine
ANSWER_S = 300
_POLL_S = 0.1
_LOG_LINES = 12
_starting = threading.Lock()
_started: list[subprocess.Popen[bytes]] = []  # kept, so that a process that ended is reaped


@dataclass(frozen=True)
class Prediction:
    """What a model says of one file: (C,) probabilities in the order of the run's labels, or why there are none."""

    name: str
    probabilities: np.ndarray | None
    error: str | None


def predict(run_folder: Path, files: Sequence[tuple[str, bytes | Path]]) -> list[Prediction]:
    """An answer per (name, content or path), in order; files that are no pictures come back with their reason.

    Starts the model process when needed. Raises NotFound for a run without a model; JobFailed when it cannot start.
    """
    contents = [_content(data) for _, data in files]
    readable = [data for data in contents if isinstance(data, bytes)]
    asked = {"folder": str(run_folder)}
    said = iter(_ask("/predict", endpoint.pack(asked, readable))["answers"] if readable else [])
    return [
        _prediction(name, next(said) if isinstance(data, bytes) else {"probabilities": None, "error": data})
        for (name, _), data in zip(files, contents, strict=True)
    ]


def augmented(picture: str | bytes, config: TrainConfig, n: int = 24) -> list[bytes]:
    """`n` JPEGs of a picture as a training with these settings would see it; the same again for the same seed.

    picture: a file's bytes, or the SHA-256 of a stored one. Needs no trained model; starts the model process when
    needed. Raises BadInput and BadPicture as CurateErrors, NotFound, JobFailed.
    """
    data = picture if isinstance(picture, bytes) else store.blob_path(picture).read_bytes()
    asked = {"config": config.validated().to_json(), "n": n}
    return [base64.b64decode(each) for each in _ask("/augment", endpoint.pack(asked, [data]))["pictures"]]


def heat(run_folder: Path, sha: str, labels: Sequence[int]) -> np.ndarray:
    """(L, h, w) float32: where in a stored picture the run's model finds what speaks for each of the label positions.

    0 = nothing there; in the square that the model sees. Starts the model process when needed. Raises NotFound for a
    run without a model or a picture that is gone, BadInput and BadPicture as CurateErrors, JobFailed.
    """
    saved_model.read_facts(run_folder)  # a model that is gone is said at once, not after a process was started
    asked = {"folder": str(run_folder), "labels": [int(label) for label in labels]}
    said = _ask("/heat", endpoint.pack(asked, [store.blob_path(sha).read_bytes()]))
    return np.array(said["maps"], np.float32)


def warm() -> None:
    """Start the model process ahead of the first question, without waiting for it."""
    if not is_ready():
        _start()


def is_ready() -> bool:
    """Whether the model process listens."""
    try:
        return _request("GET", "/", b"", timeout_s=5)[0] == 200
    except OSError:
        return False


def _content(data: bytes | Path) -> bytes | str:
    """The bytes of a file, or why they cannot be read."""
    try:
        return data if isinstance(data, bytes) else data.read_bytes()
    except OSError as error:
        return f"The file cannot be opened: {error.strerror}."


def _prediction(name: str, said: dict[str, Any]) -> Prediction:
    probabilities = said["probabilities"]
    return Prediction(name, None if probabilities is None else np.array(probabilities, np.float32), said["error"])


def _ask(path: str, body: bytes) -> dict[str, Any]:
    for _ in range(2):  # it may end for want of questions between being found and being asked
        _await_ready()
        try:
            status, answer = _request("POST", path, body, ANSWER_S)
        except OSError:
            continue
        if status != 200:
            raise CurateError(answer.get("error", "The model process did not answer."), answer.get("hint", ""))
        return answer
    raise JobFailed("The model process ended while it was asked.", _log_tail())


def _request(method: str, path: str, body: bytes, timeout_s: float) -> tuple[int, dict[str, Any]]:
    there = endpoint.find()
    if there is None:
        raise ConnectionRefusedError
    connection = http.client.HTTPConnection("127.0.0.1", there.port, timeout=timeout_s)
    try:
        connection.request(method, path, body, {endpoint.KEY_HEADER: there.key})
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"{}")
    except http.client.HTTPException as error:
        raise ConnectionAbortedError from error
    finally:
        connection.close()


def _await_ready() -> None:
    deadline = time.monotonic() + START_S
    _forget_ended()
    while not is_ready():
        process = _start()
        if process.poll():
            _started.clear()
            raise JobFailed("The model process could not start.", _log_tail())
        if time.monotonic() > deadline:
            raise JobFailed(f"The model process did not answer within {START_S} s.", _log_tail())
        time.sleep(_POLL_S)


def _forget_ended() -> None:
    """One that was killed since the last question says nothing about whether the next one can start."""
    with _starting:
        if _started and _started[-1].poll() is not None:
            _started.clear()


def _start() -> subprocess.Popen[bytes]:
    """The process on its way up; should another one hold the lock, ours ends quietly and that one answers."""
    with _starting:
        if not _started or _started[-1].poll() == 0:
            _started.clear()
            with (endpoint.folder() / "log.txt").open("wb") as log:
                _started.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "curate.prediction.serve"],
                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True,
                        env=_environment(),
                    )
                )  # fmt: skip
        return _started[-1]


def _environment() -> dict[str, str]:
    """Ours, with this package found and the same home wherever the process is started from."""
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "CURATE_HOME": str(settings.home())}


def _log_tail() -> str:
    try:
        lines = (endpoint.folder() / "log.txt").read_text(errors="replace").splitlines()
    except FileNotFoundError:  # another process of ours started it
        return ""
    return "\n".join(lines[-_LOG_LINES:])
