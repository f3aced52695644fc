"""Imports as jobs: from a folder, an uploaded zip, loose uploads; and what becomes of what was uploaded."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from curate import jobs, settings, store
from curate.catalog import projects
from curate.jobs.runtime.job_process import run_job


def imported(project_id: int, args: dict[str, object]) -> jobs.JobRow:
    job_id = jobs.enqueue("import", project_id, args, submitted_by="Ada")
    run_job(job_id)
    return jobs.find_job(job_id)


def test_a_folder_is_imported(pictures: Callable[..., list[Path]], tmp_path: Path) -> None:
    pictures(tmp_path / "in", {"cats": 3, "dogs": 2})
    project_id = projects.create_project("pets")
    row = imported(project_id, {"folder": str(tmp_path / "in")})
    assert (row.status, row.result["n_added"], row.result["refused"]) == ("done", 5, [])
    assert row.progress["message"]


def test_an_uploaded_zip_is_imported_and_then_removed(pictures: Callable[..., list[Path]], tmp_path: Path) -> None:
    incoming = store.incoming_folder()
    with zipfile.ZipFile(incoming / "0", "w") as archive:
        for path in pictures(tmp_path / "in", {"cats": 2, "dogs": 2}):
            archive.write(path, path.relative_to(tmp_path / "in"))
    row = imported(projects.create_project("pets"), {"incoming": incoming.name, "names": ["my pets.zip"]})
    assert (row.status, row.result["n_added"]) == ("done", 4)
    assert not incoming.exists()


def test_loose_uploads_are_filed_under_their_label_with_their_own_names(picture: Callable[..., bytes]) -> None:
    incoming = store.incoming_folder()
    names = ["../../a.png", "<b>.png"]
    for number in range(2):
        (incoming / str(number)).write_bytes(picture(number))
    project_id = projects.create_project("pets")
    row = imported(project_id, {"incoming": incoming.name, "names": names, "label": "cats"})
    assert (row.status, row.result["n_added"]) == ("done", 2)
    assert [label.name for label in projects.labels(project_id)] == ["cats"]


def test_an_upload_that_could_not_be_imported_is_kept_so_that_it_can_be_tried_again() -> None:
    incoming = store.incoming_folder()
    (incoming / "0").write_bytes(b"no zip at all")
    row = imported(projects.create_project("pets"), {"incoming": incoming.name, "names": ["pets.zip"]})
    assert row.status == "failed" and "pets.zip" in row.message
    assert (incoming / "0").exists()


def test_an_upload_that_is_gone_and_a_forged_name_are_refused_in_plain_words() -> None:
    project_id = projects.create_project("pets")
    for name in ("0" * 16, "../blobs", str(settings.home())):
        row = imported(project_id, {"incoming": name, "names": ["pets.zip"]})
        assert row.message == "The uploaded files are no longer there. Upload them again."
