"""An import whose process is killed: nothing half-done shows, and the next import finishes it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from curate import store
from curate.catalog import database, images, projects, versions
from curate.gather.importing import import_folder

IMPORT = """
import os, signal, sys
from pathlib import Path
from curate.gather.importing import import_folder

def report(done, total, message):
    if message.startswith(sys.argv[3]) and done >= int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

import_folder(int(sys.argv[1]), Path(sys.argv[2]), "Ada", report)
"""


def killed_import(project_id: int, folder: Path, message: str, done: int) -> None:
    arguments = [sys.executable, "-c", IMPORT, str(project_id), str(folder), message, str(done)]
    process = subprocess.run(arguments, cwd=Path(__file__).parents[2], env=os.environ, timeout=60)
    assert process.returncode == -signal.SIGKILL


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


def entries(project_id: int) -> list[tuple[str, str, str]]:
    rows = images.image_rows(images.hashes(project_id).image_ids.tolist())
    return [(row.sha, row.split, row.provenance["path"]) for row in rows]


@pytest.mark.parametrize(
    ("message", "done"), [("Reading", 75), ("Looking for near", 0)], ids=["half-way", "at the end"]
)
def test_a_killed_import_leaves_no_image_and_the_next_one_gives_the_same_set(pictures, tmp_path, message, done):
    pictures(tmp_path / "pets", {"cats": 60, "dogs": 40})
    whole, killed = projects.create_project("whole"), projects.create_project("killed")
    killed_import(killed, tmp_path / "pets", message, done)
    assert entries(killed) == []
    assert versions.list_versions(killed) == []
    decoded = []
    add_thumbnail = store.add_thumbnail

    def count(sha, picture):
        decoded.append(sha)
        add_thumbnail(sha, picture)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "add_thumbnail", count)
        assert import_folder(killed, tmp_path / "pets", "Ada", ignore).n_added == 100
    assert len(decoded) == (36 if done else 0)  # 64 were in the catalog; what is there is not decoded again
    import_folder(whole, tmp_path / "pets", "Ada", ignore)
    assert entries(killed) == entries(whole)
    assert not list(store.settings.home().glob("incoming/*"))
    for sha, _, _ in entries(killed):
        assert store.blob_path(sha).stat().st_size > 0
    database.engine().dispose()
