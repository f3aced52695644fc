"""The guide's second walk, begun in a real browser: a folder of pictures is looked at, its labels changed, imported.

Its pictures in docs/guide.md are this test's (`make screenshots`).
"""

from pathlib import Path

import pytest

from curate.catalog import projects
from tests.browser.conftest import draw
from tests.browser.test_loop import Visitor, visitor  # noqa: F401

FILES = {"train/posters": 9, "train/covers": 7, "valid/posters": 3, "valid/covers": 2, "test1": 4}


def lay_out(folder: Path) -> None:
    """A data set as people leave it: a split, unlabelled pictures, and one loose picture."""
    for seed, (name, n) in enumerate(FILES.items(), start=40):
        (folder / name).mkdir(parents=True)
        for number in range(n):
            (folder / name / f"{number}.png").write_bytes(draw(number, seed))
    (folder / "overview.png").write_bytes(draw(0, 39))


@pytest.fixture
def users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the server's user, so that no picture of the guide shows a path of this machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_a_folder_is_understood_shown_and_imported(users_home: Path, visitor: Visitor) -> None:  # noqa: F811
    lay_out(users_home / "prints")
    visitor.open("")
    visitor.click("Import a folder")
    visitor.page.get_by_text("Folder on the server").first.click()
    visitor.page.get_by_role("textbox", name="Folder, or zip file").fill("~/prints")
    visitor.click("Look")
    visitor.see("21 pictures in 2 labels, 5 held out")
    visitor.see("5 files stay outside")
    visitor.shoot("folder_plan")
    visitor.click("Import 21 pictures")
    visitor.see("21 pictures added, 5 refused.")
    visitor.see("Train a first model")
    visitor.page.get_by_test_id("stDataFrame").first.hover()  # its toolbar saves no CSV: formulas would run
    visitor.page.get_by_role("button", name="Search: Files that were refused").wait_for()
    assert not visitor.page.get_by_role("button", name="Download as CSV").filter(visible=True).count()
    visitor.page.mouse.move(2, 2)
    visitor.shoot("folder_came_in")
    [project] = projects.list_projects()
    counts = {label.name: (label.n_train, label.n_valid) for label in projects.labels(project.id)}
    assert (project.name, counts) == ("prints", {"covers": (7, 2), "posters": (9, 3)})
