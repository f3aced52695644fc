"""Imports from end to end: real files in a folder, a zip or loose, into a real catalog."""

import contextlib
import copy
import errno
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate import pictures as decoding
from curate import store
from curate.catalog import images, projects, versions
from curate.errors import BadInput, BadPicture, NotFound
from curate.gather import sources
from curate.gather.importing import ImportResult, import_archive, import_files, import_folder
from curate.review import apply as applying
from curate.review import decisions

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
HOSTILE = [
    'quo"te\'s', "<img src=x onerror=alert(1)>", "**bold** `code`", "emoji 🐈‍⬛", "back\\slash", "..", "$(rm -rf ~)",
    "%s{0}", "con", "-rf", "ünï", "x" * 250,
]  # fmt: skip


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def project() -> int:
    return projects.create_project("pets")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pets"


def take(project_id: int, folder: Path) -> ImportResult:
    return import_folder(project_id, folder, "Ada", ignore)


def rows(project_id: int) -> list[images.ImageRow]:
    return images.image_rows(images.hashes(project_id).image_ids.tolist())


def counts(project_id: int) -> dict[str, int]:
    return {label.name: label.n_train + label.n_valid for label in projects.labels(project_id)}


def saved(path: Path, picture: Image.Image, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)


def zipped(path: Path, members: dict[str, bytes], **options: object) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_folder_becomes_one_version_with_every_picture_under_its_label(project, folder, pictures):
    paths = pictures(folder, {"cats": 10, "dogs": 5})
    before = {path: path.read_bytes() for path in paths}
    seen: list[tuple[int, int | None, str]] = []
    result = import_folder(project, folder, "Ada", lambda *progress: seen.append(progress))
    assert (result.n_found, result.n_added, result.refused, result.two_labels) == (15, 15, [], [])
    assert counts(project) == {"cats": 10, "dogs": 5}
    assert [(label.n_train, label.n_valid) for label in projects.labels(project)] == [(8, 2), (4, 1)]
    (version,) = versions.list_versions(project)
    assert (version.id, version.message, version.author) == (result.version_id, "Imported 15 images from pets", "Ada")
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == before
    assert (15, 15, "Reading pictures") in seen
    row = rows(project)[0]
    assert (row.file_name, row.width, row.height, row.format) == ("0.png", 8, 8, "PNG")
    assert row.provenance == {"source": "folder", "name": "pets", "path": "cats/0.png"}
    assert store.blob_path(row.sha).read_bytes() == before[folder / "cats" / "0.png"]
    assert store.thumbnail_path(row.sha).stat().st_size > 0


def test_importing_again_adds_only_what_is_new(project, folder, pictures):
    pictures(folder, {"cats": 4})
    first = take(project, folder)
    again = take(project, folder)
    assert (again.n_added, again.n_known, again.version_id) == (0, 4, first.version_id)
    pictures(folder, {"cats": 4, "dogs": 2})
    more = take(project, folder)
    assert (more.n_added, more.n_known) == (2, 4)
    assert [version.number for version in versions.list_versions(project)] == [2, 1]


def test_images_that_are_there_never_change_sides_when_more_come(project, folder, pictures):
    pictures(folder, {"cats": 10})
    take(project, folder)
    sides = {row.id: row.split for row in rows(project)}
    pictures(folder, {"cats": 40})
    take(project, folder)
    assert sides.items() <= {row.id: row.split for row in rows(project)}.items()
    (cats,) = projects.labels(project)
    assert (cats.n_train, cats.n_valid) == (32, 8)


def test_a_deleted_image_does_not_come_back_with_the_next_import(project, folder, pictures):
    pictures(folder, {"cats": 4})
    take(project, folder)
    decisions.decide(project, "Ada", [decisions.Op(1, (rows(project)[0].id,), "delete")], "test")
    applying.apply(project, "Ada")
    assert take(project, folder).n_known == 4
    assert counts(project) == {"cats": 3}


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


def test_hidden_and_system_files_are_left_out_without_a_word(project, folder, pictures):
    pictures(folder, {"cats": 2})
    for name in (".DS_Store", "Thumbs.db", "cats/.hidden.png", "cats/desktop.ini"):
        (folder / name).write_bytes(b"x")
    pictures(folder / "__MACOSX", {"cats": 1}, seed=3)
    pictures(folder, {".git": 1}, seed=4)
    result = take(project, folder)
    assert (result.n_found, result.n_added, result.refused) == (2, 2, [])


