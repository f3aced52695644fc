"""Parquet files with the pictures inside: `datasets.load_dataset(folder)` finds splits, pictures and labels in order.

One row an image; the original bytes of each file, but for formats that few readers know, which become PNG. The order of
the labels stands in the files' metadata, also of labels that one split lacks.
"""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curate.data_export import picture_files, target
from curate.data_export.image_table import Facts
from curate.data_export.order import Order
from curate.data_export.shards import SPLITS, Shard, write_shards
from curate.data_export.tree import Step, Written, with_data
from curate.data_export.version_images import ExportedImage, ProjectVersion

FORMAT = "parquet"
USAGE = """```python
import datasets

data = datasets.load_dataset("this/folder")
data["train"].features["label"].names  # the labels in order
```"""
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
        ("decision", pa.string()),
        ("decided_by", pa.string()),
        ("decided_at", pa.string()),
    ]
)


def write(order: Order, folder: Path, on_step: Step) -> Written:
    """Write folder/data/train-….parquet and folder/data/validation-….parquet.

    checked_at: when a person confirmed the label, null = nobody has; doubt: in [0, 1], 1 = the label is wrong, null
    without a run; suggested_label: null where the label is supported. Raises BadInput when the folder holds anything.
    """
    version = order.version
    table = _Table(version)
    with target.at_once(folder, version, FORMAT) as place:
        written = write_shards(version, place, _name_of, table.write, on_step)
        for name, write_list in order.extras(USAGE).items():
            place.write_list(name, write_list)
    return written


def _name_of(shard: Shard) -> str:
    return f"data/{SPLITS[shard.split]}-{shard.number:05}-of-{shard.of:05}.parquet"


class _Table:
    """Writes rows of a version."""

    def __init__(self, version: ProjectVersion) -> None:
        self._facts = Facts(version)
        self._places = {label.id: place for place, label in enumerate(version.labels)}
        features = _features([label.name for label in version.labels])
        self._schema = _COLUMNS.with_metadata({"huggingface": json.dumps(features)})

    def write(self, path: Path, images: Iterator[ExportedImage], written: Written) -> Iterator[None]:
        """Write a file; yields once for each row."""
        rows = self._rows(images, written)
        with pq.ParquetWriter(path, self._schema) as writer:
            while group := list(islice(rows, _GROUP_ROWS)):
                writer.write_table(pa.Table.from_pylist(group, self._schema))
                yield from (None for _ in group)

    def _rows(self, images: Iterator[ExportedImage], written: Written) -> Iterator[dict[str, Any]]:
        for image, data in with_data(images, written):
            facts = self._facts.of(image)
            yield {name: facts.get(name) for name in _COLUMNS.names} | {
                "image": {"bytes": data, "path": picture_files.with_ending(image.file_name, image.format)},
                "label": self._places[image.label_id],
                "image_id": image.id,
            }


def _features(names: list[str]) -> dict[str, Any]:
    """What `datasets` reads of the columns: the pictures are pictures, and the labels have these names."""
    known: dict[str, Any] = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
    plain = {
        field.name: {"dtype": str(field.type).replace("double", "float64"), "_type": "Value"}
        for field in _COLUMNS
        if field.name not in known
    }
    return {"info": {"features": known | plain}}
