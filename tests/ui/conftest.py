"""Pages opened through the app's entry, and finished runs with probabilities known by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from curate import store
from curate.catalog import runs

MAIN = Path(__file__).parents[2] / "curate" / "ui" / "main.py"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """`open_page("evaluate", project=1)`: that page of the app under that address, run once, without an exception."""
    st.cache_resource.clear()
    st.cache_data.clear()

    def open_(name: str, **query: object) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=120)  # s; a busy machine takes 34 for a first page
        for key, value in query.items():
            app.query_params[key] = str(value)
        app.run().switch_page(f"../../pages/{name}.py").run()
        assert not app.exception, [error.value for error in app.exception]
        return app

    return open_


@pytest.fixture
def add_run() -> Callable[..., int]:
    """`add_run(project_id, [(0.9, 0.1), …], config={})`: id of a finished run with these probabilities, in id order."""

    def add(project_id: int, probabilities: list[tuple[float, ...]], config: dict[str, Any] | None = None) -> int:
        chosen = runs.training_set(project_id)
        probs = np.array(probabilities, np.float32)
        run_id = runs.create_run(project_id, config or {"architecture": "resnet18", "epochs": 2}, chosen, None)
        np.save(store.run_folder(run_id) / "probabilities.npy", probs)
        runs.add_epoch(
            run_id,
            {"epoch": 0, "phase": "frozen", "train_loss": 0.8, "valid_loss": 0.7, "accuracy": 0.75, "seconds": 3.0},
        )
        losses = -np.log(probs[np.arange(len(probs)), chosen.labels])
        runs.finish_run(run_id, chosen, losses, probs, {"device": "CPU", "seconds": 61.0})
        return run_id

    return add


@pytest.fixture
def shown_cards() -> Callable[[AppTest], dict[str, list[dict[str, Any]]]]:
    """`shown_cards(app)`: what each strip of read-only cards was given, by the end of its key."""

    def read(app: AppTest) -> dict[str, list[dict[str, Any]]]:
        strips = [strip.proto for strip in app.get("bidi_component") if strip.proto.component_name == "curate_cards"]
        return {strip.id.split("-", 2)[-1]: json.loads(strip.json)["cards"] for strip in strips}

    return read
