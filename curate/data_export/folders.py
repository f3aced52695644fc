"""An ImageFolder tree: train/<label>/… and valid/<label>/…, with the labels' order and a table of all known facts."""

from pathlib import Path

from curate import safe_names
from curate.catalog.projects import LabelRow, labels
from curate.data_export import image_table, target
from curate.data_export.image_table import TABLE
from curate.data_export.order import Order
from curate.data_export.picture_files import with_ending
from curate.data_export.tree import CHANGED, Layout, Step, Written, table_pages, write_tree
from curate.data_export.version_images import ExportedImage
from curate.safe_names import safe_name

FORMAT = "folders"
CLASSES = "classes.txt"
UNLABELLED_FOLDER = "unlabelled"
USAGE = """`classes.txt` has the labels' folders in order. torchvision sorts them otherwise, and leaves out those that a
split lacks, so give it the order:

```python
from pathlib import Path
from torchvision.datasets import ImageFolder

classes = Path("classes.txt").read_text().splitlines()

class Folder(ImageFolder):
    def find_classes(self, directory):
        return classes, {name: place for place, name in enumerate(classes)}

train, valid = Folder("train", allow_empty=True), Folder("valid", allow_empty=True)
```

`labels.csv` has every picture with its true label, its split, and all that is known of it."""


def write(order: Order, folder: Path, on_step: Step) -> Written:
    """Write the tree, or bring an earlier one in `folder` to this version; see `tree` for what is left alone.

    A label or file name that cannot be a path gets a safe one; labels.csv has the true names. Raises BadInput.
    """
    with target.following(folder, order.version, FORMAT) as place:
        written = write_tree(order.everything, place, layout(order.version.labels), on_step)
        on_step(order.version.n_images, order.version.n_images, "Writing labels.csv")

        def write_table(path: Path) -> None:
            rows = table_pages(order.version, place)
            written.n_formulas = image_table.write(path, order.version, rows, order.is_for_spreadsheet)

        lists = {TABLE: write_table, CLASSES: lambda path: path.write_text(classes(order.version.labels), "utf-8")}
        for name, write_list in {**lists, **order.extras(USAGE)}.items():
            if not place.write_list(name, write_list):
                written.leave_out(name, CHANGED)
    return written


def layout(of_labels: list[LabelRow]) -> Layout:
    """Returns where an image's file goes in such a tree."""
    folders = folder_names(of_labels)

    def folder_of(image: ExportedImage) -> str:
        folder = folders.get(image.label_id)
        return f"{image.split}/{folder}" if folder else UNLABELLED_FOLDER

    return Layout(folder_of, lambda image: safe_name(with_ending(image.file_name, image.format)))


def folder_names(of_labels: list[LabelRow]) -> dict[int, str]:
    """{label id: name of its folder}, the same in every version of a project."""
    names = safe_names.folder_names(label.name for label in of_labels)
    return {label.id: names[label.name] for label in of_labels}


def label_folders(project_id: int) -> list[str]:
    """Returns the folder names of the project's labels in an export, in the labels' order."""
    return list(folder_names(labels(project_id)).values())


def classes(of_labels: list[LabelRow]) -> str:
    """Returns the labels' folders, one a line in the labels' order: ImageFolder sorts them, and skips empty ones."""
    return "".join(f"{name}\n" for name in folder_names(of_labels).values())
