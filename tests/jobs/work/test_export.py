"""The job of an export: progress, a cancellation, a kill in the middle, and what is refused before it is queued."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate import jobs, settings, store
from curate.catalog import exports, projects
from curate.catalog import jobs as rows
from curate.data_export import tree, version_images
from curate.data_export.manifest import FILE
from curate.errors import BadInput, Conflict, NotFound
from curate.jobs.context import JobContext
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import export
from curate.jobs.submit.export import Extras
from tests.factories import export as export_here

EXTRAS = Extras()


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.png")}


def test_an_export_for_download_is_listed_with_its_size_and_can_be_deleted(small_project: Any) -> None:
    export_id, job_id = export.start(small_project.id, "folders", None, None, EXTRAS, "Ada")
    assert exports.find(export_id).status == "queued"
    run_job(job_id)
    job, row = rows.find_job(job_id), exports.find(export_id)
    assert (job.status, job.message) == ("done", None)
    assert (row.status, row.author, row.version_number, row.n_images) == ("done", "Ada", 1, 8)
    assert row.n_bytes > sum(store.blob_path(sha).stat().st_size for sha in small_project.shas)
    folder = settings.home() / "exports" / str(export_id) / "pets-v1"
    assert export.path_of(row) == folder and len(files(folder)) == 8
    assert exports.list_exports(small_project.id) == [row]
    export.remove(row)
    assert not folder.exists() and exports.list_exports(small_project.id) == []
    with pytest.raises(NotFound):
        exports.find(export_id)


def test_an_export_into_a_folder_stays_when_it_is_taken_off_the_list(small_project: Any, tmp_path: Path) -> None:
    export_id, job_id = export.start(small_project.id, "zip", 1, tmp_path / "out", EXTRAS, "Ada")
    run_job(job_id)
    row = exports.find(export_id)
    assert row.path == str(tmp_path / "out" / "pets-v1.zip") and Path(row.path).exists()
    export.remove(row)
    assert Path(row.path).exists()


@pytest.mark.parametrize("format", ["folders", "zip", "parquet"])
@pytest.mark.parametrize("is_own", [True, False])
def test_of_a_cancelled_export_nothing_is_left(
    small_project: Any, tmp_path: Path, format: str, is_own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_images, "PAGE", 2)
    to = None if is_own else tmp_path / "out"
    if to and format == "zip":
        to = tmp_path / "out" / "pets.zip"
    export_id, job_id = export.start(small_project.id, format, None, to, EXTRAS, "Ada")
    step = JobContext.step

    def cancel_soon(self: JobContext, done: int, total: int | None, message: str) -> None:
        if done == 3:
            self.cancel = "discard"
        step(self, done, total, message)

    monkeypatch.setattr(JobContext, "step", cancel_soon)
    run_job(job_id)
    assert rows.find_job(job_id).status == "cancelled"
    assert exports.list_exports(small_project.id) == []
    assert not (settings.home() / "exports" / str(export_id)).exists()
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_a_killed_export_is_started_again_and_goes_on(
    small_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends in the middle without a word, as by SIGKILL; the next one does the rest only."""
    monkeypatch.setattr(version_images, "PAGE", 2)
    out = tmp_path / "out"
    export_id, job_id = export.start(small_project.id, "folders", None, out, EXTRAS, "Ada")

    class Killed(BaseException):
        pass

    write = tree._write
    names: list[str] = []

    def write_or_die(*args: Any) -> None:
        if len(names) == 5:
            raise Killed
        names.append(args[2].path)
        write(*args)

    monkeypatch.setattr(tree, "_write", write_or_die)
    with pytest.raises(Killed):
        run_job(job_id)
    assert len(files(out)) == 5
    assert rows.restart_if_silent(job_id, -60, "It ended without a word.")

    def write_and_note(*args: Any) -> None:
        names.append(args[2].path)
        write(*args)

    monkeypatch.setattr(tree, "_write", write_and_note)
    run_job(job_id)
    assert len(names) <= 8 + 2  # at most one page is written twice
    assert rows.find_job(job_id).status == "done" and exports.find(export_id).n_images == 8
    export_here(small_project.id, "folders", tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")


def test_a_failed_export_goes_on_by_another_try(small_project: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_id, job_id = export.start(small_project.id, "folders", None, out, EXTRAS, "Ada")
    out.write_text("in the way")
    run_job(job_id)
    assert rows.find_job(job_id).status == "failed" and exports.find(export_id).status == "failed"
    assert "is not an empty folder" in (rows.find_job(job_id).message or "")
    out.unlink()
    run_job(jobs.retry(job_id))
    assert exports.find(export_id).status == "done" and len(files(out)) == 8


def test_what_cannot_work_is_refused_before_a_job_is_queued(small_project: Any, tmp_path: Path) -> None:
    def start(to: Path, format: str = "folders") -> None:
        export.start(small_project.id, format, None, to, EXTRAS, "Ada")

    with pytest.raises(BadInput, match="not a full path"):
        start(Path("out"))
    with pytest.raises(BadInput, match="Curate's own data folder"):
        start(settings.home() / "blobs")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="not an empty folder"):
        start(tmp_path / "full")
    with pytest.raises(BadInput, match="no format"):
        start(tmp_path / "out", "docx")
    with pytest.raises(BadInput, match="no images to export"):
        export.start(projects.create_project("empty"), "folders", None, None, EXTRAS, "Ada")
    assert rows.list_jobs() == []
    start(tmp_path / "out")
    with pytest.raises(Conflict, match="being written to"):
        start(tmp_path / "out")


def test_the_manifest_is_kept_only_where_an_export_can_follow(small_project: Any, tmp_path: Path) -> None:
    for format, is_kept in (("folders", True), ("fiftyone", True), ("parquet", False), ("webdataset", False)):
        export_here(small_project.id, format, tmp_path / format)
        assert (tmp_path / format / FILE).exists() == is_kept


def test_a_server_runs_it_and_says_how_far_it_is(
    small_project: Any, new_dispatcher: Callable[[], Any], ended: Callable[[int], jobs.JobRow]
) -> None:
    new_dispatcher()
    export_id, job_id = export.start(small_project.id, "zip", None, None, EXTRAS, "Ada")
    began = time.monotonic()
    row = ended(job_id)
    assert row.status == "done", row.message
    assert (row.progress["done"], row.progress["total"]) == (8, 8)
    assert time.monotonic() - began < 60
    assert export.path_of(exports.find(export_id)).stat().st_size == exports.find(export_id).n_bytes
