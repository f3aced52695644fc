"""A FiftyOneImageClassificationDataset for each split: data/ with the pictures, labels.json with their labels."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from curate.data_export import image_table, target
from curate.data_export.image_table import TABLE
from curate.data_export.order import Order
from curate.data_export.picture_files import ending_of
from curate.data_export.shards import SPLITS
from curate.data_export.target import Target, WriteList
from curate.data_export.tree import CHANGED, Layout, Step, Written, table_pages, write_tree
from curate.data_export.version_images import ExportedImage, ProjectVersion

FORMAT = "fiftyone"
LABELS = "labels.json"
USAGE = """```python
import fiftyone as fo

data = fo.Dataset()
for split in ("train", "validation"):
    data.add_dir(dataset_dir=split, dataset_type=fo.types.FiftyOneImageClassificationDataset, tags=split)
```

A picture is named by its number; `labels.csv` has its name, and all that is known of it."""


def write(order: Order, folder: Path, on_step: Step) -> Written:
    """Write train/ and validation/, or bring those of an earlier version in `folder` to this one. Raises BadInput."""
    version = order.version
    with target.following(folder, version, FORMAT) as place:
        written = write_tree(version, place, Layout(_folder_of, _name_of), on_step)
        on_step(version.n_images, version.n_images, "Writing labels.json")

        def write_table(path: Path) -> None:
            rows = table_pages(version, place)
            written.n_formulas = image_table.write(path, version, rows, order.is_for_spreadsheet)

        lists: dict[str, WriteList] = {
            f"{name}/{LABELS}": partial(_write_labels, version=version, place=place, split=split)
            for split, name in SPLITS.items()
        }
        for name, write_list in {**lists, TABLE: write_table, **order.extras(USAGE)}.items():
            if not place.write_list(name, write_list):
                written.leave_out(name, CHANGED)
    return written


def _folder_of(image: ExportedImage) -> str:
    return f"{SPLITS[image.split]}/data"


def _name_of(image: ExportedImage) -> str:
    return f"{image.id:09}{ending_of(image.format)}"


def _write_labels(path: Path, version: ProjectVersion, place: Target, split: str) -> None:
    """Streamed: {"classes": [names in order], "labels": {file name without extension: place in classes}}."""
    classes = json.dumps([label.name for label in version.labels])
    with path.open("w", encoding="ascii") as file:
        file.write(f'{{"classes": {classes}, "labels": {{')
        for number, (stem, label) in enumerate(_labels(version, place, split)):
            file.write(f'{"," if number else ""}\n"{stem}": {label}')
        file.write("}}\n")


def _labels(version: ProjectVersion, place: Target, split: str) -> Iterator[tuple[str, int]]:
    places = {label.id: place for place, label in enumerate(version.labels)}
    for page in table_pages(version, place):
        for image, path in page:
            if image.split == split:
                yield Path(path).stem, places[image.label_id]
