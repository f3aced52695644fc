"""WebDataset shards: tar files in which an image's number names its picture, its label's place, and its facts.

Keys are numbers: dots in a name would split it into key and extension (webdataset#237).
"""

import json
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from curate.data_export import picture_files, target
from curate.data_export.image_table import Facts
from curate.data_export.order import Order
from curate.data_export.shards import SPLITS, Shard, write_shards
from curate.data_export.tree import Step, Written, with_data
from curate.data_export.version_images import ExportedImage, ProjectVersion

FORMAT = "webdataset"
CLASSES = "classes.txt"
USAGE = """```python
import webdataset

data = webdataset.WebDataset("train-000000.tar", shardshuffle=False).decode("pil")
for picture, label, facts in data.to_tuple("jpg;png;webp;bmp;tif;ppm", "cls", "json"):
    ...
```

`cls` is the label's place in `classes.txt`, from 0; `json` has its name and all that is known of the picture."""


def write(order: Order, folder: Path, on_step: Step) -> Written:
    """Write folder/train-000000.tar, …, folder/validation-000000.tar, … and the labels' names in order."""
    names = "".join(f"{label.name}\n" for label in order.version.labels)
    with target.at_once(folder, order.version, FORMAT) as place:
        written = write_shards(order.version, place, _name_of, _Tar(order.version).write, on_step)
        lists = {CLASSES: lambda path: path.write_text(names, "utf-8"), **order.extras(USAGE)}
        for name, write_list in lists.items():
            place.write_list(name, write_list)
    return written


def _name_of(shard: Shard) -> str:
    return f"{SPLITS[shard.split]}-{shard.number:06}.tar"


class _Tar:
    """Writes samples of a version."""

    def __init__(self, version: ProjectVersion) -> None:
        self._facts = Facts(version)
        self._places = {label.id: place for place, label in enumerate(version.labels)}

    def write(self, path: Path, images: Iterator[ExportedImage], written: Written) -> Iterator[None]:
        """Write a file; yields once for each sample."""
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
            for image, data in with_data(images, written):
                for extension, content in self._sample(image, data).items():
                    entry = tarfile.TarInfo(f"{image.id:09}{extension}")
                    entry.size, entry.mtime = len(content), int(image.created_at.timestamp())
                    tar.addfile(entry, BytesIO(content))
                yield

    def _sample(self, image: ExportedImage, data: bytes) -> dict[str, bytes]:
        facts: dict[str, Any] = self._facts.of(image) | {"provenance": image.provenance}
        return {
            picture_files.ending_of(image.format): data,
            ".cls": str(self._places[image.label_id]).encode(),
            ".json": json.dumps(facts).encode(),
        }
