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
from curate.data_export import parquet, shards, version_images
from curate.data_export.order import Order
from curate.errors import BadInput
from tests.data_export.conftest import LABELS
from tests.factories import add_doubted_run, export


def opened(folder: Path, tmp_path: Path) -> Any:
    import datasets

    datasets.disable_progress_bars()
    return datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))


def test_datasets_opens_it_with_splits_labels_in_order_and_the_original_bytes(odd_project: Any, tmp_path: Path) -> None:
    assert export(odd_project.id, "parquet", tmp_path / "out").n_images == 9
    found = opened(tmp_path / "out", tmp_path)
    assert {name: len(rows) for name, rows in found.items()} == {"train": 6, "validation": 3}
    for rows in found.values():
        assert rows.features["label"].names == LABELS
    assert found["train"]["label"][:] == [0, 1, 2, 3, 4, 2]
    assert found["validation"]["label"][:] == [0, 4, 3]
    first = found["train"][0]
    original = store.blob_path(odd_project.shas[0])
    assert np.array_equal(np.asarray(first["image"]), np.asarray(Image.open(original)))
    assert first["sha256"] == odd_project.shas[0] and first["image_id"] == odd_project.image_ids[0]
    raw = pq.read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet").column("image")[0].as_py()
    assert hashlib.sha256(raw["bytes"]).hexdigest() == odd_project.shas[0]


def test_doubts_suggestions_and_confirmations_go_along(make_project: Any, tmp_path: Path) -> None:
    made = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")])
    add_doubted_run(made.id, [(0.9, 0.1)] * 6, [0.1, 0.2, 0.3, 0.9, 0.4, 0.5], {3: 0})
    export(made.id, "parquet", tmp_path / "out")
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
    monkeypatch.setattr(shards, "MAX_IMAGES", 3)
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 2)
    done: list[int] = []
    order = Order(version_images.find_version(made.id))
    parquet.write(order, tmp_path / "out", lambda n, total, text: done.append(n))
    names = sorted(path.name for path in (tmp_path / "out" / "data").iterdir())
    assert names == [f"train-0000{i}-of-00003.parquet" for i in range(3)] + ["validation-00000-of-00001.parquet"]
    rows = opened(tmp_path / "out", tmp_path)["train"]
    assert rows["label"][:] == [0] * 5 + [1] * 3
    assert rows[7]["image"].format == "PNG" and rows[7]["image"].size == (256, 256)
    assert done == sorted(done) and done[-1] == 9


def test_nothing_is_written_over_and_an_empty_project_is_refused(odd_project: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no images to export"):
        export(projects.create_project("empty"), "parquet", tmp_path / "out")
    assert cli.main(["export", str(odd_project.id), str(tmp_path / "out"), "--format", "parquet"]) in (0, None)
    with pytest.raises(BadInput, match="not an empty folder"):
        export(odd_project.id, "parquet", tmp_path / "out")
