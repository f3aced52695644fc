"""Imports as jobs: from a folder, an uploaded zip, loose uploads; and what becomes of what was uploaded."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from curate import jobs, settings, store
from curate.catalog import projects
from curate.catalog.gatherings import NewSearch
from curate.gather import gather_request
from curate.gather.limits import Limits
from curate.gather.search import url_list
from curate.jobs.runtime.job_process import run_job
from tests.gather.web import Site, serving


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


def gathered(kind: str, project_id: int, searches: list[NewSearch]) -> jobs.JobRow:
    gathering_id = gather_request.ask(project_id, searches, Limits(), "Ada")
    job_id = jobs.enqueue(kind, project_id, {"gathering": gathering_id}, submitted_by="Ada")
    run_job(job_id)
    return jobs.find_job(job_id)


@pytest.mark.parametrize(("kind", "begin"), [("preview", "Nothing was found. "), ("gather", "No picture was kept. ")])
def test_a_search_that_brings_nothing_has_failed_and_the_reason_is_its_message(
    monkeypatch: pytest.MonkeyPatch, kind: str, begin: str
) -> None:
    monkeypatch.setenv("CURATE_OPENVERSE_URL", "http://127.0.0.1:9")
    row = gathered(kind, projects.create_project("pets"), [NewSearch("cats", "cat", 5, "openverse")])
    assert (row.status, row.message) == (
        "failed",
        f"{begin}Openverse cannot be reached: 127.0.0.1 refuses the connection. "
        "Check the server's connection to the internet, then resume.",
    )


def test_addresses_on_this_machine_name_the_setting_that_allows_them_and_come_in_when_it_does(
    monkeypatch: pytest.MonkeyPatch, picture: Callable[..., bytes]
) -> None:
    with serving(Site()) as site:
        addresses = [site.add(f"/{number}.png", picture(number, side=64)) for number in range(3)]
        searches = url_list.lay_down(url_list.read_text("\n".join(addresses)), "cats", "list.txt")
        project_id = projects.create_project("pets")
        row = gathered("gather", project_id, searches)
        assert (row.status, row.message) == (
            "failed",
            "No picture was kept; 3 addresses refused. "
            "The address is not public: 127.0.0.1; name it in CURATE_ALLOW_HOSTS to allow it.",
        )
        assert row.result is not None and row.result["n_refused"] == 3
        monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
        again = jobs.retry(row.id)
        run_job(again)
        result = jobs.find_job(again).result
        assert result is not None and result["n_kept"] == 3


def test_an_import_of_which_every_file_is_refused_has_failed_and_lists_them(tmp_path: Path) -> None:
    (tmp_path / "in" / "cats").mkdir(parents=True)
    (tmp_path / "in" / "cats" / "a.png").write_bytes(b"no picture")
    row = imported(projects.create_project("pets"), {"folder": str(tmp_path / "in")})
    assert row.status == "failed"
    assert row.message.startswith("No picture came in; 1 file refused. The first, cats/a.png: ")
    assert row.result["refused"][0][0] == "cats/a.png"
