"""The server as `make run` starts it: a real process, asked over HTTP; and its routes, asked directly."""

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from curate import jobs, settings, store
from curate.errors import NotFound
from curate.review import tokens
from curate.server import uploads
from curate.server.app import routes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes())) as client:
        yield client


@pytest.fixture
def token() -> dict[str, str]:
    return {tokens.HEADER: tokens.sign("Ada")}


def test_health_counts_jobs_and_says_when_dask_is_not_there(client: TestClient) -> None:
    jobs.enqueue("sample", None, {})
    jobs.cancel(jobs.enqueue("sample", None, {}))
    answer = client.get("/api/health")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        "ok": True,
        "database": True,
        "scheduler": False,
        "jobs": {"queued": 1, "cancelled": 1},
    }


def test_health_is_not_ok_without_a_database(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_DATABASE_URL", "sqlite:////no/such/folder/catalog.db")
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_an_upload_is_stored_as_it_is_under_a_name_of_ours(client: TestClient, token: dict[str, str]) -> None:
    data = os.urandom(3_000_000)
    answer = client.post("/api/uploads?name=../../evil.zip", content=data, headers=token)
    assert (answer.status_code, answer.json()["bytes"]) == (200, 3_000_000)
    folder = store.find_incoming(answer.json()["upload"])
    assert [path.name for path in folder.iterdir()] == ["0"]
    assert (folder / "0").read_bytes() == data


def test_several_files_go_into_one_upload_and_no_number_leads_out_of_it(
    client: TestClient, token: dict[str, str]
) -> None:
    name = client.post("/api/uploads", content=b"first", headers=token).json()["upload"]
    for number, data in ((1, b"second"), (-2, b"third")):
        answer = client.post(f"/api/uploads?into={name}&number={number}", content=data, headers=token)
        assert (answer.status_code, answer.json()["upload"]) == (200, name)
    folder = store.find_incoming(name)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"0": b"first", "1": b"second", "2": b"third"}
    for query, status in (
        ("into=../blobs&number=1", 404),
        ("into=0000000000000000&number=1", 404),
        (f"into={name}&number=../x", 400),
    ):
        assert client.post(f"/api/uploads?{query}", content=b"x", headers=token).status_code == status


def test_an_upload_without_a_token_is_refused(client: TestClient) -> None:
    answer = client.post("/api/uploads", content=b"data", headers={tokens.HEADER: "forged"})
    assert (answer.status_code, answer.json()["hint"]) == (403, "Reload the page.")
    assert not (settings.home() / "incoming").exists()


@pytest.mark.parametrize("is_told", [True, False])
def test_an_upload_over_the_limit_is_refused_and_leaves_nothing_behind(
    client: TestClient, token: dict[str, str], monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    monkeypatch.setenv("CURATE_MAX_UPLOAD_MB", "1")
    data = b"x" * 1_000_001
    answer = client.post("/api/uploads", content=data if is_told else iter([data]), headers=token)
    assert (answer.status_code, answer.json()["error"]) == (413, "The upload is larger than 1 MB.")
    assert list((settings.home() / "incoming").glob("*")) == []


@pytest.mark.parametrize("is_further", [True, False])
def test_an_upload_for_which_there_is_no_room_leaves_nothing_behind(
    client: TestClient, token: dict[str, str], is_further: bool
) -> None:
    query = ""
    if is_further:
        name = client.post("/api/uploads", content=b"first", headers=token).json()["upload"]
        query = f"?into={name}&number=1"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, limits[1]))
    try:
        answer = client.post(f"/api/uploads{query}", content=b"x" * 3_000_000, headers=token)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    sentence = "The server's disk has no room for this upload; nothing of it was kept."
    assert (answer.status_code, answer.json()) == (507, {"error": sentence, "hint": "", "repeat": True})
    names = [path.name for path in (settings.home() / "incoming").rglob("*") if path.is_file()]
    assert names == (["0"] if is_further else [])


def test_two_uploads_to_one_place_do_not_mix(token: dict[str, str]) -> None:
    folder = store.incoming_folder()
    is_other_done = asyncio.Event()

    async def send(letter: bytes, waits: bool) -> int:
        async def receive() -> Message:
            if not sent:
                sent.append(1)
                return {"type": "http.request", "body": letter * 1_500_000, "more_body": True}
            if waits:
                await is_other_done.wait()
            return {"type": "http.request", "body": letter * 1_000_000, "more_body": False}

        sent: list[int] = []
        query = f"into={folder.name}&number=1".encode()
        headers = [(name.lower().encode(), value.encode()) for name, value in token.items()]
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": query}
        status = (await uploads.post_upload(Request(scope, receive))).status_code
        is_other_done.set()
        return status

    async def send_both() -> list[int]:
        return list(await asyncio.gather(send(b"a", True), send(b"b", False)))

    assert asyncio.run(send_both()) == [200, 200]
    assert [path.name for path in folder.iterdir()] == ["1"]
    assert (folder / "1").read_bytes() == b"a" * 2_500_000


def test_an_upload_that_is_gone_or_was_never_one_is_not_found() -> None:
    old, new = store.incoming_folder(), store.incoming_folder()
    store.remove_incoming(old)
    assert store.find_incoming(new.name) == new
    with pytest.raises(NotFound, match="no longer there"):
        store.find_incoming(old.name)
    with pytest.raises(NotFound):
        store.find_incoming("../blobs")


class Server:
    """`streamlit run Home.py` on a free port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "streamlit", "run", "Home.py"]
        self.process = subprocess.Popen(
            [*command, f"--server.port={port}", "--server.address=127.0.0.1"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            return answer.read()

    def is_up(self) -> bool:
        try:
            return json.loads(self.get("/api/health"))["scheduler"]
        except OSError:
            return False

    def children(self) -> list[int]:
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait()


@pytest.fixture
def new_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Server]]:
    """`new_server()`: a server on this test's home that is up, Dask and all."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    started: list[Server] = []

    def start() -> Server:
        started.append(Server())
        wait_until(started[-1].is_up)
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


def wait_until(condition: Callable[[], Any], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def test_two_servers_share_a_home_and_jobs_outlive_them_both(new_server: Callable[[], Server], tmp_path: Path) -> None:
    first, second = new_server(), new_server()
    assert b"<title>" in first.get("/") and b"<title>" in second.get("/train")
    assert_small_and_without_torch(first)
    gate = tmp_path / "gate"
    job_id = jobs.enqueue("rehearsal", None, {"until": str(gate)})
    wait_until(lambda: jobs.find_job(job_id).status == "running")
    second.stop()
    assert first.is_up()
    [dispatcher] = first.children()
    first.stop()
    wait_until(lambda: not Path(f"/proc/{dispatcher}").exists())
    assert jobs.find_job(job_id).status == "running"
    gate.touch()
    wait_until(lambda: jobs.find_job(job_id).status == "done")


def assert_small_and_without_torch(server: Server) -> None:
    process = Path(f"/proc/{server.process.pid}")
    resident = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < 250_000  # kB
    assert not any(name in (process / "maps").read_text() for name in ("torch", "fastai", "sklearn"))
