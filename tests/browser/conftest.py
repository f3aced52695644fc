"""A real browser, a server with the grid, and small projects to review in it."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

collect_ignore = ["grid_app.py", "grid_page.py"]

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@dataclass(frozen=True)
class Server:
    """A running server and the folder its data lives in."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]


@dataclass(frozen=True)
class Review:
    """A project with one finished run, and its images by descending loss, as the grid shows them."""

    project_id: int
    run_id: int
    image_ids: list[int]
    label_ids: list[int]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium, started once; the tests that need it skip with one line where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def grid_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Streamlit with tests/browser/grid_app.py, on a free port and a home of its own."""
    home = tmp_path_factory.mktemp("grid-home")
    server = start_server(Path(__file__).with_name("grid_app.py"), home)
    yield server
    server.process.terminate()
    server.process.wait(10)


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app itself, as `streamlit run Home.py` serves it, on a free port and a home of its own."""
    home = tmp_path_factory.mktemp("app-home")
    server = start_server(ROOT / "Home.py", home)
    yield server
    server.process.terminate()
    server.process.wait(20)


def start_server(script: Path, home: Path, port: int = 0) -> Server:
    """`streamlit run script` with its data in `home`, answering when this returns."""
    port = port or free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", "--server.headless=true",
        "--server.address=127.0.0.1", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none",
    ]  # fmt: skip
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CURATE_")}
    environment = {**inherited, "CURATE_HOME": str(home), "CURATE_STANDBY_MINUTES": "0", "PYTHONPATH": str(ROOT)}
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    server = Server(f"http://127.0.0.1:{port}", home, process)
    _await_health(server)
    return server


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(server: Server) -> None:
    for _ in range(600):
        assert server.process.poll() is None, (server.home / "server.log").read_text()
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=1):
                return
        except OSError:
            pass
        try:
            server.process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("the server did not come up")


@pytest.fixture
def opened(browser: Any, grid_server: Any) -> Iterator[Callable[..., Any]]:
    """Open a review's grid in a browser of its own; every error in the browser's console fails the test.

    is_routed: `page.route` will be used. A busy Chromium lets a request pass just after the first route of an open page
    was set, so one is there from the beginning.
    """
    contexts, troubles = [], []

    def open_page(review: Any, query: str = "", is_routed: bool = False, **context: Any) -> Any:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}, **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.add_init_script("performance.setResourceTimingBufferSize(2000)")  # 250 are too few for all pictures
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        if is_routed:
            page.route("**/nothing-asks-for-this", lambda route: route.abort())
        page.goto(f"{grid_server.url}/?run={review.run_id}&{query}")
        page.wait_for_selector(".cards:focus .card.cursor", timeout=60_000)  # the first visit imports pandas
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def make_review(grid_server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Review]:
    """Make a project in the server's home: n_images drawn pictures under n_labels labels, and a run over them."""
    monkeypatch.setenv("CURATE_HOME", str(grid_server.home))
    return make_project


@pytest.fixture
def make_app_review(app_server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Review]:
    """As `make_review`, in the home of the app's server."""
    monkeypatch.setenv("CURATE_HOME", str(app_server.home))
    return make_project


def make_project(
    n_images: int = 60, label_names: list[str] | None = None, seed: int = 1, doubted: bool = False
) -> Review:
    """A project in the present home whose run is wrong on every third image, more so the earlier it came.

    doubted: what the run took a picture for is also suggested, and deleting for the last but one.
    """
    from curate import store
    from curate.catalog import images, projects

    names = label_names or ["cardboard", "glass", "metal", "paper", "plastic", "trash"]
    project_id = projects.create_project(f"Project {len(projects.list_projects()) + 1}")
    data = [draw(i, seed) for i in range(n_images)]
    shas = [store.add_blob(png) for png in data]
    images.add_blobs(
        [images.NewBlob(sha, len(png), 240, 180, "PNG", bytes(32)) for sha, png in zip(shas, data, strict=True)]
    )
    splits = ["valid" if i // 6 % 5 == 0 else "train" for i in range(n_images)]
    new = [
        images.NewImage(sha, names[i % min(len(names), 6)], f"picture {i:03}.png", split)
        for i, (sha, split) in enumerate(zip(shas, splits, strict=True))
    ]
    images.add_images(project_id, new, "ann", "Imported", names)
    return _with_run(project_id, doubted)


def _with_run(project_id: int, doubted: bool) -> Review:
    from curate.catalog import projects, runs

    chosen = runs.training_set(project_id)
    n, c = len(chosen.labels), len(chosen.label_ids)
    probabilities = np.full((n, c), 0.02)
    taken_for = np.where(np.arange(n) % 3 == 0, (chosen.labels + 1) % c, chosen.labels)
    probabilities[np.arange(n), taken_for] = np.linspace(0.97, 0.35, n)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    losses = -np.log(probabilities[np.arange(n), chosen.labels])
    run_id = runs.create_run(project_id, {"architecture": "resnet18"}, chosen, None)
    doubts = _doubts(probabilities, chosen.labels) if doubted else None
    runs.finish_run(run_id, chosen, losses, probabilities, {}, doubts=doubts)
    order = np.lexsort((-chosen.image_ids, -losses))
    label_ids = [label.id for label in projects.labels(project_id)]
    return Review(project_id, run_id, [int(i) for i in chosen.image_ids[order]], label_ids)


def _doubts(probabilities: np.ndarray, labels: np.ndarray) -> Any:
    from curate.catalog import runs

    n, taken_for = len(labels), probabilities.argmax(axis=1)
    doubt = 1 - probabilities[np.arange(n), labels]
    return runs.Doubts(
        doubt=doubt,
        suggested=np.where(taken_for == labels, -1, taken_for),
        p_suggested=probabilities.max(axis=1),
        suggests_delete=np.arange(n) == n - 2,
        uncertainty=doubt,
        asks_again=np.zeros(n, bool),
    )


def draw(number: int, seed: int) -> bytes:
    """A PNG of coloured shapes, wide, tall or square by turns, different for every number and seed."""
    rng = np.random.default_rng([seed, number])
    size = [(240, 180), (180, 240), (220, 220)][number % 3]
    picture = Image.new("RGB", size, tuple(int(v) for v in rng.integers(90, 230, 3)))
    brush = ImageDraw.Draw(picture)
    for _ in range(9):
        x, y, r = rng.integers(0, 200, 2).tolist() + [int(rng.integers(12, 70))]
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        shape = brush.ellipse if rng.random() < 0.5 else brush.rectangle
        shape((x, y, x + r, y + r), fill=colour)
    brush.text((8, 8), str(number), fill="white", font_size=34, stroke_width=2, stroke_fill="black")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
