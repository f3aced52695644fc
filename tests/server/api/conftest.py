"""The API as a client sees it, with the gates that stand before it and every route beside it."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate import store
from curate.onnx_graph import write
from curate.server import app, quiet_loop
from curate.server.gates.failures import HANDLERS
from tests.factories import add_run
from tests.onnx_graph.test_write import CONFIGS, LABELS, NAME, leave_network


@pytest.fixture
def client() -> Iterator[TestClient]:
    """The server's routes and gates, without the pages."""
    made = Starlette(routes=app.routes(), middleware=app.middleware(), exception_handlers=dict(HANDLERS))
    with TestClient(made, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def get(client: TestClient) -> Callable[..., Any]:
    """`get("projects/pets", **query)`: the JSON of an answer that has to be 200."""

    def get(path: str, **query: Any) -> Any:
        answer = client.get(f"/api/v1/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


@pytest.fixture(scope="session")
def graph_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with an untrained network of three labels and its graph; written once."""
    folder = tmp_path_factory.mktemp("graph")
    leave_network(folder, CONFIGS["small_cnn"])
    write.ensure(folder, NAME)
    return folder


@dataclass(frozen=True)
class AnsweringProject:
    """A project with a run that answers: its images, and the run's id and folder."""

    project: Any
    run_id: int
    folder: Path


@pytest.fixture
def answering(make_project: Callable[..., Any], graph_folder: Path) -> AnsweringProject:
    """The project `pets` with the network's labels, and a finished run of it with a graph."""
    project = make_project([(label, split) for label in LABELS for split in ("train", "train", "valid")])
    run_id = add_run(project.id, np.full((9, 3), 1 / 3))
    shutil.copytree(graph_folder, store.run_folder(run_id), dirs_exist_ok=True)
    return AnsweringProject(project, run_id, store.run_folder(run_id))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[uvicorn.Server, str]]:
    """A server as it is run, without the pages, and its address."""
    monkeypatch.setattr(uvicorn.Server, "main_loop", quiet_loop._main_loop)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Starlette(routes=app.routes(), middleware=app.middleware(), exception_handlers=dict(HANDLERS))
    server = uvicorn.Server(uvicorn.Config(made, port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield server, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
