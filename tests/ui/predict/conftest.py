"""The Predict page with files that were just uploaded, and a model process that answers at once."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from curate import store
from curate.prediction import client
from curate.prediction.client import Prediction
from curate.prediction.familiarity import Familiarity
from curate.ui.components import uploader
from curate.ui.components.uploader import Uploaded


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[float, ...]]:
    """The model process answers (0.75, 0.25), else what stands here by the file's name; a text file not at all."""
    special: dict[str, tuple[float, ...]] = {}

    def predict(folder: Any, files: list[tuple[str, bytes]]) -> list[Prediction]:
        return [
            Prediction(name, None, "Not a picture.")
            if name.endswith(".txt")
            else Prediction(
                name,
                np.array(special.get(name, (0.75, 0.25)), np.float32),
                None,
                Familiarity(0.5, name.startswith("odd"), [(1, 0.9), (2, 0.25)]),
            )
            for name, _ in files
        ]

    monkeypatch.setattr(client, "predict", predict)
    monkeypatch.setattr(client, "process_of", lambda folder: SimpleNamespace(name="", warm=lambda: None))
    return special


@pytest.fixture
def upload(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, bytes]], None]:
    """`upload({"a.png": …}, kind="files")`: the next run of the page learns of these files."""
    waiting: list[Uploaded] = []
    field = lambda key: (waiting.pop() if waiting else None, None)  # noqa: E731
    monkeypatch.setattr(uploader, "show_pasteable", field)

    def put(files: Mapping[str, bytes], kind: str = "files") -> None:
        folder = store.incoming_folder()
        for number, data in enumerate(files.values()):
            (folder / str(number)).write_bytes(data)
        waiting.append(Uploaded(folder.name, kind, list(files)))

    return put
