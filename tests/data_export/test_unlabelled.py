"""Pictures without a label go along in a folder of their own when that is wished, and are counted when not."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate.catalog import jobs as rows
from curate.catalog import projects
from curate.catalog.tables.core import UNLABELLED
from curate.cli import main
from curate.errors import BadInput
from curate.jobs import outcomes
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import export as submit
from curate.jobs.submit.export import Extras
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from tests.factories import export

ENTRIES = [("cats", "train"), ("dogs", "valid"), (UNLABELLED, ""), (UNLABELLED, "")]


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.png"))


def test_they_go_along_to_a_folder_of_their_own_and_leave_it_when_they_get_a_label(
    make_project: Callable[..., Any], tmp_path: Path
) -> None:
    project, to = make_project(ENTRIES), tmp_path / "out"
    written = export(project.id, "folders", to, with_unlabelled=True)
    assert files_of(to) == ["train/cats/0.png", "unlabelled/2.png", "unlabelled/3.png", "valid/dogs/1.png"]
    assert written.n_images == 4 and len((to / "labels.csv").read_text().splitlines()) == 3
    assert "2 pictures without a label lie in `unlabelled/`." in (to / "README.md").read_text()
    op = Op(1, (project.image_ids[2],), "relabel", project.label_ids["cats"])
    off = Op(2, (project.image_ids[0],), "relabel", projects.ensure_unlabelled_id(project.id))
    decide(project.id, "Ada", [op, off], "client-1")
    apply.apply(project.id, "Ada")
    written = export(project.id, "folders", to, with_unlabelled=True)
    assert (written.n_moved, written.n_kept) == (2, 2)
    assert {"unlabelled/0.png", "unlabelled/3.png"} < set(files_of(to))
    export(project.id, "folders", to)
    assert not (to / "unlabelled").exists() and len(files_of(to)) == 2


def test_a_zip_takes_them_along(make_project: Callable[..., Any], tmp_path: Path) -> None:
    export(make_project(ENTRIES).id, "zip", tmp_path / "out.zip", with_unlabelled=True)
    names = [name for name in zipfile.ZipFile(tmp_path / "out.zip").namelist() if name.endswith(".png")]
    assert sorted(names) == ["train/cats/0.png", "unlabelled/2.png", "unlabelled/3.png", "valid/dogs/1.png"]


def test_it_is_said_how_many_are_left_out(
    make_project: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = make_project(ENTRIES)
    assert main(["export", "pets", str(tmp_path / "out")]) == 0
    assert "2 images without a label left out." in capsys.readouterr().out
    assert main(["export", "pets", str(tmp_path / "all"), "--unlabelled"]) == 0
    assert "left out" not in capsys.readouterr().out and (tmp_path / "all" / "unlabelled").is_dir()
    _, job_id = submit.start(project.id, "parquet", None, tmp_path / "parquet", Extras(), "Ada")
    run_job(job_id)
    assert outcomes.exported(rows.find_job(job_id)) == "2 pictures exported, 2 without a label left out."
    with pytest.raises(BadInput, match="no place for pictures without a label"):
        submit.start(project.id, "parquet", None, tmp_path / "no", Extras(unlabelled=True), "Ada")