def test_links_in_circles_end_and_never_file_one_label_under_another(project, folder, pictures):
    pictures(folder, {"cats": 2, "dogs": 3})
    (folder / "cats" / "up").symlink_to("..")
    (folder / "cats" / "self").symlink_to(".")
    (folder / "dogs" / "up").symlink_to(folder)
    result = take(project, folder)
    assert (counts(project), result.refused) == ({"cats": 2, "dogs": 3}, [])


def test_a_linked_folder_of_pictures_is_followed_once(project, folder, tmp_path, pictures):
    pictures(tmp_path / "elsewhere", {"mice": 3})
    folder.mkdir()
    (folder / "mice").symlink_to(tmp_path / "elsewhere" / "mice")
    pictures(folder, {"cats": 1}, seed=2)
    (folder / "cats" / "a").symlink_to(tmp_path / "elsewhere" / "mice")
    (folder / "cats" / "b").mkdir()
    result = take(project, folder)
    assert counts(project) == {"cats": 4, "mice": 3}
    assert len(result.two_labels) == 3


def test_the_same_bytes_twice_under_one_label_are_one_image(project, folder, pictures, picture):
    pictures(folder, {"cats": 2})
    (folder / "cats" / "copy.png").write_bytes(picture(0))
    (folder / "cats" / "deep").mkdir()
    (folder / "cats" / "deep" / "copy.png").write_bytes(picture(0))
    result = take(project, folder)
    assert (result.n_added, result.n_duplicates) == (2, 2)


def test_the_same_picture_under_two_labels_is_flagged_and_lies_on_one_side(project, folder, pictures, picture):
    pictures(folder, {"cats": 10, "dogs": 10})
    (folder / "dogs" / "wrong.png").write_bytes(picture(3))  # cats/3.png
    result = take(project, folder)
    assert (result.n_added, result.two_labels) == (21, [["cats/3.png", "dogs/wrong.png"]])
    first, second = (row for row in rows(project) if row.sha == images.find_image(project, "wrong.png").sha)
    assert first.split == second.split
    assert first.label_id != second.label_id
    have = images.hashes(project)
    assert have.groups[have.image_ids == second.id].tolist() == [first.id]


def test_a_picture_that_comes_later_under_another_label_joins_its_twin(project, folder, pictures, picture, tmp_path):
    pictures(folder, {"cats": 10, "dogs": 10})
    take(project, folder)
    held_out = next(row for row in rows(project) if row.split == "valid")
    other = tmp_path / "more" / "mice" / "again.png"
    other.parent.mkdir(parents=True)
    other.write_bytes(store.blob_path(held_out.sha).read_bytes())
    result = take(project, tmp_path / "more")
    assert len(result.two_labels) == 1
    again = images.find_image(project, "again.png")
    assert again.split == "valid"
    have = images.hashes(project)
    assert have.groups[np.isin(have.image_ids, [again.id, held_out.id])].tolist() == [held_out.id] * 2


