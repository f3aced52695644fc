"""Each export is opened by its own tool, which finds the same labels, order, splits and pictures."""

import csv
import gc
import hashlib
import json
import runpy
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from curate.catalog import images, projects
from curate.catalog.database import writing
from curate.catalog.tables.core import Image
from tests.data_export.conftest import ENTRIES, LABELS
from tests.factories import add_run, export

FOLDERS = ["9_16", "AC_DC", "1", "10", "2", "nothing yet"]


def sha_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def expected(project: Any, split: str) -> set[tuple[str, str]]:
    """(SHA-256, label) of the split's images."""
    pairs = zip(project.shas, ENTRIES, strict=True)
    return {(sha, label) for sha, (label, its_split) in pairs if its_split == split}


def check_image_folder(project: Any, folder: Path, readme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the README says it: torchvision with the order of classes.txt; and fastai, by the folders' names."""
    from fastai.data.transforms import get_image_files, parent_label

    names = dict(zip(FOLDERS, LABELS, strict=True))
    script = folder.parent / "usage.py"
    script.write_text(readme.partition("```python\n")[2].partition("```")[0])
    monkeypatch.chdir(folder)
    opened = runpy.run_path(str(script))
    for split in ("train", "valid"):
        assert opened[split].classes == FOLDERS
        samples = {(sha_of(Path(path)), LABELS[label]) for path, label in opened[split].samples}
        assert samples == expected(project, split)
        files = get_image_files(folder / split)
        assert {(sha_of(path), names[parent_label(path)]) for path in files} == expected(project, split)


def test_torchvision_and_fastai_open_the_folders(
    odd_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert export(odd_project.id, "folders", out).n_images == 9
    assert (out / "classes.txt").read_text().splitlines() == FOLDERS
    check_image_folder(odd_project, out, (out / "README.md").read_text(), monkeypatch)


def test_they_open_the_unpacked_zip_whose_entries_are_stored(
    odd_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export(odd_project.id, "zip", tmp_path / "pets.zip").n_images == 9
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("home",)] == ["pets.zip"]
    with zipfile.ZipFile(tmp_path / "pets.zip") as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        archive.extractall(tmp_path / "out")
    check_image_folder(odd_project, tmp_path / "out", (tmp_path / "out" / "README.md").read_text(), monkeypatch)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves files to the collector
def test_webdataset_opens_the_shards(odd_project: Any, tmp_path: Path) -> None:
    import webdataset

    out = tmp_path / "out"
    assert export(odd_project.id, "webdataset", out).n_images == 9
    assert (out / "classes.txt").read_text().splitlines() == LABELS
    for split, name in (("train", "train"), ("valid", "validation")):
        data = webdataset.WebDataset(str(out / f"{name}-000000.tar"), shardshuffle=False, empty_check=False)
        samples = list(data)
        assert [sample["__key__"] for sample in samples] == sorted(sample["__key__"] for sample in samples)
        opened = {(hashlib.sha256(one["png"]).hexdigest(), LABELS[int(one["cls"])]) for one in samples}
        assert opened == expected(odd_project, split)
        assert [json.loads(one["json"])["label"] for one in samples] == [LABELS[int(one["cls"])] for one in samples]
        pictures = [picture for (picture,) in data.decode("rgb8").to_tuple("png")]
        assert {picture.shape for picture in pictures} == {(8, 8, 3)}
    del data
    gc.collect()


def test_fiftyone_s_documented_tree_has_every_picture_under_its_label(odd_project: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert export(odd_project.id, "fiftyone", out).n_images == 9
    for split, name in (("train", "train"), ("valid", "validation")):
        stored = json.loads((out / name / "labels.json").read_text())
        assert stored["classes"] == LABELS
        files = {path.stem: path for path in (out / name / "data").iterdir()}
        assert files.keys() == stored["labels"].keys()
        opened = {(sha_of(files[stem]), LABELS[label]) for stem, label in stored["labels"].items()}
        assert opened == expected(odd_project, split)


def test_pandas_opens_the_table(odd_project: Any, tmp_path: Path) -> None:
    import pandas as pd

    export(odd_project.id, "csv", tmp_path / "pets.csv")
    table = pd.read_csv(tmp_path / "pets.csv", dtype={"label": str})
    assert list(zip(table["label"], table["split"], strict=True)) == ENTRIES
    assert list(table["sha256"]) == odd_project.shas
    assert "path" not in table


def test_cleanlab_ranks_by_the_arrays_of_held_out_answers(make_project: Any, tmp_path: Path) -> None:
    from cleanlab.filter import find_label_issues

    made = make_project(
        [(label, split) for label in ("9:16", "1", "10") for split in ("train", "train", "valid", "valid")]
    )
    projects.add_label(made.id, "nothing yet")
    rows = np.eye(3, dtype=np.float32)[np.repeat([0, 1, 2], 4)] * 0.9 + 0.03
    rows[6] = [0.97, 0.015, 0.015]  # a held-out picture under `1` that looks like `9:16`
    add_run(made.id, rows)
    out = tmp_path / "out"
    assert export(made.id, "cleanlab", out).n_images == 6
    labels, probabilities = np.load(out / "labels.npy"), np.load(out / "pred_probs.npy")
    assert (out / "classes.txt").read_text().splitlines() == ["9:16", "1", "10"]
    assert labels.tolist() == [0, 0, 1, 1, 2, 2]
    np.testing.assert_array_equal(probabilities, rows[[2, 3, 6, 7, 10, 11]])
    assert find_label_issues(labels, probabilities, return_indices_ranked_by="self_confidence").tolist() == [2]
    with (out / "images.csv").open() as file:
        assert [int(row["image"]) for row in csv.DictReader(file)] == [made.image_ids[i] for i in (2, 3, 6, 7, 10, 11)]
    assert "Left out are 6 pictures" in (out / "README.md").read_text()


def test_the_table_beside_the_arrays_counts_formulas_and_is_safe_when_asked(make_project: Any, tmp_path: Path) -> None:
    made = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")])
    with writing() as session:
        session.execute(update(Image).where(Image.id == made.image_ids[5]).values(file_name="=1+1.png"))
    add_run(made.id, [(0.9, 0.1)] * 6)
    for folder, is_for_spreadsheet, name in (("exact", False, "=1+1.png"), ("safe", True, "'=1+1.png")):
        written = export(made.id, "cleanlab", tmp_path / folder, is_for_spreadsheet=is_for_spreadsheet)
        assert written.n_formulas == 1
        with (tmp_path / folder / "images.csv").open() as file:
            assert [row["file_name"] for row in csv.DictReader(file)] == ["2.png", name]


def test_a_picture_that_is_gone_is_named_and_the_rest_is_written(odd_project: Any, tmp_path: Path) -> None:
    from curate import store

    store.remove_blob(odd_project.shas[1])
    for kind, name in (("folders", "a"), ("zip", "b.zip"), ("parquet", "c"), ("webdataset", "d"), ("fiftyone", "e")):
        written = export(odd_project.id, kind, tmp_path / name)
        assert (written.n_images, written.n_left_out) == (8, 1)
        assert written.left_out[0][0] == "1.png" and "No stored picture" in written.left_out[0][1]
    assert images.image_rows(odd_project.image_ids)[1].label_id == odd_project.label_ids["AC/DC"]
