"""Backups made while decisions and pictures come in, restored into an empty place: nothing half, nothing lost."""

import hashlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from curate import settings, store
from curate.backup import layout, restoring, saving
from curate.catalog import database, jobs
from curate.cli import main
from curate.errors import BadInput, Conflict
from tests import postgres, s3

ROOT = Path(__file__).parents[2]
N = 8
# One operation on all eight pictures, then a new picture; a line once both are stored.
WRITER = """
import itertools, sys
from curate import store
from curate.catalog import images
from curate.review.deciding.decisions import Op, decide
from tests.conftest import tiny_picture
project_id, ids = int(sys.argv[1]), tuple(int(part) for part in sys.argv[2].split(","))
for n in itertools.count(1):
    decide(project_id, "Ada", [Op(n, ids, "keep" if n % 2 else "delete")], "writer")
    data = tiny_picture(1_000_000 + n)
    sha = store.add_blob(data)
    images.add_blobs([images.NewBlob(sha, len(data), 8, 8, "PNG", bytes.fromhex(sha))])
    images.add_images(project_id, [images.NewImage(sha, "cats", f"new{n}.png", "train")], "Ada", "One more", [])
    print(n, flush=True)
"""
_numbers = itertools.count()


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


def rows(query: str) -> list[Any]:
    with database.reading() as session:
        return list(session.execute(text(query)))


@pytest.fixture
def move_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Callable[..., None]]:
    """Makes an empty installation the present one: CURATE_HOME, and a database of that kind."""
    made: list[tuple[postgres.Server, str]] = []

    def move(kind: str) -> None:
        database.engine().dispose()
        monkeypatch.setenv("CURATE_HOME", str(tmp_path / f"home{next(_numbers)}"))
        monkeypatch.delenv("CURATE_DATABASE_URL", raising=False)
        if kind == "postgresql":
            server: postgres.Server = request.getfixturevalue("database_server")
            name = f"restored_{next(_numbers)}"
            server.create(name)
            made.append((server, name))
            monkeypatch.setenv("CURATE_DATABASE_URL", server.url(name))

    yield move
    if made:
        database.engine().dispose()
    for server, name in made:
        server.drop(name)


