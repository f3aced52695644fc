"""What every test stands on: its own home, small pictures, small projects, and the shared data where it is."""

import gc
import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine

from curate import settings, store
from curate.catalog import database, images, projects
from tests import postgres

hypothesis.settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing
hypothesis.settings.load_profile("untimed")

REPOSITORY = Path(__file__).parents[1]
BROWSER_TESTS = REPOSITORY / "tests" / "browser"
# Every page test leaves threads that look for changes in every source file, which took half a core in the end.
os.environ["STREAMLIT_SERVER_FILE_WATCHER_TYPE"] = "none"
os.environ["CURATE_JOB_KINDS"] = "tests.jobs.rehearsal"  # also in the processes of jobs that tests start


# What the tests of a folder or file need beyond this process, docstrings' included: `make test-fast` leaves these out.
MARKS_OF_PATHS = {
    "browser/": "browser",
    "cli/": "process",
    "jobs/runtime/": "process",
    "jobs/work/": "process",
    "prediction/": "process",
    "backup/": "process",
    "deploy/": "process",
    "doctor/": "process",
    "store/test_s3.py": "process",
    "server/test_app.py": "process",
    "server/test_start.py": "process",
    "ui/test_best_run.py": "process",
    "test_shrinking.py": "process",
    "data_export/test_tools.py": "torch",
    "model_export/": "torch",
    "onnx_graph/": "torch",
    "training/fitting/": "torch",
    "training/networks/": "torch",
    "embeddings/": "torch",
    "doubts/": "torch",
}
FIXTURES_WITH_PROCESSES = {"new_dispatcher", "app_server", "grid_server", "space_python", "answering"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what tests need; the browser's come last: Playwright leaves an event loop running in the test thread."""
    for item in items:
        for mark in needs(item):
            item.add_marker(mark)
    items.sort(key=lambda item: BROWSER_TESTS in item.path.parents)


def pytest_collection_finish() -> None:
    """Spares the collector what stays anyway: walking every loaded module again took a tenth of the page tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def needs(item: pytest.Item) -> set[str]:
    """What a test needs beyond this process, of `browser`, `process`, `torch`, `postgresql`."""
    path = item.path.relative_to(REPOSITORY).as_posix()
    room = path.removeprefix("tests/").removeprefix("curate/")
    marks = {mark for start, mark in MARKS_OF_PATHS.items() if room.startswith(start)}
    fixtures = set(getattr(item, "fixturenames", ()))
    if "killed" in item.path.stem or fixtures & FIXTURES_WITH_PROCESSES:
        marks.add("process")
    database = getattr(getattr(item, "callspec", None), "params", {}).get("either_database")
    if database == "postgresql" or (database is None and "database_server" in fixtures):
        marks.add("postgresql")
    return marks


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A SQLite file with the newest schema: all migrations take 90 ms, its copy takes one."""
    path = tmp_path_factory.mktemp("catalog") / "catalog.db"
    engine = database._connectable(f"sqlite:///{path}")
    database._migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path.read_bytes()


_migrate = database._migrate
_filling = threading.Lock()


@pytest.fixture(autouse=True)
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_catalog: bytes
) -> Iterator[Path]:
    """CURATE_HOME, empty, for this test only; no other setting is taken from the environment.

    A new SQLite catalog of this process is a copy of `empty_catalog`, but in the tests of migrations themselves.
    """

    def fill(engine: Engine) -> None:
        file = Path(engine.url.database or "")
        with _filling:
            if engine.dialect.name == "sqlite" and file.is_file() and not file.stat().st_size:
                file.write_bytes(empty_catalog)
                return
        _migrate(engine)

    if request.path.name != "test_database.py":  # the migrations themselves
        monkeypatch.setattr(database, "_migrate", fill)
    for name in settings.NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CURATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CURATE_STANDBY_MINUTES", "0")  # 900 MB and 17 s for every server
    yield tmp_path / "home"
    _forget_engine()
    _end_model_processes()


