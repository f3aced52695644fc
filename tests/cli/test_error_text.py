"""What is wrong with the machine is one line on stderr and exit code 1: no stack trace."""

import builtins
import errno
import os
import sqlite3
from pathlib import Path

import pytest

from curate import jobs
from curate.catalog import projects
from curate.cli import data_commands, main


@pytest.fixture
def failing(capsys: pytest.CaptureFixture[str]):
    """`failing("projects")`: the one line on stderr of a command that must fail with exit code 1."""

    def run(*args: str) -> str:
        assert main(list(args)) == 1
        err = capsys.readouterr().err
        assert err.startswith("curate: ") and err.count("\n") == 1, err
        return err.removeprefix("curate: ").strip()

    return run


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "CURATE_DATABASE_URL is no address of a database"),
        ("oracle2://x/y", "CURATE_DATABASE_URL is no address of a database"),
        ("postgresql+psycopg://x:12ab/y", "CURATE_DATABASE_URL is no address of a database"),
        ("postgresql+psycopg://nobody@127.0.0.1:9/none", "The catalog cannot be used: "),
        ("sqlite:////no/such/folder/catalog.db", "The catalog cannot be opened"),
        ("postgresql+nodriver://x/y", "CURATE_DATABASE_URL is no address of a database"),
    ],
)
def test_a_database_address_that_is_none(failing, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str) -> None:
    monkeypatch.setenv("CURATE_DATABASE_URL", url)
    assert failing("projects").startswith(sentence)


def test_a_missing_driver_is_said(failing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_DATABASE_URL", "mysql://x/y")
    assert failing("projects").startswith("No module named 'MySQLdb'.")


def test_a_corrupt_catalog(failing, home: Path) -> None:
    home.mkdir()
    (home / "catalog.db").write_bytes(b"no database " * 500)
    assert failing("projects") == ("The catalog is damaged: the file is no SQLite database. Restore it from a backup.")


def test_a_locked_catalog(failing, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects.create_project("pets")
    connect = sqlite3.connect(home / "catalog.db", isolation_level=None)
    connect.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("curate.catalog.database._prepare_sqlite", lambda *_: None)
    from curate.catalog.database import engine

    with engine().connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
        monkeypatch.setattr(data_commands, "make_sample", lambda _author: write(connection))
        assert failing("sample") == "The catalog is locked by another program. Try again when that has ended."
    connect.close()


def write(connection) -> None:
    connection.execution_options(is_writing=True)
    connection.exec_driver_sql("UPDATE project SET name = 'x'")


def test_a_catalog_of_a_newer_curate(failing, home: Path) -> None:
    projects.create_project("pets")
    with sqlite3.connect(home / "catalog.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00'")
    from curate.catalog import database

    database.engine().dispose()
    database._ready_engine.cache_clear()
    assert failing("projects") == "The catalog was made by a newer Curate than this one."


def test_a_home_that_is_a_file_or_may_not_be_made(failing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CURATE_HOME", str(tmp_path / "file" / "below"))
    assert "Not a directory" in failing("projects") or "File exists" in failing("projects")
    monkeypatch.setenv("CURATE_HOME", "/proc/curate")
    assert failing("projects").startswith("/proc/curate: ")


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="full disks are told by POSIX")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(failing, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def enqueue(*_args: object, **_options: object) -> int:
        raise OSError(number, os.strerror(number), "/home/x")

    monkeypatch.setattr(jobs, "enqueue", enqueue)
    assert failing("sample") == "The disk is full: nothing more can be stored in CURATE_HOME."


def test_a_module_that_is_not_installed(failing, monkeypatch: pytest.MonkeyPatch) -> None:
    def enqueue(*_args: object, **_options: object) -> int:
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr(jobs, "enqueue", enqueue)
    assert failing("sample") == ("No module named 'pandas'. The installation is not whole; `make run` completes it.")


def test_an_error_of_the_program_itself_is_seen_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def enqueue(*_args: object, **_options: object) -> int:
        raise builtins.ZeroDivisionError

    monkeypatch.setattr(jobs, "enqueue", enqueue)
    with pytest.raises(ZeroDivisionError):
        main(["sample"])
