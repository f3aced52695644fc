"""Parquet with the pictures inside: `datasets` finds the same splits, labels in order, bytes and numbers."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from curate import cli, store
from curate.catalog import images, projects
from curate.data_export import parquet
from curate.errors import BadInput
from tests.factories import add_doubted_run

ENTRIES = [("9:16", "train"), ("1", "train"), ("10", "train"), ("2", "train"), ("9:16", "valid"), ("2", "valid")]


@pytest.fixture
def odd_project(make_project: Any) -> Any:
    """Labels that sort otherwise than they are ordered, two of them missing from validation, and one without images."""
    made = make_project(ENTRIES)
    projects.add_label(made.id, "nothing yet")
    return made


def opened(folder: Path, tmp_path: Path) -> Any:
    import datasets

    datasets.disable_progress_bars()
    return datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))


def test_datasets_opens_it_with_splits_labels_in_order_and_the_original_bytes(odd_project: Any, tmp_path: Path) -> None:
    assert parquet.export_parquet(odd_project.id, tmp_path / "out") == 6
    found = opened(tmp_path / "out", tmp_path)
    assert {name: len(rows) for name, rows in found.items()} == {"train": 4, "validation": 2}
    for rows in found.values():
        assert rows.features["label"].names == ["9:16", "1", "10", "2", "nothing yet"]
    assert found["train"]["label"][:] == [0, 1, 2, 3]
    assert found["validation"]["label"][:] == [0, 3]
    first = found["train"][0]
    original = store.blob_path(odd_project.shas[0])
    assert np.array_equal(np.asarray(first["image"]), np.asarray(Image.open(original)))
    assert first["sha256"] == odd_project.shas[0] and first["image_id"] == odd_project.image_ids[0]
    raw = pq.read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet").column("image")[0].as_py()
    assert hashlib.sha256(raw["bytes"]).hexdigest() == odd_project.shas[0]


def test_doubts_suggestions_and_confirmations_go_along(make_project: Any, tmp_path: Path) -> None:
    made = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")])
    add_doubted_run(made.id, [(0.9, 0.1)] * 6, [0.1, 0.2, 0.3, 0.9, 0.4, 0.5], {3: 0})
    parquet.export_parquet(made.id, tmp_path / "out")
    rows = opened(tmp_path / "out", tmp_path)["train"]
    assert rows["doubt"][:] == [0.1, 0.2, 0.9, 0.4]
    assert rows["suggested_label"][:] == [None, None, "cats", None]
    assert rows["checked_at"][:] == [None] * 4


def test_what_few_programs_read_becomes_png_and_shards_keep_the_order(
    make_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_project([("cats", "train")] * 5 + [("dogs", "train")] * 2 + [("dogs", "valid")])
    buffer = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "AVIF")
    sha = store.add_blob(buffer.getvalue())
    images.add_blobs([images.NewBlob(sha, len(buffer.getvalue()), 256, 256, "AVIF", bytes(32))])
    images.add_images(made.id, [images.NewImage(sha, "dogs", "a.avif", "train")], "Ada", "Imported", [])
    monkeypatch.setattr(parquet, "SHARD_ROWS", 3)
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 2)
    done: list[int] = []
    parquet.export_parquet(made.id, tmp_path / "out", lambda n, total, text: done.append(n))
    names = sorted(path.name for path in (tmp_path / "out" / "data").iterdir())
    assert names == [f"train-0000{i}-of-00003.parquet" for i in range(3)] + ["validation-00000-of-00001.parquet"]
    rows = opened(tmp_path / "out", tmp_path)["train"]
    assert rows["label"][:] == [0] * 5 + [1] * 3
    assert rows[7]["image"].format == "PNG" and rows[7]["image"].size == (256, 256)
    assert done == sorted(done) and done[-1] == 9


def test_nothing_is_written_over_and_an_empty_project_is_refused(odd_project: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no images to export"):
        parquet.export_parquet(projects.create_project("empty"), tmp_path / "out")
    assert cli.main(["export", str(odd_project.id), str(tmp_path / "out"), "--format", "parquet"]) in (0, None)
    with pytest.raises(BadInput, match="not an empty folder"):
        parquet.export_parquet(odd_project.id, tmp_path / "out")
