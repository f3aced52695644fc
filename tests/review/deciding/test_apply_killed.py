"""A server that is killed while ten thousand decisions are applied leaves the old version or the new one, whole."""

import hashlib
import os
import signal
import subprocess
import sys
import time

import pytest

from curate.catalog import images, projects, versions
from curate.catalog.database import reading
from curate.catalog.tables.core import Image, VersionChange
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op, decide

N = 10_000
APPLY = """
import sys
from curate.catalog import versions
from curate.review.deciding import apply
versions.list_versions(int(sys.argv[1]))
print("ready", flush=True)
apply.apply(int(sys.argv[1]), "ann")
print("done", flush=True)
"""


@pytest.fixture
def decided(home) -> int:
    """A project of 10,000 images, every one of them decided on: moved to the other label or deleted."""
    project_id = projects.create_project("many")
    shas = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(N)]
    images.add_blobs([images.NewBlob(sha, 10, 8, 8, "PNG", bytes(32)) for sha in shas])
    images.add_images(
        project_id, [images.NewImage(sha, "cat", f"{sha[:6]}.png", "train") for sha in shas], "ann", "", ["cat", "dog"]
    )
    ids = tuple(images.hashes(project_id).image_ids.tolist())
    dog = projects.labels(project_id)[1].id
    decide(project_id, "ann", [Op(1, ids[:8_000], "relabel", dog), Op(2, ids[8_000:], "delete")], "client-1")
    return project_id


def state(project_id: int) -> tuple[int, int, int, int, int]:
    """(versions, decisions waiting, images under dog, in the bin, changes on record)"""
    dog = projects.labels(project_id)[1].id
    with reading() as session:
        n_dogs = session.query(Image).filter_by(label_id=dog).count()
        n_binned = session.query(Image).filter_by(state="binned").count()
        n_changes = session.query(VersionChange).count()
    return len(versions.list_versions(project_id)), decisions.waiting(project_id).total, n_dogs, n_binned, n_changes


def test_whenever_the_kill_comes_the_version_is_the_old_or_the_new_one(decided):
    old, new = (1, N, 0, 0, 0), (2, 0, 8_000, 2_000, N)
    for wait_s in (0.1, 0.4):  # an apply of 10,000 takes about half a second
        process = subprocess.Popen(
            [sys.executable, "-c", APPLY, str(decided)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert state(decided) in (old, new)
    if state(decided) == old:
        subprocess.run([sys.executable, "-c", APPLY, str(decided)], check=True, capture_output=True, timeout=120)
    assert state(decided) == new
