"""Exports as downloads: a file as it is, a folder as a zip that is made while it is sent."""

import io
import tracemalloc
import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.catalog import exports
from curate.data_export import zip_stream
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import export
from curate.jobs.submit.export import Extras
from curate.server import exports as routes


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes.routes()))


def made(project: Any, format: str, to: Path | None = None) -> int:
    export_id, job_id = export.start(project.id, format, None, to, Extras(), "Ada")
    run_job(job_id)
    return export_id


def test_a_folder_comes_as_a_zip_without_its_manifest(make_project: Any, client: TestClient) -> None:
    project = make_project([("9:16", "train"), ("dogs", "valid")], name="Hunde & “Katzen”")
    export_id = made(project, "folders")
    answer = client.get(f"/api/exports/{export_id}/download")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="Hunde _ _Katzen_-v1.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = {name.partition("/")[2] for name in archive.namelist()}
    lists = {"README.md", "ATTRIBUTION.md", "classes.txt", "labels.csv"}
    assert names == {"train/9_16/0.png", "valid/dogs/1.png", *lists}


def test_a_file_comes_as_it_is_also_a_part_of_it(small_project: Any, client: TestClient) -> None:
    export_id = made(small_project, "csv")
    path = export.path_of(exports.find(export_id))
    assert client.get(f"/api/exports/{export_id}/download").content == path.read_bytes()
    part = client.get(f"/api/exports/{export_id}/download", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, path.read_bytes()[5:10])


def test_what_is_not_there_or_not_ours_is_not_sent(small_project: Any, client: TestClient, tmp_path: Path) -> None:
    assert client.get("/api/exports/77/download").status_code == 404
    assert client.get("/api/exports/9999999999999999999999/download").status_code == 404
    elsewhere = made(small_project, "csv", tmp_path / "pets.csv")
    assert client.get(f"/api/exports/{elsewhere}/download").status_code == 404
    waiting, _ = export.start(small_project.id, "zip", None, None, Extras(), "Ada")
    assert client.get(f"/api/exports/{waiting}/download").status_code == 404


class _Counted:
    """Throws away what is written."""

    def write(self, data: bytes, /) -> None:
        pass


def test_a_zip_of_very_many_entries_is_written_in_little_memory_and_opened(tmp_path: Path) -> None:
    when = datetime(2026, 11, 30, 12, 30, 4)
    with TemporaryFile() as directory:
        tracemalloc.start()
        archive = zip_stream.ZipStream(_Counted(), directory)
        for number in range(10_000):
            archive.add(f"train/cats/{number}.png", b"x", when)
        archive.finish()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000
    path = tmp_path / "many.zip"
    with path.open("wb") as out, TemporaryFile() as directory:
        archive = zip_stream.ZipStream(out, directory)
        for number in range(70_000):  # over 65,535 the count needs ZIP64
            archive.add(f"ü/{number}.png", str(number).encode(), when)
        archive.finish()
    with zipfile.ZipFile(path) as opened:
        assert len(opened.namelist()) == 70_000
        assert opened.read("ü/69999.png") == b"69999"
        assert opened.getinfo("ü/7.png").date_time == (2026, 11, 30, 12, 30, 4)


def test_entries_beyond_four_gigabytes_are_opened(tmp_path: Path) -> None:
    """What was written before is a hole of five gigabytes."""
    path, before = tmp_path / "far.zip", 5 << 30
    with path.open("wb") as out, TemporaryFile() as directory:
        out.seek(before)
        archive = zip_stream.ZipStream(out, directory, before)
        archive.add("far.txt", b"far away", datetime(2026, 11, 30))
        archive.finish()
    with zipfile.ZipFile(path) as opened:
        assert opened.getinfo("far.txt").header_offset == before
        assert opened.read("far.txt") == b"far away"
