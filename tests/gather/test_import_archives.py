"""Imports of zip archives, honest, damaged and hostile."""

import contextlib
import copy
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate import store
from curate.catalog import images, projects, versions
from curate.errors import BadInput, BadPicture
from curate.gather import archives, sources
from curate.gather.importing import import_archive


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


def rows(project_id: int) -> list[images.ImageRow]:
    return images.image_rows(images.hashes(project_id).image_ids.tolist())


def counts(project_id: int) -> dict[str, int]:
    return {label.name: label.n_train + label.n_valid for label in projects.labels(project_id)}


def zipped(path: Path, members: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_label_of_more_than_300_characters_is_refused_by_name(project, tmp_path, picture):
    archive = zipped(tmp_path / "long.zip", {f"{'x' * 301}/1.png": picture(1), f"{'y' * 300}/1.png": picture(2)})
    result = import_archive(project, archive, "Ada", ignore)
    assert [reason for _, reason in result.refused] == ["A label's name can have 300 characters; this one has 301."]
    assert counts(project) == {"y" * 300: 1}


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


def test_an_empty_folder_of_an_archive_is_listed(project, tmp_path, picture):
    archive = zipped(tmp_path / "pets.zip", {"cats/1.png": picture(1), "dogs/": b"", ".cache/": b"", "cats/": b""})
    assert import_archive(project, archive, "Ada", ignore).refused == [("dogs/", "The folder is empty.")]


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
            source = archives.ArchiveSource(path, "any.zip", set())
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
