"""Pictures come in without labels: flat folders, unlabelled sub-folders, zips, loose files, gatherings."""

import zipfile
from pathlib import Path

import pytest

from curate import jobs
from curate.catalog import images, projects
from curate.catalog import jobs as job_rows
from curate.catalog.candidates import Found
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput
from curate.gather import gather_request
from curate.gather.folders.folder_labels import NO_LABELS
from curate.gather.folders.folder_plan import in_words, plan_folder
from curate.gather.folders.label_choices import LabelChoices
from curate.gather.importing import import_archive, import_files, import_folder
from curate.gather.limits import Limits
from curate.gather.search import url_list
from curate.jobs.runtime.job_process import run_job
from tests.gather.test_importing import ignore, rows
from tests.gather.web import Site, serving

BARE = LabelChoices(takes_unlabelled=True)


def write(folder: Path, *paths: str, picture) -> None:
    for seed, path in enumerate(paths):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(picture(seed))


def states(project: int) -> list[tuple[str, str, str]]:
    names = projects.label_names(project)
    return [(row.file_name, names.get(row.label_id, "-"), row.state) for row in rows(project)]


@pytest.mark.usefixtures("either_database")
def test_a_flat_folder_comes_in_without_labels_and_not_twice(project, folder, picture):
    write(folder, "a.png", "b.png", "notes.txt", picture=picture)
    plan = plan_folder(folder, [])
    assert (plan.n_pictures, plan.n_unlabelled, plan.layout) == (0, 2, "")
    with pytest.raises(BadInput) as refusal:
        plan.require_labels()
    assert "take the pictures without labels" in refusal.value.hint
    plan = plan_folder(folder, [], BARE).require_labels()
    assert in_words(plan) == "No folders of labels: 2 pictures without a label."
    result = import_folder(project, folder, "Ada", ignore, choices=BARE)
    assert (result.n_added, [path for path, _ in result.refused]) == (2, ["notes.txt"])
    assert states(project) == [("a.png", "-", "inbox"), ("b.png", "-", "inbox")]
    again = import_folder(project, folder, "Ada", ignore, choices=BARE)
    assert (again.n_added, again.n_known) == (0, 2)


def test_an_unlabelled_sub_folder_comes_in_beside_labelled_ones(project, folder, picture):
    labelled = [f"{side}/{label}/{n}.png" for side in ("train", "valid") for label in ("cat", "dog") for n in range(2)]
    write(folder, *labelled, "unlabelled/u1.png", "unlabelled/u2.png", picture=picture)
    plan = plan_folder(folder, [], BARE)
    assert (plan.n_labelled, plan.n_unlabelled, plan.outside) == (8, 2, [])
    assert in_words(plan).endswith("8 pictures in 2 labels, 4 held out, 2 more without a label.")
    import_folder(project, folder, "Ada", ignore, choices=BARE)
    summary = projects.find_project(project)
    assert (summary.n_images, summary.n_unlabelled, summary.n_labels) == (8, 2, 2)
    assert [row.split for row in rows(project) if row.state == "inbox"] == ["", ""]


def test_with_the_layout_none_no_folder_is_a_label(project, folder, picture):
    write(folder, "2023/may/a.png", "2024/b.png", picture=picture)
    import_folder(project, folder, "Ada", ignore, choices=LabelChoices(NO_LABELS, takes_unlabelled=True).checked())
    assert [state for _, _, state in states(project)] == ["inbox", "inbox"] and projects.labels(project) == []


def test_a_zip_and_loose_files_come_in_without_labels(project, tmp_path, picture):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", picture(1))
    assert import_archive(project, path, "Ada", ignore, choices=BARE).n_added == 1
    (tmp_path / "b.png").write_bytes(picture(2))
    assert import_files(project, UNLABELLED, [("b.png", tmp_path / "b.png")], "Ada", ignore).n_added == 1
    assert [state for _, _, state in states(project)] == ["inbox", "inbox"]


def test_a_picture_that_has_a_label_does_not_come_in_again_without_one(project, tmp_path, picture):
    (tmp_path / "a.png").write_bytes(picture(1))
    import_files(project, "cat", [("a.png", tmp_path / "a.png")], "Ada", ignore)
    again = import_files(project, UNLABELLED, [("a.png", tmp_path / "a.png")], "Ada", ignore)
    assert (again.n_added, again.n_known) == (0, 1)
    both = tmp_path / "both"
    write(both, "cat/b.png", picture=lambda seed: picture(2))
    write(both, "b.png", picture=lambda seed: picture(2))
    result = import_folder(project, both, "Ada", ignore, choices=BARE)
    assert (result.n_added, result.n_duplicates) == (1, 1)
    assert projects.find_project(project).n_unlabelled == 0


def test_addresses_are_gathered_without_a_label(project, picture, monkeypatch):
    monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
    with serving(Site()) as site:
        address = site.add("/1.png", picture(1, side=64))
        searches = url_list.lay_down(iter([(None, Found(address))]), UNLABELLED, "a list")
        gathering_id = gather_request.ask(project, searches, Limits(), "Ada")
        job_id = jobs.enqueue("gather", project, {"gathering": gathering_id}, "Gather", "Ada")
        run_job(job_id)
        assert job_rows.find_job(job_id).status == "done", job_rows.find_job(job_id).message
    assert [state for _, _, state in states(project)] == ["inbox"]
    assert images.labels_showing(project, [rows(project)[0].sha]) == {rows(project)[0].sha: [UNLABELLED]}
