"""fastai's data sets: where the labels stand in each; what fastai downloads is laid ready here."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.errors import BadInput, NotFound
from curate.gather import datasets
from curate.gather.datasets import DATASETS, fetch_dataset, find_dataset, labelled_files


def test_names_are_found_as_people_write_them() -> None:
    assert find_dataset("URLs.PETS") is find_dataset("pets") is DATASETS["PETS"]
    with pytest.raises(NotFound, match="no data set named 'KITTENS'"):
        find_dataset("KITTENS")


def test_every_data_set_is_one_of_fastais() -> None:
    source = (Path(datasets.__file__).parents[2] / ".venv").glob("lib/python*/site-packages/fastai/data/external.py")
    text = next((path.read_text() for path in source), None)
    if text is None:
        pytest.skip("fastai is installed elsewhere")
    assert [name for name in DATASETS if f"    {name} " not in text] == []


def test_the_label_of_a_pets_photo_stands_in_its_name(tmp_path: Path) -> None:
    for name in ("Abyssinian_1.jpg", "great_pyrenees_12.jpg", "great_pyrenees_12.mat"):
        (tmp_path / name).write_bytes(b"")
    assert [path for path, _ in labelled_files("PETS", tmp_path) or []] == [
        "Abyssinian/Abyssinian_1.jpg", "great_pyrenees/great_pyrenees_12.jpg",
    ]  # fmt: skip
    assert labelled_files("IMAGENETTE", tmp_path) is None


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")  # fastcore's
def test_fastai_unpacks_what_it_has_and_what_it_cannot_get_is_told(
    tmp_path: Path, pictures: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    external = pytest.importorskip("fastai.data.external")
    pictures(tmp_path / "mnist_tiny" / "train", {"3": 2, "7": 1})
    monkeypatch.setenv("FASTAI_HOME", str(tmp_path / "fastai"))
    external.fastai_cfg.cache_clear()
    archive = tmp_path / "fastai" / "archive" / "mnist_tiny.tgz"
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(tmp_path / "mnist_tiny", "mnist_tiny")
    monkeypatch.setattr(external.URLs, "LOCAL_PATH", tmp_path / "nowhere")
    monkeypatch.setattr(external.URLs, "MNIST_TINY", "http://127.0.0.1:9/mnist_tiny.tgz")  # fastai knows no checksum
    assert len(list(fetch_dataset("MNIST_TINY").rglob("*.png"))) == 3
    monkeypatch.setattr(external.URLs, "MNIST_SAMPLE", "http://127.0.0.1:9/mnist_sample.tgz")
    with pytest.raises(BadInput, match="MNIST_SAMPLE could not be downloaded from http://127.0.0.1:9/"):
        fetch_dataset("MNIST_SAMPLE")
    external.fastai_cfg.cache_clear()
