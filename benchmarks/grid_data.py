"""Made-up projects of any size for `benchmarks.grid`: rows in bulk, a few hundred pictures again and again."""

import datetime
import hashlib
import io
from typing import Any

import numpy as np
from PIL import Image as Picture
from sqlalchemy import insert, text

from curate import settings, store
from curate.catalog import database, projects, runs
from curate.catalog.tables.core import Blob, Image, Project, Version
from curate.review.listing import score_columns

LABELS = ("bicycle", "boat", "bus", "car", "motorcycle", "plane", "ship", "train", "tram", "truck")
SOURCES: tuple[dict[str, str], ...] = (
    {"source": "zip", "name": "street.zip"}, {"source": "openverse", "name": "Openverse", "licence": "CC0 1.0"},
           {"source": "openverse", "name": "Openverse", "licence": "CC BY 4.0"}, {})  # fmt: skip
N_PICTURES = 200
BATCH = 10_000


def make_project(name: str, n: int, seed: int = 0) -> tuple[int, int]:
    """(project id, run id) of n active images and a finished run with doubts over them, all drawn by chance."""
    rng = np.random.default_rng(seed)
    project_id = projects.create_project(name)
    labels = rng.integers(0, len(LABELS), n)
    is_valid = rng.random(n) < 0.2
    dropped = _drop_indexes() if n > 100_000 else []
    _add_images(project_id, labels, is_valid, seed)
    run_id = _add_run(project_id, rng, labels, is_valid)
    with database.writing() as session:
        for statement in dropped:  # one sort each, instead of a million insertions
            session.execute(text(statement))
    database.refresh_statistics()
    score_columns.build(run_id)
    return project_id, run_id


def paint(shas: list[str]) -> None:
    """Give these pictures files: one of a few hundred, which only what is shown needs."""
    for sha in shas:
        folder, name = settings.home() / "thumbnails" / sha[:2], sha[2:]
        for path in (folder / f"{name}.webp", settings.home() / "blobs" / sha[:2] / name):
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_picture(int(sha[:8], 16) % N_PICTURES))


_made: dict[int, bytes] = {}


def _picture(number: int) -> bytes:
    """A soft coloured pattern of a photo's size in bytes (about 6 kB)."""
    if number not in _made:
        rough = np.random.default_rng(number).integers(0, 256, (24, 24, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Picture.fromarray(rough).resize((320, 320), Picture.Resampling.BICUBIC).save(buffer, "WEBP", quality=82)
        _made[number] = buffer.getvalue()
    return _made[number]


def _drop_indexes() -> list[str]:
    """How to make them again; on SQLite only."""
    if not database.is_sqlite():
        return []
    with database.writing() as session:
        rows = session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
                 "AND tbl_name IN ('image', 'score')")
        ).all()  # fmt: skip
        for name, _ in rows:
            session.execute(text(f"DROP INDEX {name}"))
    return [sql for _, sql in rows]


def _add_images(project_id: int, labels: np.ndarray, is_valid: np.ndarray, seed: int) -> None:
    with database.writing(project_id) as session:
        label_ids = list(projects.ensure_labels(session, project_id, list(LABELS)).values())
        counts = {
            str(id_): {"train": int(((labels == i) & ~is_valid).sum()), "valid": int(((labels == i) & is_valid).sum())}
            for i, id_ in enumerate(label_ids)
        }
        version = Version(
            project_id=project_id, number=1, kind="import", message="Made up", author="Benchmark", counts=counts
        )
        session.add(version)
        session.flush()
        session.get_one(Project, project_id).head_version_id = version.id
        version_id = version.id
    at = datetime.datetime.now(datetime.UTC)
    for start in range(0, len(labels), BATCH):
        rows = range(start, min(start + BATCH, len(labels)))
        shas = [hashlib.sha256(f"{seed} {row}".encode()).hexdigest() for row in rows]
        with database.writing() as session:
            session.execute(insert(Blob), [_blob(sha, at) for sha in shas])
            session.execute(
                insert(Image),
                [
                    {
                        "project_id": project_id, "blob_sha": sha, "entry_label_id": label_ids[labels[row]],
                        "label_id": label_ids[labels[row]], "split": "valid" if is_valid[row] else "train",
                        "file_name": f"IMG_{row:07d}.jpg", "version_id": version_id, "created_at": at,
                        "provenance": SOURCES[row % len(SOURCES)],
                    }
                    for row, sha in zip(rows, shas, strict=True)
                ],
            )  # fmt: skip


def _blob(sha: str, at: Any) -> dict[str, Any]:
    return {
        "sha": sha, "n_bytes": 60_000, "width": 640, "height": 480, "format": "JPEG", "phash": bytes.fromhex(sha),
        "created_at": at,
    }  # fmt: skip


def _add_run(project_id: int, rng: np.random.Generator, labels: np.ndarray, is_valid: np.ndarray) -> int:
    """A run whose doubts are high for one image in twenty."""
    chosen = runs.training_set(project_id)
    n = len(labels)
    scores = rng.normal(size=(n, len(LABELS))).astype(np.float32)
    scores[np.arange(n), labels] += 3
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    doubt = np.where(rng.random(n) < 0.05, rng.beta(5, 2, n), rng.beta(1, 20, n))
    is_suspect = doubt > 0.5
    doubts = runs.Doubts(
        doubt=doubt, suggested=np.where(is_suspect, (labels + 1) % len(LABELS), -1), p_suggested=doubt,
        suggests_delete=rng.random(n) < 0.002, uncertainty=rng.random(n), asks_again=np.zeros(n, bool),
    )  # fmt: skip
    run_id = runs.create_run(project_id, {"architecture": "resnet18", "epochs": 1}, chosen, None)
    np.save(store.run_folder(run_id) / "probabilities.npy", probabilities)
    losses = -np.log(probabilities[np.arange(n), labels])
    runs.finish_run(run_id, chosen, losses, probabilities, {"device": "none", "seconds": 1.0}, doubts=doubts)
    return run_id
