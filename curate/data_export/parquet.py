"""Parquet files with the pictures inside: `datasets.load_dataset(folder)` finds splits, pictures and labels in order.

One row an image; the original bytes of each file, but for formats that few readers know, which become PNG. The order of
the labels stands in the files' metadata, also of labels that one split lacks.
"""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from curate import store
from curate.catalog.best_run import best_run
from curate.catalog.database import reading
from curate.catalog.exports import ENDINGS, active_images, check_empty
from curate.catalog.projects import labels
from curate.catalog.runs import list_runs
from curate.catalog.tables.core import Blob, Image, Score
from curate.errors import BadInput
from curate.pictures import open_picture

SPLITS = {"train": "train", "valid": "validation"}  # ours, and the word that `datasets` knows
SHARD_ROWS = 10_000
_GROUP_ROWS = 64  # pictures held at once
_COLUMNS = pa.schema(
    [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("label", pa.int64()),
        ("image_id", pa.int64()),
        ("file_name", pa.string()),
        ("sha256", pa.string()),
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("added_at", pa.string()),
        ("checked_at", pa.string()),
        ("provenance", pa.string()),
        ("doubt", pa.float64()),
        ("suggested_label", pa.string()),
    ]
)


def export_parquet(project_id: int, folder: Path, report: Callable[[int, int, str], None] | None = None) -> int:
    """Number of images written to folder/data/train-….parquet and folder/data/validation-….parquet.

    checked_at: when a person confirmed the label, null = nobody has; doubt: in [0, 1], 1 = the label is wrong, of the
    run that is best for reviewing, null without one; suggested_label: null where the label is supported. Raises
    BadInput when the folder holds anything, or the project no image.
    """
    check_empty(folder)
    of_labels = labels(project_id)
    counts = {"train": sum(one.n_train for one in of_labels), "valid": sum(one.n_valid for one in of_labels)}
    if not sum(counts.values()):
        raise BadInput("The project has no images to export.", "Import some first.")
    schema = _COLUMNS.with_metadata({"huggingface": json.dumps(_features([one.name for one in of_labels]))})
    (folder / "data").mkdir(parents=True)
    n_done = 0
    for split, n_images in counts.items():
        n_shards = -(-n_images // SHARD_ROWS)
        rows = _rows(project_id, split)
        for shard in range(n_shards):
            path = folder / "data" / f"{SPLITS[split]}-{shard:05}-of-{n_shards:05}.parquet"
            # The last one takes what came in meanwhile.
            for group in _written(path, schema, rows if shard == n_shards - 1 else islice(rows, SHARD_ROWS)):
                n_done += group
                if report:
                    report(n_done, sum(counts.values()), "Writing pictures")
    return n_done


def _features(names: list[str]) -> dict[str, Any]:
    """What `datasets` reads of the columns: the pictures are pictures, and the labels have these names."""
    known: dict[str, Any] = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
    plain = {
        field.name: {"dtype": str(field.type).replace("double", "float64"), "_type": "Value"}
        for field in _COLUMNS
        if field.name not in known
    }
    return {"info": {"features": known | plain}}


def _written(path: Path, schema: pa.Schema, rows: Iterator[dict[str, Any]]) -> Iterator[int]:
    """How many rows each group had, as it is written; the file is there when all are."""
    fresh = path.with_name(f".{path.name}")
    with pq.ParquetWriter(fresh, schema) as writer:
        while group := list(islice(rows, _GROUP_ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema))
            yield len(group)
    fresh.replace(path)


def _rows(project_id: int, split: str) -> Iterator[dict[str, Any]]:
    places = {label.id: place for place, label in enumerate(labels(project_id))}
    names = {label.id: label.name for label in labels(project_id)}
    finished = list_runs(project_id, only_done=True)
    run_id = best_run(finished, "review").run.id if finished else None
    pairs = active_images(project_id, split)
    while lot := list(islice(pairs, _GROUP_ROWS)):
        doubts = _doubts(run_id, [image.id for image, _ in lot]) if run_id else {}
        for image, blob in lot:
            doubt, suggested_id = doubts.get(image.id, (None, None))
            yield _row(image, blob, places[image.label_id]) | {
                "doubt": doubt,
                "suggested_label": names.get(suggested_id) if suggested_id else None,
            }


def _row(image: Image, blob: Blob, label: int) -> dict[str, Any]:
    return {
        "image": {"bytes": _bytes(blob), "path": image.file_name}, "label": label, "image_id": image.id,
        "file_name": image.file_name, "sha256": blob.sha, "width": blob.width, "height": blob.height,
        "added_at": image.created_at.isoformat(),
        "checked_at": image.checked_at.isoformat() if image.checked_at else None,
        "provenance": json.dumps(image.provenance, ensure_ascii=False),
    }  # fmt: skip


def _bytes(blob: Blob) -> bytes:
    path = store.blob_path(blob.sha)
    if blob.format in ENDINGS:
        return path.read_bytes()
    buffer = BytesIO()
    open_picture(path).save(buffer, "PNG")
    return buffer.getvalue()


def _doubts(run_id: int, image_ids: list[int]) -> dict[int, tuple[float | None, int | None]]:
    """{image id: (doubt, suggested label's id)} of the run."""
    query = select(Score.image_id, Score.doubt, Score.suggested_id)
    with reading() as session:
        rows = session.execute(query.where(Score.run_id == run_id, Score.image_id.in_(image_ids)))
        return {image_id: (doubt, suggested_id) for image_id, doubt, suggested_id in rows}
