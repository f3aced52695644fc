"""The Predict page: a summary of many pictures by label, and removing them all."""

from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from curate.prediction import client
from curate.ui import predict_page


def png(grey: int, size: tuple[int, int] = (8, 8)) -> bytes:
    buffer = BytesIO()
    Image.new("L", size, grey).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_summary_counts_the_pictures_of_each_predicted_label_and_names_the_least_sure():
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.6, 0.4, 0.0], [0.7, 0.2, 0.1]])
    table = predict_page.summarise(probabilities, ["cats", "dogs", "foxes"])
    assert table.to_numpy().tolist() == [["cats", 3, "73 %", "60 %"], ["dogs", 1, "80 %", "80 %"]]


def test_a_label_named_as_a_column_of_the_table_has_a_heading_of_its_own():
    probabilities = np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    table = predict_page.tabulate(["a.png", "b.png"], probabilities, ["file", "predicted", "label file"])
    assert list(table) == ["file", "predicted", "label label file", "label predicted", "label file"]
    assert table.to_numpy().tolist() == [["a.png", "file", 0.5, 0.25, 0.25], ["b.png", "label file", 0.25, 0.25, 0.5]]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model process answers every picture alike, and a text file not at all."""

    def predict(folder, files):
        good = np.array([0.8, 0.2], np.float32)
        return [
            client.Prediction(name, None, "Not a picture.")
            if name.endswith(".txt")
            else client.Prediction(name, good, None)
            for name, _ in files
        ]

    monkeypatch.setattr(client, "predict", predict)
    monkeypatch.setattr(client, "process_of", lambda folder: SimpleNamespace(name="", warm=lambda: None))


def test_many_pictures_are_summed_up_by_label_and_removed_at_once(open_page, small_project, add_run, answering):
    add_run(small_project.id, [(0.5, 0.5)] * 8)
    app = open_page("predict", project=small_project.id)
    files = [("a.png", png(10), "image/png"), ("b.png", png(200), "image/png"), ("c.txt", b"no", "text/plain")]
    app.get("file_uploader")[0].set_value(files).run()
    assert not app.exception
    summary = next(table.value for table in app.dataframe if "Predicted label" in table.value)
    assert summary["Pictures"].tolist() == [2]
    assert any("**2 pictures**, 1 file could not be read" in element.value for element in app.markdown)
    app.button(key="predict_remove_all").click().run()
    assert not app.exception
    assert any("answers as soon as there is a picture" in element.value for element in app.caption)


def test_strips_of_one_pixel_and_the_same_file_twice_are_shown(open_page, small_project, add_run, answering):
    add_run(small_project.id, [(0.5, 0.5)] * 8)
    app = open_page("predict", project=small_project.id)
    sizes = [(1000, 1), (1, 1000), (1, 1), (20_000, 1), (1000, 1)]
    files = [(f"{w}x{h}.png", png(90, (w, h)), "image/png") for w, h in sizes]
    app.get("file_uploader")[0].set_value(files).run()
    assert not app.exception
    pictures = [element.proto.body for element in app.get("html") if "data:image/webp" in element.proto.body]
    assert len(pictures) == 5
