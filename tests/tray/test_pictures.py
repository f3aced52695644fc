"""A visitor's tray: what comes in, what is read again, what is refused, and that nothing stays."""

import gc
import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate import settings, store
from curate.errors import BadInput, BadPicture, NotFound
from curate.model_export import golden
from curate.prediction import client, familiarity
from curate.prediction.client import Prediction
from curate.prediction.familiarity import Familiarity
from curate.tray import answers as answers_module
from curate.tray import pictures
from curate.tray.answers import Answers
from curate.tray.pictures import Tray

Picture = Callable[..., bytes]


def incoming(*files: bytes) -> str:
    folder = store.incoming_folder()
    for number, data in enumerate(files):
        (folder / str(number)).write_bytes(data)
    return folder.name


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_files_folders_and_zips_are_read_again_as_they_came(picture: Picture) -> None:
    tray, data = Tray(), [picture(i) for i in range(4)]
    tray.add_upload(incoming(data[0], data[1]), "folder", ["x/a.png", "x/../../b.png"])
    tray.add_upload(incoming(zipped({"in/c.png": data[2]})), "zip", ["all.zip"])
    tray.add_bytes(data[3], "photo 1.jpg", "camera")
    assert [each.name for each in tray.pictures] == ["x/a.png", "x/b.png", "in/c.png", "photo 1.jpg"]
    assert [tray.read(number) for number in range(4)] == data
    assert list((settings.home() / "incoming").iterdir()) == []


@pytest.mark.parametrize("name", golden.pictures())
def test_pictures_of_every_format_come_back_small(name: str) -> None:
    tray = Tray()
    tray.add_bytes(golden.pictures()[name], name, "upload")
    assert Image.open(io.BytesIO(tray.small(0, "thumb"))).format == "WEBP"


def test_an_upload_that_says_more_than_came_is_refused(picture: Picture) -> None:
    tray = Tray()
    for names in ([], ["a.png", "b.png"]):
        with pytest.raises(NotFound, match="no longer there"):
            tray.add_upload(incoming(picture(1)), "files", names)
    assert tray.pictures == []


def test_its_small_pictures_are_made_once_and_found_by_its_name_only(picture: Picture) -> None:
    tray = Tray()
    tray.add_bytes(picture(1, side=900), "a.png", "upload")
    thumb = pictures.find_tray(tray.name).small(0, "thumb")
    assert max(Image.open(io.BytesIO(thumb)).size) == 320
    assert tray.small(0, "thumb") == thumb
    for number, size in ((1, "thumb"), (-1, "thumb"), (0, "original")):
        with pytest.raises(NotFound):
            tray.small(number, size)
    with pytest.raises(NotFound):
        pictures.find_tray("0" * 32)


def test_nothing_of_it_stays_once_it_is_removed_or_nobody_has_looked_at_it_for_long(picture: Picture) -> None:
    tray, other = Tray(), Tray()
    for each in (tray, other):
        each.add_bytes(picture(1), "a.png", "upload")
    tray.remove()
    assert not tray.folder.exists()
    with pytest.raises(NotFound):
        pictures.find_tray(tray.name)
    with pytest.raises(BadPicture):
        tray.read(0)
    assert pictures.remove_unused() == 0
    os.utime(other.folder, (0, time.time() - pictures.UNUSED_S - 1))
    assert pictures.remove_unused() == 1 and not other.folder.exists()


def test_its_files_go_with_the_last_that_held_it(picture: Picture) -> None:
    tray = Tray()
    tray.add_bytes(picture(1), "a.png", "upload")
    folder = tray.folder
    assert folder.exists()
    del tray
    gc.collect()
    assert not folder.exists()


def test_too_many_pictures_and_a_broken_zip_are_refused_and_leave_nothing(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PICTURES", 2)
    tray = Tray()
    with pytest.raises(BadInput, match="3 pictures are too many"):
        tray.add_upload(incoming(*[b"x"] * 3), "files", ["1", "2", "3"])
    with pytest.raises(BadInput, match="3 pictures are too many"):
        tray.add_upload(incoming(zipped({str(i): b"x" for i in range(3)})), "zip", ["all.zip"])
    with pytest.raises(BadInput, match="not a zip archive"):
        tray.add_upload(incoming(b"no zip"), "zip", ["all.zip"])
    assert tray.pictures == [] and list((settings.home() / "incoming").iterdir()) == []
    assert not [path for path in tray.folder.iterdir() if path.stat().st_size > 10]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names that the model process was asked about, request by request; it answers (0.25, 0.75)."""
    requests: list[list[str]] = []

    def predict(folder: Path, files: list[tuple[str, bytes]]) -> list[Prediction]:
        requests.append([name for name, _ in files])
        is_known = (folder / familiarity.FACTS).exists()
        known = Familiarity(0.5, False, []) if is_known else None
        return [Prediction(name, np.array([0.25, 0.75], np.float32), None, known) for name, _ in files]

    monkeypatch.setattr(client, "predict", predict)
    return requests


def test_answers_come_a_few_at_a_time_and_bad_files_are_named(picture: Picture, asked: list[list[str]]) -> None:
    answers = Answers(Tray())
    answers.tray.add_upload(incoming(*[picture(i) for i in range(10)]), "files", [f"{i}.png" for i in range(10)])
    (answers.tray.folder / answers.tray.pictures[1].file).unlink()
    answers.work([7], 0.0)
    assert asked == [] and answers.n_waiting([7, 8]) == 20 and answers.seconds_left([7]) is None
    answers.work([7], 60.0)
    assert asked[0] == ["0.png", "2.png", "3.png"] and answers.n_waiting([7]) == 0
    assert (answers.of(7)[1].error or "").startswith("The file cannot be opened")
    assert sorted(answers.shas) == [0, *range(2, 10)] and answers.n_waiting([7, 8]) == 10


def test_little_is_held_in_memory_of_large_files(
    picture: Picture, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PART_BYTES", 300)  # a file has some 250
    monkeypatch.setattr(answers_module, "_FIRST", 100)
    answers = Answers(Tray())
    answers.tray.add_upload(incoming(*[picture(i) for i in range(5)]), "files", [str(i) for i in range(5)])
    answers.work([7], 60.0)
    assert [len(request) for request in asked] == [2, 2, 1]


def test_pictures_are_asked_about_again_once_the_known_pictures_are_kept(
    picture: Picture, asked: list[list[str]]
) -> None:
    answers = Answers(Tray())
    answers.tray.add_bytes(picture(1), "a.png", "upload")
    answers.work([7], 60.0)
    answers.work([7], 60.0)
    assert len(asked) == 1 and answers.of(7)[0].familiarity is None
    (store.run_folder(7) / familiarity.FACTS).write_bytes(b"x")
    answers.work([7], 60.0)
    assert len(asked) == 2 and answers.of(7)[0].familiarity is not None
