"""A hand-made project with one finished run: six images of two labels, losses known by hand."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

from curate import store
from curate.catalog import images, projects, runs

# file name -> (label, split, probabilities of (cat, dog))
SCORED = {
    "c1.png": ("cat", "train", (0.9, 0.1)),
    "c2.png": ("cat", "train", (0.2, 0.8)),
    "c3.png": ("cat", "valid", (0.4, 0.6)),
    "d1.png": ("dog", "train", (0.3, 0.7)),
    "d2.png": ("dog", "train", (0.95, 0.05)),
    "d3.png": ("dog", "valid", (0.1, 0.9)),
}


def add_pictures(project_id: int, entries: dict[str, tuple]) -> None:
    """Rows only (no bytes): what pages and reports are about."""
    new = []
    for name, (label, split, *_) in entries.items():
        sha = hashlib.sha256(name.encode()).hexdigest()
        images.add_blobs([images.NewBlob(sha, 10, 8, 8, "PNG", bytes(32))])
        new.append(images.NewImage(sha, label, name, split))
    images.add_images(project_id, new, "ann", "Imported", ["cat", "dog"])


def add_run(project_id: int, probabilities: Sequence[tuple[float, ...]]) -> int:
    """A finished run over the project's present images with these probabilities, in id order."""
    chosen = runs.training_set(project_id)
    probs = np.array(probabilities, np.float32)
    run_id = runs.create_run(project_id, {"architecture": "resnet18"}, chosen, None)
    losses = -np.log(probs[np.arange(len(probs)), chosen.labels])
    np.save(store.run_folder(run_id) / "probabilities.npy", probs)
    runs.finish_run(run_id, chosen, losses, probs, {"device": "CPU"})
    return run_id


@pytest.fixture
def scored_project() -> tuple[int, int]:
    """(project id, run id)"""
    project_id = projects.create_project("pets")
    add_pictures(project_id, SCORED)
    return project_id, add_run(project_id, [entry[2] for entry in SCORED.values()])


@pytest.fixture(autouse=True)
def catalog_database(either_database: None) -> None:
    """Every test of the review runs on SQLite and on PostgreSQL."""
