"""The database: migrations, transactions, and several processes and threads at once."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from curate.catalog import database, projects
from curate.catalog.tables.core import Image, Job, Project
from curate.catalog.tables.metadata import METADATA

REPOSITORY = Path(__file__).parents[2]
START = """
import sys
from curate.catalog import projects
print("ready", flush=True)
sys.stdin.readline()
projects.create_project(sys.argv[1])
"""


def test_four_processes_that_start_at_once_on_an_empty_file_all_get_their_catalog(home):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", START, f"project {n}"], cwd=REPOSITORY, env=os.environ, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for n in range(4)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    failures = [process.communicate(timeout=120)[1] for process in processes if process.wait(timeout=120)]
    for process in processes:
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
    assert failures == []
    assert sorted(project.name for project in projects.list_projects()) == [f"project {n}" for n in range(4)]


def test_the_migrations_build_exactly_what_the_models_say():
    with database.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, METADATA) == []


def test_migrations_are_one_line_from_the_first_to_the_newest():
    script = ScriptDirectory(str(database.MIGRATIONS))
    assert len(script.get_heads()) == 1
    with database.engine().connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == script.get_heads()[0]


def test_a_transaction_that_raises_leaves_nothing():
    with pytest.raises(RuntimeError), database.writing() as session:
        session.add(Project(name="half", valid_pct=20.0, split_seed=1))
        session.flush()
        raise RuntimeError
    assert projects.list_projects() == []


def test_a_reader_sees_one_state_while_others_write():
    projects.create_project("first")
    with database.reading() as session:
        count = select(func.count()).select_from(Project)
        assert session.scalar(count) == 1
        projects.create_project("second")
        assert session.scalar(count) == 1
    with database.reading() as session:
        assert session.scalar(count) == 2


def test_writers_wait_for_each_other_and_lose_nothing():
    project_id = projects.create_project("counter", seed=0)

    def count_up() -> None:
        for _ in range(25):
            with database.writing(project_id) as session:
                project = session.get_one(Project, project_id)
                project.split_seed += 1

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert projects.find_project(project_id).split_seed == 100


def test_sqlite_keeps_what_was_acknowledged_and_checks_foreign_keys():
    if not database.is_sqlite():
        pytest.skip("about SQLite alone")
    with database.reading() as session:
        settings = {name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
    assert settings == {"journal_mode": "wal", "synchronous": 2}
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(
            Image(project_id=99, blob_sha="a" * 64, entry_label_id=1, label_id=1, split="train", file_name="x",
                  version_id=1, provenance={})
        )  # fmt: skip


def test_times_come_back_in_utc_and_without_a_zone_are_refused():
    noon = datetime(2026, 1, 2, 13, 0, 0, tzinfo=timezone(timedelta(hours=1)))
    with database.writing() as session:
        job = Job(kind="x", title="x", args={}, submitted_by="Ada", created_at=noon)
        session.add(job)
    with database.reading() as session:
        stored_at = session.get_one(Job, job.id).created_at
    assert (stored_at, stored_at.tzinfo) == (noon, UTC)
    with pytest.raises(StatementError, match="times need a zone"), database.writing() as session:
        session.add(Job(kind="x", title="x", args={}, submitted_by="Ada", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_what_is_read_together_is_of_one_moment_and_only_for_this_thread():
    projects.create_project("before")

    def create(name: str) -> None:
        thread = threading.Thread(target=projects.create_project, args=[name])
        thread.start()
        thread.join()

    with database.reading_together():
        assert [name for _, name in projects.project_names()] == ["before"]
        create("meanwhile")
        assert [name for _, name in projects.project_names()] == ["before"]
        with database.reading_together():
            assert len(projects.list_projects()) == 1
    assert [name for _, name in projects.project_names()] == ["before", "meanwhile"]
    with pytest.raises(ZeroDivisionError), database.reading_together():
        _ = 1 / 0
    create("later")
    assert len(projects.project_names()) == 3


def test_another_url_is_another_catalog(tmp_path, monkeypatch):
    projects.create_project("here")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("CURATE_DATABASE_URL", f"sqlite:///{tmp_path / 'a % b.db'}")
        assert projects.list_projects() == []
        projects.create_project("there")
        database.engine().dispose()
    assert [project.name for project in projects.list_projects()] == ["here"]


def test_statistics_can_be_refreshed(small_project):
    database.refresh_statistics()
    with database.reading() as session:
        where = "sqlite_stat1" if database.is_sqlite() else "pg_stats WHERE tablename = 'image'"
        assert session.scalar(text(f"SELECT count(*) FROM {where}")) > 0
