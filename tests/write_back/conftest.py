"""Folders that were imported, decided on and applied, on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.catalog import images, projects, write_backs
from curate.gather.importing import import_folder
from curate.review.deciding import apply, decisions
from curate.write_back import folder as folders
from curate.write_back import planning

Tree = dict[str, bytes]
_clients = itertools.count()


@pytest.fixture(autouse=True)
def catalog_database(either_database: None) -> None:
    """Both, one after the other."""


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


def tree(folder: Path) -> Tree:
    """{path: bytes} of every file below, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def decide(project_id: int, names: str | list[str], action: str, label: str | None = None) -> None:
    """Decide on the images of these names (or numbers) and apply it."""
    label_id = projects.add_label(project_id, label) if label else None
    named = [names] if isinstance(names, str) else names
    image_ids = tuple(_image(project_id, name) for name in named)
    op = decisions.Op(1, image_ids, action, label_id)
    decisions.decide(project_id, "Ada", [op], f"test-{next(_clients):08}")
    apply.apply(project_id, "Ada", "")


def _image(project_id: int, name: str) -> int:
    """Of a file name, or of a path where names repeat."""
    if "/" not in name:
        return images.find_image(project_id, name).id
    rows = images.image_rows(images.hashes(project_id).image_ids.tolist())
    return next(row.id for row in rows if row.provenance["path"] == name)


def plan(project_id: int, folder: Path | None = None) -> write_backs.WriteBackRow:
    """A write-back of the project as it stands, planned."""
    root = folders.choose(project_id, str(folder) if folder else None)
    number = write_backs.begin(project_id, str(root), "Ada")
    planning.plan(number, ignore)
    return write_backs.find(number)


@pytest.fixture
def take_in(tmp_path: Path, picture: Callable[..., bytes]) -> Callable[..., tuple[int, Path]]:
    """`take_in("cats/a.png", …)`: (project, folder) of a folder with these pictures, all different, imported."""

    def make(*paths: str) -> tuple[int, Path]:
        folder = tmp_path / "pets"
        for seed, path in enumerate(paths):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(picture(seed))
        project_id = projects.create_project("pets")
        import_folder(project_id, folder, "Ada", ignore)
        return project_id, folder

    return make
