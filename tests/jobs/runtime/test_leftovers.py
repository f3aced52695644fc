"""Files of killed processes: what the start of a server removes, and what it must leave alone."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curate import jobs, settings, store
from curate.catalog import jobs as rows
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor
from curate.jobs.runtime.leftovers import remove_leftovers

HOUR_S = 3_600
Upload = Callable[..., Path]


def make_old(path: Path, hours: float = 2) -> Path:
    """The same path, last changed so long ago."""
    then = time.time() - hours * HOUR_S
    os.utime(path, (then, then), follow_symlinks=False)
    return path


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half of it")
    return path


@pytest.fixture
def upload() -> Upload:
    """`upload(hours=2)`: a folder with one uploaded file, both that old."""

    def make(hours: float = 2) -> Path:
        folder = store.incoming_folder()
        make_old(write(folder / "0"), hours)
        return make_old(folder, hours)

    return make


def test_files_that_were_never_finished_are_removed_and_whole_or_fresh_ones_stay(picture: Callable[..., bytes]) -> None:
    home = settings.home()
    sha = store.add_blob(picture(1))
    blob = make_old(store.blob_path(sha))
    dead = [
        make_old(write(home / "blobs" / "ab" / f".{'c' * 62}.0123abcd")),
        make_old(write(home / "thumbnails" / "ab" / ".x.webp.0123abcd")),
        make_old(write(home / "secret.4711")),
    ]
    link = home / "blobs" / "ab" / f".{'d' * 62}.0123abcd"
    link.symlink_to("/nowhere")
    make_old(link)
    alive = [write(home / "blobs" / "ab" / f".{'e' * 62}.0123abcd"), make_old(write(home / ".keep")), blob]
    secret = make_old(write(home / "secret"))
    assert remove_leftovers() == 4
    assert not any(path.exists() or path.is_symlink() for path in (*dead, link))
    assert all(path.exists() for path in (*alive, secret))


def test_uploads_stay_while_a_job_may_take_them_and_no_longer(upload: Upload) -> None:
    waiting, failed, long_failed = upload(), upload(), upload(hours=24 * 8)
    orphan, fresh = upload(), upload(hours=0.5)
    for folder in (waiting, failed, long_failed):
        job_id = jobs.enqueue("import", None, {"incoming": folder.name, "names": ["a.zip"]})
        if folder is not waiting:
            rows.fail(job_id, "It broke.")
    assert remove_leftovers() == 2
    assert [folder.exists() for folder in (waiting, failed, fresh)] == [True] * 3
    assert not orphan.exists() and not long_failed.exists()


def test_a_folder_that_a_running_job_may_be_downloading_to_is_left_alone(upload: Upload) -> None:
    folder = upload()
    rows.start(jobs.enqueue("rehearsal", None, {}))
    assert remove_leftovers() == 0
    assert folder.exists()


def test_the_start_of_a_server_sweeps_up(
    new_dispatcher: Callable[[], DispatcherSupervisor], upload: Upload, wait_until: Callable[..., None]
) -> None:
    orphan = upload()
    new_dispatcher()
    wait_until(lambda: not orphan.exists())