@pytest.mark.parametrize(
    ("either_database", "back"),
    [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite"), ("postgresql", "postgresql")],
    indirect=["either_database"],
)
@pytest.mark.usefixtures("either_database")
def test_a_backup_made_while_people_work_is_one_state(
    back: str, make_project: Callable[..., Any], tmp_path: Path, move_to: Callable[..., None]
) -> None:
    project = make_project([("cats", "train"), ("dogs", "valid")] * (N // 2))
    (store.run_folder(1) / "model.safetensors").write_bytes(b"weights" * 1000)
    command = [sys.executable, "-c", WRITER, str(project.id), ",".join(map(str, project.image_ids))]
    log = tmp_path / "stored.txt"
    with log.open("wb") as out:
        writer = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=out)
        try:
            while log.read_text().count("\n") < 10:
                assert writer.poll() is None
                time.sleep(0.05)
            before = log.read_text().count("\n")
            saved = saving.save(tmp_path / "backup", ignore)
            while log.read_text().count("\n") < before + 20:
                time.sleep(0.05)
            assert writer.poll() is None
            again = saving.save(tmp_path / "backup", ignore)
        finally:
            writer.kill()
            writer.wait()
    assert saved.missing == again.missing == []
    assert 0 < again.n_new < again.n_pictures - N  # the second copied what had come since, only
    move_to(back)
    first = restoring.restore(tmp_path / "backup", saved.name, ignore)
    steps = rows("SELECT count(*) FROM decision GROUP BY step_id")
    assert len(steps) >= before and {n for (n,) in steps} == {N}  # all that was stored before, and no half one
    last = max(len(steps), 1)
    stands = rows("SELECT DISTINCT decision FROM image WHERE file_name NOT LIKE 'new%'")
    assert stands == [("keep" if last % 2 else "delete",)]
    shas = [sha for (sha,) in rows("SELECT blob_sha FROM image")]
    assert len(shas) == first.n_pictures >= N + before - 1
    assert all(hashlib.sha256(store.blob_path(sha).read_bytes()).hexdigest() == sha for sha in shas)
    assert (store.run_folder(1) / "model.safetensors").read_bytes() == b"weights" * 1000
    with database.writing() as session:  # numbers go on
        session.execute(text("INSERT INTO project SELECT * FROM project WHERE 1 = 0"))
    assert not [path.name for path in settings.home().iterdir() if path.name.startswith(".restoring")]


@pytest.mark.usefixtures("small_project")
def test_nothing_is_written_over_and_a_restore_cut_short_goes_on(
    tmp_path: Path, move_to: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    backup, home = str(tmp_path / "backup"), settings.home()
    secret = settings.secret()
    assert main(["backup", backup]) == 0
    assert main(["restore-backup", backup]) == 1
    assert "is not empty" in capsys.readouterr().err
    for place in (home / "backup", home.parent):
        assert main(["backup", str(place)]) == 1
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("x")
    with pytest.raises(BadInput, match="holds something else"):
        saving.save(tmp_path / "other", ignore)

    def cut(_done: int, _total: int | None, message: str) -> None:
        if message == "Copying files":
            raise KeyboardInterrupt

    move_to("sqlite")
    with pytest.raises(KeyboardInterrupt):
        restoring.restore(tmp_path / "backup", None, cut)
    assert not (settings.home() / "catalog.db").exists()
    assert main(["restore-backup", backup]) == 0
    assert settings.secret() == secret
    assert (settings.home() / "secret").stat().st_mode & 0o777 == 0o600
    assert len(rows("SELECT id FROM image")) == 8


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("either_database", "small_project")
def test_a_database_with_projects_is_not_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saving.save(tmp_path / "backup", ignore)
    monkeypatch.setenv("CURATE_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(Conflict, match="holds 1 projects already"):
        restoring.restore(tmp_path / "backup", None, ignore)


@pytest.mark.usefixtures("small_project")
def test_damage_and_cut_snapshots_are_found(tmp_path: Path, move_to: Callable[..., None]) -> None:
    folder = tmp_path / "backup"
    name = saving.save(folder, ignore).name
    (folder / "snapshots" / "9999-cut-short").mkdir()
    assert layout.snapshots(folder) == [name]
    picture = next(path for path in (folder / "blobs").rglob("*") if path.is_file())
    right = picture.read_bytes()
    picture.write_bytes(right[:-1])
    move_to("sqlite")
    with pytest.raises(BadInput, match="1 pictures of the backup cannot be restored"):
        restoring.restore(folder, None, ignore)
    picture.write_bytes(right)
    catalog = folder / "snapshots" / name / "catalog.db"
    catalog.write_bytes(catalog.read_bytes()[:-1] + b"x")
    with pytest.raises(BadInput, match="is damaged"):
        restoring.restore(folder, None, ignore)


def test_linked_pictures_and_missing_ones(
    tmp_path: Path, make_project: Callable[..., Any], move_to: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    project = make_project([("cats", "train"), ("dogs", "valid"), ("dogs", "train")])
    linked, lost, _ = project.shas
    (tmp_path / "photo.png").write_bytes(store.blob_path(linked).read_bytes())
    store.blob_path(linked).unlink()
    store.link_blob(tmp_path / "photo.png", linked)
    store.blob_path(lost).unlink()
    assert main(["backup", str(tmp_path / "backup")]) == 1
    assert f"1 pictures are missing from the store itself, such as {lost[:12]}…" in capsys.readouterr().out
    move_to("sqlite")
    assert main(["restore-backup", str(tmp_path / "backup")]) == 0
    assert store.blob_path(linked).readlink() == tmp_path / "photo.png"
    assert not store.has_blob(lost)


@pytest.mark.usefixtures("small_project")
def test_jobs_that_wait_are_backed_up_too_and_pictures_go_into_a_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move_to: Callable[..., None]
) -> None:
    shas = [sha for (sha,) in rows("SELECT blob_sha FROM image")]
    job_id = jobs.add_job("quality", "Picture quality", 1, {}, "Ada")
    saving.save(tmp_path / "backup", ignore)
    server = s3.Server()
    try:
        move_to("sqlite")
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        restoring.restore(tmp_path / "backup", None, ignore)
        assert jobs.find_job(job_id).status == "queued"
        assert not (settings.home() / "blobs").exists()
        assert all(store.has_blob(sha) for sha in shas)
        assert saving.save(tmp_path / "second", ignore).n_new == len(shas)
    finally:
        server.kill()
