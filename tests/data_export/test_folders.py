"""Exports: both usual readers of image folders find every picture under the same label."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.catalog import projects
from curate.data_export.folders import label_folders
from curate.gather.folders.label_choices import LabelChoices
from curate.gather.importing import import_folder
from tests.factories import export


def soft(seed: int, width: int = 60, height: int = 40) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def odd_project(tmp_path: Path) -> int:
    """A project with a picture of every format, under labels that cannot be folders."""
    formats = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM")
    for label in ("a", "b"):
        (tmp_path / "in" / label).mkdir(parents=True)
        soft(1 + ord(label)).save(
            tmp_path / "in" / label / "IMG_0001.JPG", "MPO", save_all=True, append_images=[soft(2, 30, 20)]
        )
        for number, format in enumerate(formats):
            soft(10 * ord(label) + number).save(tmp_path / "in" / label / f"{format}.jpg", format)
    project_id = projects.create_project("odd")
    names = LabelChoices(names={"a": "9:16", "b": "AC/DC"})
    result = import_folder(project_id, tmp_path / "in", "Ada", lambda *_: None, choices=names)
    assert result.n_added == 20
    return project_id


def test_image_folder_and_get_image_files_find_all_with_the_same_labels(odd_project: int, tmp_path: Path) -> None:
    from fastai.data.transforms import get_image_files, parent_label
    from torchvision.datasets import ImageFolder

    assert export(odd_project, "folders", tmp_path / "out").n_images == 20
    labels_of = {path: parent_label(path) for path in get_image_files(tmp_path / "out")}
    assert sorted(labels_of.values()) == ["9_16"] * 10 + ["AC_DC"] * 10
    assert label_folders(odd_project) == ["9_16", "AC_DC"]
    for side in ("train", "valid"):
        folder = ImageFolder(str(tmp_path / "out" / side))
        for path, label in folder.samples:
            assert labels_of.pop(Path(path)) == folder.classes[label]
    assert labels_of == {}


def test_what_was_exported_comes_in_again_under_the_labels_it_had(odd_project: int, tmp_path: Path) -> None:
    export(odd_project, "folders", tmp_path / "out")
    n_before = projects.find_project(odd_project).n_images
    result = import_folder(odd_project, tmp_path / "out", "Ada", lambda *_: None)
    assert [label.name for label in projects.labels(odd_project)] == ["9:16", "AC/DC"]
    assert projects.find_project(odd_project).n_images == n_before + result.n_added
    assert result.n_known == 14  # GIF, AVIF and JPEG 2000 were written as PNG
