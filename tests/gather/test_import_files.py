"""Imports of odd files: bad ones, unusual pictures, hostile names, loose uploads, real photos."""

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate import store
from curate.catalog import images, projects
from curate.errors import BadInput
from curate.gather import sources
from curate.gather.importing import ImportResult, import_files, import_folder

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
HOSTILE = [
    'quo"te\'s', "<img src=x onerror=alert(1)>", "**bold** `code`", "emoji 🐈‍⬛", "back\\slash", "..", "$(rm -rf ~)",
    "%s{0}", "con", "-rf", "ünï", "x" * 250,
]  # fmt: skip


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


def take(project_id: int, folder: Path) -> ImportResult:
    return import_folder(project_id, folder, "Ada", ignore)


def rows(project_id: int) -> list[images.ImageRow]:
    return images.image_rows(images.hashes(project_id).image_ids.tolist())


def counts(project_id: int) -> dict[str, int]:
    return {label.name: label.n_train + label.n_valid for label in projects.labels(project_id)}


def saved(path: Path, picture: Image.Image, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)


def soft(seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((200, 200), Image.Resampling.BICUBIC)


def test_bad_files_are_named_with_their_reason_and_the_rest_comes_in(project, folder, pictures, picture):
    pictures(folder, {"cats": 3})
    (folder / "cats" / "empty.png").write_bytes(b"")
    (folder / "cats" / "notes.txt").write_text("seen on Monday")
    (folder / "cats" / "cut.png").write_bytes(picture(50, side=64)[:3000])
    (folder / "cats" / "gone.png").symlink_to("nowhere")
    (folder / "cats" / "round.png").symlink_to("round.png")
    (folder / "loose.png").write_bytes(picture(51))
    os.mkfifo(folder / "cats" / "pipe.png")
    result = take(project, folder)
    assert (result.n_found, result.n_added) == (10, 3)
    assert dict(result.refused) == {
        "loose.png": "It lies in no label's folder.",
        "cats/cut.png": "The picture file is cut short.",
        "cats/empty.png": "Not a readable picture: the file is empty.",
        "cats/gone.png": f"The file cannot be opened: {os.strerror(errno.ENOENT)}.",
        "cats/notes.txt": "Not a picture in a format that can be read.",
        "cats/pipe.png": "It is a device or a pipe, not a file.",
        "cats/round.png": f"The file cannot be opened: {os.strerror(errno.ELOOP)}.",
    }
    assert len(list(folder.rglob("*.*"))) == 10
    stored = {path.name for path in (store.settings.home() / "blobs").rglob("*") if path.is_file()}
    assert stored == {row.sha[2:] for row in rows(project)}


def test_a_file_beyond_the_limit_is_refused_without_being_read(project, folder, pictures, monkeypatch):
    pictures(folder, {"cats": 2})
    with (folder / "cats" / "film.png").open("wb") as file:
        file.truncate(sources.MAX_FILE_BYTES + 1_000_000)
    assert take(project, folder).refused == [("cats/film.png", "The file has 501 MB; the limit is 500 MB.")]


@pytest.mark.parametrize(
    ("name", "picture", "options", "pixels"),
    [
        ("cmyk.jpg", Image.new("CMYK", (8, 8), (0, 255, 255, 0)), {}, [(254, 0, 0)] * 2),
        ("palette.gif", Image.new("P", (8, 8), 0), {}, [(0, 0, 0)] * 2),
        ("deep.png", Image.fromarray(np.full((8, 8), 65535, np.uint16)), {}, [WHITE] * 2),
        ("clear.png", Image.new("RGBA", (8, 8), (255, 0, 0, 0)), {}, [WHITE] * 2),
        (
            "moving.gif", Image.new("RGB", (8, 8), RED),
            {"save_all": True, "append_images": [Image.new("RGB", (8, 8), BLUE)]}, [RED] * 2,
        ),
        ("moving.webp", Image.new("RGB", (8, 8), WHITE),
            {"save_all": True, "append_images": [Image.new("RGB", (8, 8), BLUE)], "lossless": True}, [WHITE] * 2),
    ],
)  # fmt: skip
def test_unusual_pictures_come_in_with_the_right_colours(project, folder, name, picture, options, pixels):
    saved(folder / "odd" / name, picture, **options)
    assert take(project, folder).refused == []
    (row,) = rows(project)
    shown = Image.open(store.thumbnail_path(row.sha)).convert("RGB")
    found = [shown.getpixel(spot) for spot in ((0, 0), (7, 7))]
    assert np.abs(np.subtract(found, pixels)).max() <= 2


def test_a_photo_taken_on_its_side_stands_upright(project, folder):
    photo = Image.new("RGB", (40, 20), BLUE)
    photo.paste(RED, (0, 0, 20, 20))  # red left, blue right; turned by the camera to red top, blue bottom
    exif = Image.Exif()
    exif[0x0112] = 6
    saved(folder / "odd" / "side.jpg", photo, exif=exif, quality=95, subsampling=0)
    take(project, folder)
    (row,) = rows(project)
    assert (row.width, row.height, row.format) == (20, 40, "JPEG")
    shown = Image.open(store.thumbnail_path(row.sha)).convert("RGB")
    assert shown.size == (20, 40)
    assert np.abs(np.subtract([shown.getpixel((10, 3)), shown.getpixel((10, 36))], [RED, BLUE])).max() < 20


def test_a_large_photo_is_hashed_like_its_small_copy(project, folder):
    saved(folder / "odd" / "large.jpg", soft(1).resize((3000, 2000)), quality=90)
    saved(folder / "odd" / "small.jpg", soft(1).resize((300, 200)), quality=90)
    assert take(project, folder).n_near_duplicate_groups == 1


def test_a_cut_short_large_photo_is_found_although_it_is_decoded_small(project, folder):
    saved(folder / "odd" / "large.jpg", soft(1).resize((3000, 2000)), quality=90)
    data = (folder / "odd" / "large.jpg").read_bytes()
    (folder / "odd" / "large.jpg").write_bytes(data[: len(data) * 9 // 10])
    assert take(project, folder).refused == [("odd/large.jpg", "The picture file is cut short.")]


def test_too_many_pixels_are_refused(project, folder, monkeypatch):
    monkeypatch.setenv("CURATE_MAX_PIXELS", "1000")
    saved(folder / "odd" / "bomb.png", Image.new("RGB", (100, 100)))
    ((_, reason),) = take(project, folder).refused
    assert reason == "The picture has 100 x 100 = 10,000 pixels; the limit is 1,000."


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != ".."])
def test_hostile_names_of_folders_and_files_are_only_words(project, folder, picture, name):
    for label, n in ((name, 1), ("cats", 2)):
        (folder / label).mkdir(parents=True)
        (folder / label / f"{name[:240]}.png").write_bytes(picture(n))
    assert take(project, folder).refused == []
    assert counts(project) == {name: 1, "cats": 1}
    assert {row.file_name for row in rows(project)} == {f"{name[:240]}.png"}


def test_names_that_are_no_utf_8_survive(project, tmp_path, picture):
    label = tmp_path / "old" / os.fsdecode(b"stra\xdfe")  # Latin-1, as old archives have it
    label.mkdir(parents=True)
    (label / os.fsdecode(b"fu\xdf.png")).write_bytes(picture(1))
    (label / os.fsdecode(b"b\xff\x01d.png")).write_bytes(b"no picture")
    result = take(project, tmp_path / "old")
    assert counts(project) == {"straße": 1}
    assert rows(project)[0].file_name == "fuß.png"
    assert result.refused[0][0] == "straße/bÿ\N{REPLACEMENT CHARACTER}d.png"


def test_letters_with_their_accents_apart_are_the_same_label(project, folder, picture):
    for n, name in enumerate(("caf\u00e9", "cafe\u0301")):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{n}.png").write_bytes(picture(n))
    (folder / "dogs").mkdir()
    take(project, folder)
    assert counts(project) == {"café": 2}


def test_only_bad_files_make_no_version(project, folder):
    (folder / "cats").mkdir(parents=True)
    (folder / "cats" / "a.png").write_bytes(b"?")
    result = take(project, folder)
    assert (result.version_id, result.n_added, len(result.refused)) == (0, 0, 1)


def test_loose_files_are_filed_under_the_label_they_were_given(project, tmp_path, picture):
    files = []
    for i, name in enumerate(["a.png", "../../b.png", '<b>"c"</b>.png', "x" * 400 + ".png", "", "a.png"]):
        path = tmp_path / f"upload-{i}"
        path.write_bytes(picture(i))
        files.append((name, path))
    (tmp_path / "upload-x").write_bytes(b"?")
    result = import_files(project, " Cats ", [*files, ("bad.png", tmp_path / "upload-x")], "Ada", ignore)
    assert counts(project) == {"Cats": 6}
    assert result.refused == [("bad.png", "Not a picture in a format that can be read.")]
    assert [row.file_name for row in rows(project)] == [
        "a.png", "b.png", "b>.png", "x" * 400 + ".png", "unnamed", "a.png",
    ]  # fmt: skip


def test_loose_files_need_a_label(project, tmp_path):
    with pytest.raises(BadInput, match="A label needs a name."):
        import_files(project, "  ", [("a.png", tmp_path)], "Ada", ignore)


def test_real_photos_come_in_with_their_three_known_errors(project, folder, shared_data):
    photos = shared_data / "photos" / "trashnet"
    twins = {"glass": (115, 176, 389), "metal": (91,), "plastic": (152, 332)}
    for label, numbers in twins.items():
        (folder / label).mkdir(parents=True)
        for number in (*range(1, 30), *numbers):
            (folder / label / f"{label}{number}.jpg").symlink_to(photos / label / f"{label}{number}.jpg")
    result = take(project, folder)
    assert (result.n_added, result.refused) == (93, [])
    assert result.two_labels == [
        ["glass/glass115.jpg", "metal/metal91.jpg"],
        ["glass/glass176.jpg", "plastic/plastic152.jpg"],
        ["glass/glass389.jpg", "plastic/plastic332.jpg"],
    ]
    assert [label.n_valid for label in projects.labels(project)] == [6, 6, 6]
