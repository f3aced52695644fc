"""The store: blobs that never change, thumbnails made once, files that appear whole or not at all."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate import store
from curate.errors import NotFound
from curate.pictures import open_picture


def test_a_blob_is_found_under_the_sha_of_its_bytes(picture):
    data = picture(1)
    sha = store.add_blob(data)
    assert sha == hashlib.sha256(data).hexdigest()
    assert store.blob_path(sha).read_bytes() == data
    assert store.has_blob(sha)


def test_adding_the_same_bytes_again_changes_nothing(picture):
    path = store.blob_path(store.add_blob(picture(1)))
    before = path.stat()
    store.add_blob(picture(1))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_no_sha_never_becomes_a_path():
    for name in ("", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "é" * 64):
        with pytest.raises(NotFound, match="64 hexadecimal digits"):
            store.blob_path(name)
    with pytest.raises(NotFound, match="No stored picture is named aaaaaaaaaaaa…."):
        store.blob_path("a" * 64)


def test_a_thumbnail_is_a_webp_of_at_most_320_px_made_once(tmp_path):
    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (800, 400), (200, 10, 10)).save(photo, quality=95)
    sha = store.add_blob(photo.read_bytes())
    path = store.thumbnail_path(sha)
    with Image.open(path) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (320, 160))
    before = path.stat().st_mtime_ns
    assert store.thumbnail_path(sha).stat().st_mtime_ns == before
    with Image.open(store.view_path(sha)) as view:
        assert (view.format, view.size) == ("WEBP", (800, 400))


def test_small_pictures_keep_every_pixel_in_their_thumbnail(picture):
    sha = store.add_blob(picture(1))
    with Image.open(store.thumbnail_path(sha)) as thumbnail:
        assert (np.asarray(thumbnail.convert("RGB")) == np.asarray(open_picture(picture(1)))).all()


def test_an_empty_thumbnail_left_by_a_power_cut_is_made_again(picture):
    sha = store.add_blob(picture(1))
    path = store.thumbnail_path(sha)
    path.write_bytes(b"")
    store.thumbnail_path(sha)
    assert path.stat().st_size > 0
    path.write_bytes(b"")
    store.add_thumbnail(sha, open_picture(picture(1)))
    assert path.stat().st_size > 0


def test_removing_a_blob_takes_what_was_made_from_it_and_says_how_much_that_freed(picture):
    sha = store.add_blob(picture(1))
    made = [store.blob_path(sha), store.thumbnail_path(sha), store.view_path(sha)]
    size = sum(path.stat().st_size for path in made)
    assert store.remove_blob(sha) == size
    assert not any(path.exists() for path in made)
    assert store.remove_blob(sha) == 0


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a" / "file"
    store.write_atomic(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_readers_see_whole_files_only_while_several_write(tmp_path):
    path = tmp_path / "file"
    versions = [bytes([n]) * 200_000 for n in range(4)]
    store.write_atomic(path, versions[0])
    done = threading.Event()
    torn: list[int] = []

    def read() -> None:
        while not done.is_set():
            data = path.read_bytes()
            if data not in versions:
                torn.append(len(data))

    def write(data: bytes) -> None:
        for _ in range(10):
            store.write_atomic(path, data)

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(data,)) for data in versions]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert torn == []


KILLED = """
import os, signal, sys
from pathlib import Path
from curate import store
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
store.write_atomic(Path(sys.argv[1]), b"new" * 100_000)
"""


def test_a_process_killed_while_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    store.write_atomic(path, b"old")
    process = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=Path(__file__).parents[2], timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_folders_are_made_on_asking_and_only_incoming_ones_are_removed(home, tmp_path):
    assert store.run_folder(3) == home / "runs" / "3"
    assert store.job_folder(4).is_dir()
    assert store.cache_folder("embeddings").is_dir()
    incoming, other = store.incoming_folder(), store.incoming_folder()
    assert incoming != other
    (incoming / "upload.zip").write_bytes(b"x")
    store.remove_incoming(incoming)
    assert not incoming.exists()
    for folder in (home, home / "runs", other / "..", tmp_path):
        store.remove_incoming(folder)
    assert other.is_dir()
    assert (home / "runs" / "3").is_dir()
