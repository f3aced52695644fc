"""The model process, `python -m curate.prediction.serve`: imports torch once, keeps a few models, answers on loopback.

One per CURATE_HOME, by a held lock. It ends by itself after 15 minutes without a question, or when whoever started it
is gone.
"""

import base64
import fcntl
import hmac
import importlib
import json
import os
import secrets
import sys
import threading
import time
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.errors import BadInput, BadPicture, CurateError
from curate.prediction import endpoint
from curate.training.saved_model import FACTS
from curate.training.settings.config import TrainConfig

if TYPE_CHECKING:
    from curate.prediction.model import Model
    from curate.prediction.quick_model import QuickModel

MOST_COPIES = 64
IDLE_S = 900
LOOK_S = 2
MOST_MODELS = 3
_ONE_AT_A_TIME = threading.Lock()  # torch uses all cores for one question already


class Server(ThreadingHTTPServer):
    """Listens on a free port of loopback; `last_asked` is when somebody last wanted something."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = secrets.token_urlsafe(32)
        self.last_asked = time.monotonic()

    def end_when_idle(self, parent: int) -> None:
        """Stop serving when nobody asks for long, or the starting process is gone."""
        while time.monotonic() - self.last_asked < IDLE_S and os.getppid() == parent:
            time.sleep(LOOK_S)
        self.shutdown()


class Handler(BaseHTTPRequestHandler):
    """GET / says that it is there; POST /predict answers about pictures, /heat about places in one, /augment shows one
    augmented."""

    server: Server

    def do_GET(self) -> None:
        """200 when the key is right."""
        self._answer(200 if self._is_known() else 403, {})

    def do_POST(self) -> None:
        """JSON, or 400 with a sentence.

        /predict: {"labels", "answers": [{"probabilities": [C] | null, "error": sentence | null}]};
        /heat: {"maps": [[[value, ...], ...], ...]}; /augment: {"pictures": [a JPEG in base 64, ...]}.
        """
        if not self._is_known():  # before anything is read: strangers on this machine cannot fill the memory
            self._answer(403, {"error": "The key is not this process's."})
            return
        self.server.last_asked = time.monotonic()
        asked, files = endpoint.unpack(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        try:
            self._answer(200, {"/augment": _augment, "/heat": _heat}.get(self.path, _predict)(asked, files))
        except CurateError as error:
            self._answer(400, {"error": str(error), "hint": error.hint})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: questions are not worth a line."""

    def _is_known(self) -> bool:
        return hmac.compare_digest(self.headers.get(endpoint.KEY_HEADER, "").encode(), self.server.key.encode())

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    """Serve until idle; end at once when another process serves this home already."""
    parent = os.getppid()  # now: should it end while torch is imported, the new parent would count as the starter
    with (endpoint.folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(0)
        _heavy("prediction.model")  # before anybody can find us: then an answer takes milliseconds
        _heavy("training.fitting.augmentation_preview")
        server = Server()
        endpoint.publish(endpoint.Endpoint(server.server_port, server.key))
        threading.Thread(target=server.end_when_idle, args=(parent,), daemon=True).start()
        server.serve_forever()


def _augment(asked: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    if not 1 <= asked["n"] <= MOST_COPIES or len(files) != 1:
        raise BadInput(f"One picture can be shown up to {MOST_COPIES} times.")
    with _ONE_AT_A_TIME:
        config = TrainConfig.from_json(asked["config"]).validated()
        pictures = _heavy("training.fitting.augmentation_preview").augmented(files[0], config, asked["n"])
    return {"pictures": [base64.b64encode(each).decode() for each in pictures]}


def _heat(asked: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    model = _model_in(Path(asked["folder"]))
    labels: list[int] = asked["labels"]
    if len(files) != 1 or not all(0 <= label < len(model.labels) for label in labels):
        raise BadInput("A heat map is of one picture and of labels that the run knows.")
    picture = model.prepare(files[0])
    with _ONE_AT_A_TIME:
        return {"maps": model.heat(picture, labels).tolist()}


def _predict(asked: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    model = _model_in(Path(asked["folder"]))
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
    main()
