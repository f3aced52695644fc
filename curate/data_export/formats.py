"""The formats that a version can leave in: one entry says all that the rest of Curate knows of a format."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from curate.data_export import fiftyone, folders, held_out_arrays, parquet, single_files, web_dataset, zip_tree
from curate.data_export.order import Order
from curate.data_export.tree import Step, Written
from curate.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format.

    title, note: its name, and what it is good for, in a sentence.  suffix: of the file; "" = it is a folder.
    write: writes an order to a path, calling back with (done, total, what is done).
    has_pictures: whether pictures go along.  follows: whether an earlier export in a folder can be brought to another
    version by its changes.  takes_extras: whether card and attribution go along.  has_table: whether a CSV does.
    takes_unlabelled: whether it has a place for images without a label.
    """

    title: str
    note: str
    suffix: str = ""
    write: Callable[[Order, Path, Step], Written]
    has_pictures: bool = True
    follows: bool = False
    takes_extras: bool = True
    takes_unlabelled: bool = False
    has_table: bool = False


FORMATS: dict[str, Format] = {
    folders.FORMAT: Format(
        title="Folders (ImageFolder)",
        note="A folder for each label, in train and valid: torchvision, fastai and most others read it.",
        write=folders.write,
        takes_unlabelled=True,
        has_table=True,
        follows=True,
    ),
    zip_tree.FORMAT: Format(
        title="Zip of folders",
        note="The same as one file, to download or to send.",
        suffix=".zip",
        write=zip_tree.write,
        takes_unlabelled=True,
        has_table=True,
    ),
    parquet.FORMAT: Format(
        title="Parquet (Hugging Face)",
        note="Pictures, labels and all facts inside: `datasets.load_dataset` finds splits and label order.",
        write=parquet.write,
    ),
    web_dataset.FORMAT: Format(
        title="WebDataset",
        note="Tar files to read in sequence, for trainings on millions of pictures or from far away.",
        write=web_dataset.write,
    ),
    fiftyone.FORMAT: Format(
        title="FiftyOne",
        note="A FiftyOneImageClassificationDataset for each split.",
        write=fiftyone.write,
        has_table=True,
        follows=True,
    ),
    "csv": Format(
        title="CSV",
        note="A table of labels and facts, without pictures.",
        suffix=".csv",
        write=single_files.write_csv,
        has_table=True,
        has_pictures=False,
        takes_extras=False,
    ),
    held_out_arrays.FORMAT: Format(
        title="Arrays for cleanlab",
        note="Labels, and probabilities of a model that had not seen the pictures.",
        write=held_out_arrays.write,
        has_pictures=False,
        has_table=True,
    ),
    "attribution": Format(
        title="Attribution",
        note="Sources, authors and licences of the pictures.",
        suffix=".md",
        write=single_files.write_attribution,
        has_pictures=False,
        takes_extras=False,
    ),
    "card": Format(
        title="Data card",
        note="What the data set is: counts, sources, licences, and how its labels were cleaned.",
        suffix=".md",
        write=single_files.write_card,
        has_pictures=False,
        takes_extras=False,
    ),
}


def find_format(name: str) -> Format:
    """Returns the format of that name. Raises BadInput."""
    if name not in FORMATS:
        raise BadInput(f"There is no format {name!r:.50}.", f"Formats are {', '.join(FORMATS)}.")
    return FORMATS[name]
