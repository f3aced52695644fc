"""Checkpoints: the whole state of a training after an epoch, in one file.

On a CPU a resumed training reaches the same figures as an uninterrupted one: the file holds weights, optimizer,
trackers, random states and the place in the schedule.
"""

import hashlib
import json
import pickle
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import fastai
import numpy as np
import torch
from fastai.callback.tracker import TrackerCallback
from fastai.learner import Learner
from fastai.torch_core import get_model, to_device
from fastcore.foundation import L

from curate import store
from curate.training.epoch_table import EpochRow
from curate.training.settings.config import TrainConfig

FORMAT = 1
_KEPT = ("*.pth", "*.safetensors")  # files that the best epoch and the ends of cycles leave in the learner's folder


@dataclass
class Progress:
    """The progress of a training: `n_done` epochs of the schedule (fewer rows when a phase ended early).

    rate: the learning rate, found or given.  batch_size: the one that fitted.  notes: sentences on the course of the
    training.  seconds: by phase.
    """

    rate: float | None = None
    batch_size: int = 0
    n_done: int = 0
    is_over: bool = False
    n_steps: int = 0
    is_stopped: bool = False
    rows: list[EpochRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def note(self, sentence: str) -> None:
        """Add a sentence for the result."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def begin_again(self) -> None:
        """Drop all epochs; notes and times stay."""
        self.rate, self.n_done, self.is_over, self.n_steps, self.is_stopped = None, 0, False, 0, False
        self.rows.clear()


def fingerprint(
    pictures: Sequence[Path], labels: np.ndarray, is_valid: np.ndarray, label_names: list[str], config: TrainConfig
) -> str:
    """Returns a hash of pictures, labels, settings and library versions."""
    versions = (FORMAT, torch.__version__, fastai.__version__)
    text = json.dumps([versions, config.to_json(), label_names, [path.name for path in pictures]])
    digest = hashlib.sha256(text.encode())
    for array in (np.asarray(labels, np.int64), np.asarray(is_valid, bool)):
        digest.update(array.tobytes())
    return digest.hexdigest()


class CheckpointFile:
    """The file of a training's state; `write` replaces it atomically, also in a power cut."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path, self._fingerprint = path, fingerprint
        self._state: dict[str, Any] = {}

    def exists(self) -> bool:
        """Whether the file exists, of whatever training."""
        return self._path.exists()

    def read(self) -> Progress | None:
        """Returns the progress, or None for a missing, damaged or different training; keeps the state for `restore`."""
        try:
            held = torch.load(self._path, map_location="cpu", weights_only=True)
        except (OSError, EOFError, RuntimeError, pickle.UnpicklingError):  # missing or damaged
            return None
        if not isinstance(held, dict) or held.get("fingerprint") != self._fingerprint:
            return None
        self._state = held["state"]
        progress = held["progress"]
        return Progress(**progress | {"rows": [EpochRow(**row) for row in progress["rows"]]})

    def write(self, progress: Progress, learn: Learner, is_between_fits: bool) -> None:
        """Write the state of a learner, just after an epoch or after a whole fit."""
        held = {
            "fingerprint": self._fingerprint,
            "progress": asdict(progress),
            "state": _state(learn, is_between_fits),
        }
        with store.atomic_file(self._path) as file:
            torch.save(held, file)

    def restore(self, learn: Learner) -> None:
        """Bring a learner that is about to fit or to score into the state that `read` read."""
        learn.model.load_state_dict(self._state["model"])
        folder = Path(learn.path) / learn.model_dir
        for name, content in self._state["files"].items():
            (folder / name).write_bytes(content.numpy().tobytes())
        if learn.opt is not None:
            _restore_fit(learn, self._state)
        _set_random(learn, self._state["random"])
        self._state = {}  # it is as large as the model and its optimizer

    def remove(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


class Pauses:
    """Decides when a checkpoint is due, so that writing takes at most a tenth of the time.

    n_bytes: size of the first one, at the 300 MB/s of a usual disk; later ones are timed. Small networks are written
    after every epoch; resnet50's 300 MB take a second and are skipped where epochs take two.
    """

    SHARE = 0.1

    def __init__(self, n_bytes: int) -> None:
        self._cost_s, self._since_s = n_bytes / 300e6, time.monotonic()

    def is_due(self) -> bool:
        """Whether enough time has passed since the last one."""
        return (time.monotonic() - self._since_s) * self.SHARE >= self._cost_s

    def wrote(self, seconds: float) -> None:
        """Record that one was written in so many seconds."""
        self._cost_s, self._since_s = seconds, time.monotonic()


def state_bytes(learn: Learner) -> int:
    """Estimates the size of a checkpoint: Adam keeps two numbers per weight."""
    return 3 * sum(values.numel() * values.element_size() for values in learn.model.state_dict().values())


def _state(learn: Learner, is_between_fits: bool) -> dict[str, Any]:
    """Tensors and plain values only: it is read back with weights_only."""
    folder = Path(learn.path) / learn.model_dir
    files = [path for pattern in _KEPT for path in folder.glob(pattern)]
    scaler = getattr(learn, "scaler", None)
    smooth = learn.recorder.smooth_loss
    return {
        "model": _plain(get_model(learn.model).state_dict()),
        # Each phase clears the optimizer's state; the hyperparameters that it does not set stay.
        "opt": {"hypers": _plain(learn.opt.hypers)} if is_between_fits else _plain(learn.opt.state_dict()),
        "trackers": {
            type(cb).__name__: {"best": _plain(cb.best), "wait": getattr(cb, "wait", 0)}
            for cb in learn.cbs
            if isinstance(cb, TrackerCallback) and not (is_between_fits and cb.reset_on_fit)
        },
        "smooth_loss": None if is_between_fits else (smooth.count, _plain(torch.as_tensor(smooth.val))),
        "scaler": scaler.state_dict() if scaler is not None else None,
        "random": _random(learn),
        "files": {path.name: torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8) for path in files},
    }


def _plain(value: Any) -> Any:
    """Converts fastai's and numpy's lists, dicts, tensors and numbers into Python's and torch's."""
    if isinstance(value, torch.Tensor):
        return value.detach().as_subclass(torch.Tensor)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, L)):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _restore_fit(learn: Learner, state: dict[str, Any]) -> None:
    if "state" in state["opt"]:
        learn.opt.load_state_dict(to_device(state["opt"], next(learn.model.parameters()).device))
    else:
        for hyper, kept in zip(learn.opt.hypers, state["opt"]["hypers"], strict=True):
            hyper.update({name: value for name, value in kept.items() if name not in ("lr", "wd")})
    for cb in learn.cbs:
        kept = state["trackers"].get(type(cb).__name__) if isinstance(cb, TrackerCallback) else None
        if kept:
            cb.best = kept["best"]
            if hasattr(cb, "wait"):
                cb.wait = kept["wait"]
    if state["smooth_loss"] is not None:
        learn.recorder.smooth_loss.count, learn.recorder.smooth_loss.val = state["smooth_loss"]
    if state["scaler"] is not None and getattr(learn, "scaler", None) is not None:
        learn.scaler.load_state_dict(state["scaler"])


def _random(learn: Learner) -> dict[str, Any]:
    """Returns the states of all random number generators."""
    kind, keys, *rest = np.random.get_state()
    return {
        "python": random.getstate(),
        "loaders": [loader.rng.getstate() for loader in learn.dls.loaders],
        "numpy": [kind, torch.from_numpy(np.asarray(keys).astype(np.int64)), *rest],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def _set_random(learn: Learner, states: dict[str, Any]) -> None:
    random.setstate(_tuples(states["python"]))
    for loader, state in zip(learn.dls.loaders, states["loaders"], strict=True):
        loader.rng.setstate(_tuples(state))
    kind, keys, *rest = states["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(states["torch"])
    if len(states["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(states["cuda"])


def _tuples(value: Any) -> Any:
    """Converts lists to tuples: `random.setstate` takes nothing else."""
    return tuple(_tuples(each) for each in value) if isinstance(value, (list, tuple)) else value
