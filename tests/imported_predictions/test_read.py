"""Tables of predictions: read, or refused with a sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from curate.errors import BadInput
from curate.imported_predictions.read import read_file, read_frame

LABELS = ["cats", "dogs", "9:16"]


def written(tmp_path: Path, text: str, name: str = "p.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_a_column_per_label_is_found_by_name_and_the_others_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "file,dogs,loss,9:16,cats\n001,0.25,7,0.25,0.5\nb.png,0,7,1,0\n")
    read = read_file(path, LABELS)
    assert (read.keys, read.labels, read.ignored, read.is_whole) == (["001", "b.png"], LABELS, ["loss"], True)
    assert read.probabilities.tolist() == [[0.5, 0.25, 0.25], [0, 0, 1]]


def test_csv_parquet_npz_and_a_frame_read_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sha256": ["a" * 64, "b" * 64], "cats": [0.5, 0.1], "dogs": [0.5, 0.9]})
    frame.to_csv(tmp_path / "p.csv", index=False, sep=";")
    frame.to_parquet(tmp_path / "p.parquet")
    numbers = frame[["cats", "dogs"]].to_numpy()
    np.savez(
        tmp_path / "p.npz",
        sha256=frame["sha256"].to_numpy(str),
        labels=np.array(["cats", "dogs"]),
        probabilities=numbers,
    )
    expected = read_frame(frame, LABELS)
    for name in ("p.csv", "p.parquet", "p.npz"):
        read = read_file(tmp_path / name, LABELS)
        assert (read.keys, read.labels) == (expected.keys, ["cats", "dogs"])
        np.testing.assert_allclose(read.probabilities, expected.probabilities)


def test_the_index_of_a_frame_may_name_the_files() -> None:
    frame = pd.DataFrame({"cats": [1.0], "dogs": [0.0]}, index=["cats/1.jpg"])
    assert read_frame(frame, LABELS).keys == ["cats/1.jpg"]


def test_logits_are_refused_until_they_are_called_so(tmp_path: Path) -> None:
    path = written(tmp_path, "file,cats,dogs\na.png,2,0\nb.png,-1000,1000\n")
    with pytest.raises(BadInput, match=r"Row 1 of p.csv holds no probabilities: its numbers sum to 2"):
        read_file(path, LABELS)
    read = read_file(path, LABELS, is_logits=True)
    np.testing.assert_allclose(read.probabilities, [[0.880797, 0.119203], [0.0, 1.0]], atol=1e-6)


def test_rounded_probabilities_are_made_to_sum_to_one_and_gaps_are_no_numbers(tmp_path: Path) -> None:
    read = read_file(
        written(tmp_path, "file,cats,dogs\na.png,0.33,0.66\nb.png,,0.5\nc.png,x,0.5\n".replace("x", "")), LABELS
    )
    np.testing.assert_allclose(read.probabilities[0], [1 / 3, 2 / 3], rtol=1e-6)
    assert np.isnan(read.probabilities[1:]).all()


def test_a_label_and_a_score_will_do(tmp_path: Path) -> None:
    read = read_file(written(tmp_path, "filename,prediction,confidence\na.png,dogs,0.75\nb.png,cats,\n"), LABELS)
    assert (read.labels, read.is_whole) == (["cats", "dogs"], False)
    assert read.probabilities[0].tolist() == [0, 0.75]
    assert np.isnan(read.probabilities[1, 0])


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("p.pkl", b"\x80\x04", "reading a pickle can run any program"),
        ("p.pth", b"PK", "reading a pickle can run any program"),
        ("p.csv", b"cats,dogs\n1,0\n", "no column that names pictures"),
        ("p.csv", b"file,birds\na,1\n", "neither a column for each label nor"),
        ("p.csv", b"file,label,score\na,cats,7\n", "outside 0 to 1"),
        ("p.parquet", b"PAR1 and no more", "p.parquet cannot be read"),
        ("p.npz", b"PK and no more", "p.npz cannot be read"),
        ("p.csv", b"", "p.csv cannot be read"),
        ("p.xlsx", b"PK", "no table that can be read"),
    ],
)
def test_what_is_no_table_of_predictions_says_so(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=sentence):
        read_file(tmp_path / name, LABELS)


def test_an_npz_of_python_objects_is_not_loaded(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "p.npz", files=np.array(["a", {}], object), labels=np.array(["cats"]), probabilities=np.ones((2, 1))
    )
    with pytest.raises(BadInput, match="cannot be read"):
        read_file(tmp_path / "p.npz", LABELS)
