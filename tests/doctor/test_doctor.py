"""`curate doctor`: every part as it is, and broken in the way that people break it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from curate import settings, store
from curate.catalog import database
from curate.cli import main
from curate.doctor import Finding, machine, services
from tests import s3

ROOT = Path(__file__).parents[2]


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.sentence for finding in findings if not finding.is_right]


def test_a_new_installation_is_well_and_left_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "There is none yet" in capsys.readouterr().out
    assert list(settings.home().iterdir()) == []


def test_something_wrong_is_exit_code_1_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    assert main(["doctor"]) == 1
    assert "it holds no .safetensors or .pth file. Put weights there, or unset it." in capsys.readouterr().out
    (tmp_path / "resnet18.pth").touch()
    assert "resnet18.pth is empty" in machine.check_weights()[0].sentence


@pytest.mark.usefixtures("either_database")
def test_a_database_answers_has_a_known_schema_and_can_be_written() -> None:
    assert wrong(services.check_database()) == []
    with database.writing() as session:
        session.execute(text("SELECT 1"))
    assert wrong(services.check_database()) == []
    assert "can be written, schema" in services.check_database()[0].sentence
    assert wrong(services.check_clock()) == []
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert wrong(services.check_database()) == ["Its schema 9999 is of a newer Curate: install that release here, too."]


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("either_database")
def test_a_database_that_cannot_be_written_and_a_clock_that_is_off_are_said() -> None:
    name = settings.database_url().rpartition("/")[2]
    with database.writing() as session:
        session.execute(
            text(
                "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                "'SELECT pg_catalog.clock_timestamp() - interval ''90 s'''"
            )
        )
        session.execute(text(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog'))
        session.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    assert "read-only" in wrong(services.check_database())[0]
    assert wrong(services.check_clock())[0].startswith("It is 90.")


def test_a_database_that_does_not_answer_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_DATABASE_URL", "postgresql+psycopg://curate@127.0.0.1:9/curate")
    assert "check CURATE_DATABASE_URL, and that the database runs" in wrong(services.check_database())[0]


def test_a_store_is_probed_and_lost_pictures_are_counted(
    monkeypatch: pytest.MonkeyPatch, make_project: Callable[..., object]
) -> None:
    make_project([("cats", "train"), ("dogs", "valid")])
    assert wrong(services.check_store()) == []
    server = s3.Server()
    try:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        assert "of the 2 newest pictures 2 are not there" in wrong(services.check_store())[0]
        assert main(["copy-store", str(settings.home()), os.environ["CURATE_STORE"]]) == 0
        assert wrong(services.check_store()) == []
        assert list(store.bucket.configured().sizes("doctor")) == []  # type: ignore[union-attr]
    finally:
        server.kill()
    assert "does not answer" in wrong(services.check_store())[0]


@pytest.fixture
def dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A scheduler; call it to start a worker with these resources and this folder in front of Python's path."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*args: str, path: Path = ROOT) -> None:
        command = [sys.executable, "-m", "distributed.cli." + args[0], *args[1:], "--no-dashboard"]
        environment = os.environ | {"PYTHONPATH": str(path)}
        out = subprocess.DEVNULL
        processes.append(subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=out, stderr=out))

    address_file = tmp_path / "scheduler.json"
    start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(address_file))
    deadline = time.monotonic() + 60
    while not address_file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.2)
    import json

    monkeypatch.setenv("CURATE_SCHEDULER", json.loads(address_file.read_text())["address"])

    def add_worker(resources: str, path: Path = ROOT) -> None:
        worker = ("dask_worker", "--scheduler-file", str(address_file), "--no-nanny", "--nthreads", "1")
        start(*worker, "--resources", resources, path=path)

    yield add_worker
    for process in processes:
        process.kill()
        process.wait()


def sentences_once(is_expected: Callable[[list[str]], bool]) -> list[str]:
    deadline = time.monotonic() + 60
    while not is_expected(found := wrong(services.check_scheduler())) and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


def test_a_scheduler_its_workers_and_their_releases(dask: Callable[..., None], tmp_path: Path) -> None:
    assert "has no workers: start `dask worker tcp://" in wrong(services.check_scheduler())[0]
    dask("job=2")
    assert sentences_once(lambda found: "no workers" not in str(found)) == [
        'No worker takes all jobs: start one with --resources "train=1 job=2", or "GPU=1 job=2".'
    ]
    (tmp_path / "old" / "curate").mkdir(parents=True)
    (tmp_path / "old" / "curate" / "__init__.py").write_text('__version__ = "0.0.9"\n')
    dask("train=1 job=2", tmp_path / "old")
    found = sentences_once(lambda found: "0.0.9" in str(found))
    assert len(found) == 1 and "has 0.0.9, this server Curate 0.1.0: install the same release there." in found[0]


def test_a_scheduler_that_is_gone_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_SCHEDULER", "tcp://127.0.0.1:9")
    assert "does not answer" in wrong(services.check_scheduler())[0]