def _end_model_processes() -> None:
    """One of this test's home answers no other test, and none would be started beside it."""
    module = sys.modules.get("curate.prediction.process")
    for model_process in (module.torch_process, module.graph_process) if module else ():
        for process in model_process.started:
            process.kill()
            process.wait()
        model_process.started.clear()


def _forget_engine() -> None:
    if database._ready_engine.cache_info().currsize:
        database.engine().dispose()
        database._ready_engine.cache_clear()


@pytest.fixture(scope="session")
def database_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server for all tests, its database `ready` has the newest schema; skips where there is none."""
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    server = postgres.Server()
    server.create("ready")
    engine = database._connectable(server.url("ready"))
    database._migrate(engine)
    engine.dispose()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test runs twice: with the catalog in SQLite, and in a fresh PostgreSQL database."""
    if request.param == "sqlite":
        yield
        return
    server: postgres.Server = request.getfixturevalue("database_server")
    name = f"test_{next(_numbers)}"
    server.create(name, template="ready")
    monkeypatch.setenv("CURATE_DATABASE_URL", server.url(name))
    yield
    _forget_engine()
    server.drop(name)


_numbers = itertools.count()


def tiny_picture(seed: int, kind: str = "PNG", side: int = 8) -> bytes:
    """A picture file of random pixels; different seeds give pictures that nobody takes for near-duplicates."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """`picture(seed, kind="PNG", side=8)`: the bytes of a small picture, another for every seed."""
    return tiny_picture


@pytest.fixture
def pictures() -> Callable[..., list[Path]]:
    """`pictures(folder, {"cats": 3, "dogs": 2}, seed=0)` writes an ImageFolder tree of different tiny PNGs.

    Files are named 0.png, 1.png, … in each label's folder; the paths come back in that order.
    """

    def write(folder: Path, counts: dict[str, int], seed: int = 0) -> list[Path]:
        paths = [folder / label / f"{i}.png" for label, n in counts.items() for i in range(n)]
        for number, path in enumerate(paths):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tiny_picture(seed * 10_000 + number))
        return paths

    return write


@dataclass(frozen=True)
class MadeProject:
    """A project made by hand: its id, {label name: label id}, image ids and picture names in the order asked for."""

    id: int
    label_ids: dict[str, int]
    image_ids: list[int]
    shas: list[str]


@pytest.fixture
def make_project() -> Callable[..., MadeProject]:
    """`make_project([("cats", "train"), ("dogs", "valid")], name="pets")`: a project with one image for each pair.

    Pictures are really stored; files are named 0.png, 1.png, …; the order of labels is that of first mention.
    """

    def make(entries: list[tuple[str, str]], name: str = "pets", seed: int = 0) -> MadeProject:
        project_id = projects.create_project(name)
        pictures = [tiny_picture(seed * 10_000 + i) for i in range(len(entries))]
        shas = [store.add_blob(data) for data in pictures]
        images.add_blobs(
            [
                images.NewBlob(sha, len(data), 8, 8, "PNG", bytes.fromhex(sha))
                for sha, data in zip(shas, pictures, strict=True)
            ]
        )
        new = [
            images.NewImage(sha, label, f"{i}.png", split)
            for i, (sha, (label, split)) in enumerate(zip(shas, entries, strict=True))
        ]
        images.add_images(project_id, new, "Ada", "Imported by hand", [])
        label_ids = {label.name: label.id for label in projects.labels(project_id)}
        return MadeProject(project_id, label_ids, images.hashes(project_id).image_ids.tolist(), shas)

    return make


@pytest.fixture
def small_project(make_project: Callable[..., MadeProject]) -> MadeProject:
    """Eight images: cats and dogs, three to train on and one held out of each."""
    return make_project(
        [(label, split) for label in ("cats", "dogs") for split in ("train", "train", "train", "valid")]
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photos and weights beside the repository; skips where there is none."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder (../shared/data) is not on this machine")
    return folder
