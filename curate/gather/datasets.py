"""fastai's classification data sets by name, through its own `untar_data`; and where in each the labels stand."""

import re
from dataclasses import dataclass
from pathlib import Path

from curate.errors import BadInput, NotFound


@dataclass(frozen=True)
class Dataset:
    """A data set of fastai's `URLs`. `inside`: the folder below which the pictures lie; `label`: a pattern whose first
    group, found in a file's path below that, is its label; empty = the folder it lies in."""

    words: str
    inside: str = ""
    label: str = ""


DATASETS = {
    "PETS": Dataset("37 breeds of cats and dogs, 7,390 photos", "images", r"([^/]+)_\d+\.jpg$"),
    "IMAGENETTE_160": Dataset("10 easy ImageNet classes, 13,394 small photos"),
    "IMAGENETTE_320": Dataset("10 easy ImageNet classes, 13,394 photos"),
    "IMAGENETTE": Dataset("10 easy ImageNet classes, 13,394 large photos"),
    "IMAGEWOOF_160": Dataset("10 breeds of dogs from ImageNet, 12,954 small photos"),
    "IMAGEWOOF_320": Dataset("10 breeds of dogs from ImageNet, 12,954 photos"),
    "IMAGEWOOF": Dataset("10 breeds of dogs from ImageNet, 12,954 large photos"),
    "MNIST_TINY": Dataset("threes and sevens, 1,400 digits"),
    "MNIST_SAMPLE": Dataset("threes and sevens, 14,434 digits"),
    "MNIST": Dataset("70,000 handwritten digits"),
    "CIFAR": Dataset("10 classes, 60,000 photos of 32 x 32 pixels"),
    "CIFAR_100": Dataset("100 classes, 60,000 photos of 32 x 32 pixels", "", r"([^/]+)/[^/]+$"),
    "DOGS": Dataset("cats and dogs, 25,000 photos"),
    "CALTECH_101": Dataset("101 objects, 9,144 photos", "", r"([^/]+)/[^/]+$"),
    "CUB_200_2011": Dataset("200 species of birds, 11,788 photos", "images"),
    "FOOD": Dataset("101 dishes, 101,000 photos", "images"),
}


def find_dataset(name: str) -> Dataset:
    """The data set of that name, in any case, with or without `URLs.` before it. Raises NotFound."""
    known = DATASETS.get(plain_name(name))
    if known is None:
        raise NotFound(f"There is no data set named {name!r:.60}.", f"There are {', '.join(DATASETS)}.")
    return known


def plain_name(name: str) -> str:
    """A data set's name as the table has it.

    >>> plain_name("URLs.pets")
    'PETS'
    """
    return name.strip().upper().removeprefix("URLS.")


def fetch_dataset(name: str) -> Path:
    """The data set's folder on this machine, downloaded and unpacked by fastai when it is not there yet.

    Imports fastai, which takes ten seconds. Raises NotFound, and BadInput when it cannot be downloaded.
    """
    known = find_dataset(name)
    from fastai.data.external import URLs, untar_data

    url = getattr(URLs, plain_name(name))
    try:
        folder: Path = untar_data(url)
    except (OSError, EOFError, ValueError) as error:  # urllib's errors are OSErrors, a broken archive's any of them
        raise BadInput(
            f"{plain_name(name)} could not be downloaded from {url}: {error!s:.200}", "Try again."
        ) from error
    inside = folder / known.inside
    if not inside.is_dir():
        raise BadInput(f"{plain_name(name)} has no folder {known.inside} in it.", f"Look into {folder}.")
    return inside


def labelled_files(name: str, folder: Path) -> list[tuple[str, Path]] | None:
    """("label/file", path) of every file whose path matches the data set's pattern; None = its folders are the labels.

    >>> DATASETS["PETS"].label
    '([^/]+)_\\\\d+\\\\.jpg$'
    """
    pattern = find_dataset(name).label
    if not pattern:
        return None
    found = []
    for path in sorted(folder.rglob("*")):
        match = re.search(pattern, path.relative_to(folder).as_posix())
        if match and path.is_file():
            found.append((f"{match[1]}/{path.name}", path))
    return found