def soft(seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((200, 200), Image.Resampling.BICUBIC)


def test_near_duplicates_share_a_side_now_and_when_they_come_later(project, folder, tmp_path):
    for i in range(20):
        saved(folder / "cats" / f"{i}.png", soft(i))
        if i < 10:
            saved(folder / "cats" / f"{i}-again.jpg", soft(i), quality=50)
    assert take(project, folder).n_near_duplicate_groups == 10
    for i in range(20):
        saved(tmp_path / "later" / "dogs" / f"{i}-small.png", soft(i).resize((90, 90)))
    assert take(project, tmp_path / "later").n_near_duplicate_groups == 20
    have = images.hashes(project)
    for group in set(have.groups.tolist()):
        assert len(set(have.splits[have.groups == group].tolist())) == 1
    assert np.unique(have.groups, return_counts=True)[1].tolist() == [3] * 10 + [2] * 10
    assert set(have.splits.tolist()) == {"train", "valid"}


def test_a_given_split_is_kept_and_leaks_are_moved_to_train_and_listed(project, folder, pictures, picture):
    pictures(folder / "train", {"cats": 2, "dogs": 2})
    pictures(folder / "valid", {"cats": 3, "dogs": 3}, seed=1)
    (folder / "valid" / "cats" / "seen.png").write_bytes(picture(1))  # train/cats/1.png
    saved(folder / "train" / "dogs" / "soft.png", soft(1))
    saved(folder / "valid" / "dogs" / "soft.jpg", soft(1), quality=60)
    result = take(project, folder)
    assert (result.n_found, result.n_added, result.n_duplicates) == (13, 12, 1)
    assert result.leaks == ["valid/cats/seen.png", "valid/dogs/soft.jpg"]
    assert {row.provenance["path"] for row in rows(project) if row.split == "valid"} == {
        f"valid/{label}/{i}.png" for label in ("cats", "dogs") for i in range(3)
    }


def test_a_test_folder_is_held_out_and_the_same_picture_in_train_wins(project, folder, pictures, picture):
    pictures(folder / "train", {"cats": 2})
    pictures(folder / "test", {"cats": 2}, seed=1)
    (folder / "test" / "cats" / "seen.png").write_bytes(picture(0))
    assert take(project, folder).leaks == ["test/cats/seen.png"]
    assert sorted(row.split for row in rows(project)) == ["train", "train", "valid", "valid"]


def test_nested_folders_belong_to_their_label_and_labels_come_in_the_order_of_their_numbers(project, folder, pictures):
    pictures(folder, {"10": 1, "9/old/older": 2, "B": 1, "a": 1})
    take(project, folder)
    assert list(counts(project).items()) == [("9", 2), ("10", 1), ("a", 1), ("B", 1)]


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


def test_a_label_of_more_than_300_characters_is_refused_by_name(project, tmp_path, picture):
    archive = zipped(tmp_path / "long.zip", {f"{'x' * 301}/1.png": picture(1), f"{'y' * 300}/1.png": picture(2)})
    result = import_archive(project, archive, "Ada", ignore)
    assert [reason for _, reason in result.refused] == ["A label's name can have 300 characters; this one has 301."]
    assert counts(project) == {"y" * 300: 1}


def test_a_missing_or_empty_folder_is_said_in_a_sentence(project, folder):
    with pytest.raises(BadInput, match="There is no folder"):
        take(project, folder)
    folder.mkdir()
    with pytest.raises(BadInput, match="There are no files in pets."):
        take(project, folder)
    with pytest.raises(NotFound, match="There is no project 99"):
        take(99, folder)
    assert versions.list_versions(project) == []


def test_only_bad_files_make_no_version(project, folder):
    (folder / "cats").mkdir(parents=True)
    (folder / "cats" / "a.png").write_bytes(b"?")
    result = take(project, folder)
    assert (result.version_id, result.n_added, len(result.refused)) == (0, 0, 1)


def test_a_zip_comes_in_like_the_folder_it_was_made_of(project, tmp_path, picture):
    members = {
        f"pets/{label}/{i}.png": picture(10 * n + i) for n, label in enumerate(("cats", "dogs")) for i in range(5)
    }
    members |= {"pets/README.md": b"# Pets", "__MACOSX/pets/._x": b"", "pets/.DS_Store": b"", "pets/cats/bad.png": b"?"}
    result = import_archive(project, zipped(tmp_path / "upload.tmp", members), "Ada", ignore, name="pets.zip")
    assert (result.n_added, counts(project)) == (10, {"cats": 5, "dogs": 5})
    assert result.refused == [
        ("pets/README.md", "It lies in no label's folder."),
        ("pets/cats/bad.png", "Not a picture in a format that can be read."),
    ]
    assert versions.list_versions(project)[0].message == "Imported 10 images from pets.zip"
    assert rows(project)[0].provenance == {"source": "archive", "name": "pets.zip", "path": "pets/cats/0.png"}


def test_a_zip_with_train_and_val_gives_the_split(project, tmp_path, picture):
    members = {
        f"set/{side}/cats/{i}.png": picture(10 * n + i) for n, side in enumerate(("train", "val")) for i in range(3)
    }
    import_archive(project, zipped(tmp_path / "set.zip", members), "Ada", ignore)
    (cats,) = projects.labels(project)
    assert (cats.n_train, cats.n_valid) == (3, 3)


def test_member_names_that_lead_elsewhere_write_nothing_there(project, tmp_path, picture):
    names = ["../../cats/a.png", "/etc/cats/b.png", "cats/../../../c.png", "..\\..\\cats\\d.png", "C:\\cats\\e.png"]
    archive = zipped(tmp_path / "slip.zip", {name: picture(i) for i, name in enumerate(names)})
    before = sorted(tmp_path.rglob("*"))
    result = import_archive(project, archive, "Ada", ignore)
    assert result.n_added == 5
    assert sum(counts(project).values()) == 5
    home = store.settings.home()
    assert sorted(path for path in tmp_path.rglob("*") if home not in (path, *path.parents)) == [
        path for path in before if home not in (path, *path.parents)
    ]


def test_member_names_in_any_encoding_are_read(project, tmp_path, picture):
    raw = zipped(
        tmp_path / "raw.zip", {"AAAAA/1.png": picture(1), "BBBBB/2.png": picture(2), "CCCCC/3.png": picture(3)}
    )
    data = (
        raw.read_bytes()
        .replace(b"AAAAA", "Küh!".encode())
        .replace(b"BBBBB", b"K\x81hen")
        .replace(b"CCCCC", b"a\x00\x01\\b")
    )
    raw.write_bytes(data)
    assert import_archive(project, raw, "Ada", ignore).n_added == 3
    assert set(counts(project)) == {"Küh!", "Kühen", "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\\b"}


def test_a_member_locked_with_a_password_is_listed(project, tmp_path, picture):
    path = zipped(tmp_path / "locked.zip", {"cats/1.png": picture(1), "cats/2.png": picture(2)})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the first member's flag in the directory
    path.write_bytes(data)
    result = import_archive(project, path, "Ada", ignore)
    assert (result.n_added, result.refused) == (1, [("cats/1.png", "It is locked with a password.")])


def test_a_damaged_member_is_listed_and_the_others_come_in(project, tmp_path, picture):
    path = zipped(tmp_path / "hurt.zip", {f"cats/{i}.png": picture(i) for i in range(3)})
    data = bytearray(path.read_bytes())
    data[data.index(b"\x89PNG") + 100] ^= 255
    path.write_bytes(data)
    result = import_archive(project, path, "Ada", ignore)
    assert (result.n_added, result.refused) == (2, [("cats/0.png", "Its part of the archive is damaged.")])


def test_what_is_no_zip_is_said_in_a_sentence(project, tmp_path):
    path = tmp_path / "fake.zip"
    path.write_bytes(b"not a zip")
    with pytest.raises(BadInput, match="fake.zip is not a zip archive that can be read."):
        import_archive(project, path, "Ada", ignore)


def damaged(data: bytes, seed: int) -> bytes:
    """Twelve bytes changed, and every second time the end cut off."""
    chance = np.random.default_rng(seed)
    changed = bytearray(data)
    for at in chance.integers(0, len(changed), 12):
        changed[at] = chance.integers(256)
    return bytes(changed[: chance.integers(len(changed) // 2, len(changed) + 1)] if seed % 2 else changed)


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_any_damage_to_an_archive_ends_in_a_sentence(tmp_path, picture, kind):
    path = zipped(tmp_path / "any.zip", {f"cats/{i}.png": picture(i) for i in range(3)}, compression=kind)
    whole = path.read_bytes()
    for seed in range(150):
        path.write_bytes(damaged(whole, seed))
        try:
            source = sources.ArchiveSource(path, "any.zip", set())
        except BadInput as error:
            assert str(error).startswith("any.zip ")
            continue
        for entry in source.entries:
            with contextlib.suppress(BadPicture):
                source.read(entry)
        source.close()


def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(project, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("cats/0.bmp", bytes(210_000_000))
        for i in range(1, 10):  # nine more names for the same bytes
            again = copy.copy(archive.infolist()[0])
            again.filename = again.orig_filename = f"cats/{i}.bmp"
            archive.filelist.append(again)
    with pytest.raises(BadInput, match=r"bomb.zip would unpack to 2 GB, \d+,?\d* times its size."):
        import_archive(project, path, "Ada", ignore)


def test_a_member_beyond_the_limit_is_refused_alone(project, tmp_path, picture, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 10_000)
    path = zipped(tmp_path / "one.zip", {"cats/1.png": picture(1), "cats/2.png": bytes(20_000)})
    result = import_archive(project, path, "Ada", ignore)
    assert (result.n_added, [name for name, _ in result.refused]) == (1, ["cats/2.png"])


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


def test_what_report_raises_ends_the_import_and_what_was_read_is_kept(project, folder, pictures):
    pictures(folder, {"cats": 100})

    class Stop(Exception):
        pass

    def stop(done: int, _total: int | None, _message: str) -> None:
        if done == 80:
            raise Stop

    with pytest.raises(Stop):
        import_folder(project, folder, "Ada", stop)
    assert rows(project) == []
    assert take(project, folder).n_added == 100


def test_the_json_result_is_cut_but_counts_everything():
    result = ImportResult(refused=[(f"{i}.png", "no") for i in range(2000)], leaks=["a"])
    stored = result.to_json()
    assert (len(stored["refused"]), stored["n_refused"], stored["n_leaks"], stored["n_two_labels"]) == (500, 2000, 1, 0)


def test_a_picture_whose_bytes_were_erased_meanwhile_is_stored_again(project, folder, pictures):
    pictures(folder, {"cats": 3})
    other = projects.create_project("other")
    take(other, folder)
    sha = rows(other)[0].sha

    def erase(done: int, total: int | None, message: str) -> None:
        if message.startswith("Looking for near"):
            store.remove_blob(sha)  # as emptying the other project's bin does

    import_folder(project, folder, "Ada", erase)
    assert decoding.open_picture(store.blob_path(sha)).size == (8, 8)


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
