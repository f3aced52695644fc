"""Uploads on Gather as people make them: pictures with rare endings, and what cannot be taken."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from curate.catalog import images, projects
from tests.browser.conftest import draw
from tests.browser.test_drop import drop

A_MINUTE = 60_000
# What Windows, cameras and scanners call pictures, and Pillow's names of the formats.
RARE = {"web.jfif": "JPEG", "photo.jpe": "JPEG", "scan.jp2": "JPEG2000", "plot.ppm": "PPM", "new.avif": "AVIF"}


@pytest.fixture
def page(browser: Any, app_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The upload field of Gather, for a new project; an error in the browser's console fails the test."""
    monkeypatch.setenv("CURATE_HOME", str(app_server.home))
    context, troubles = browser.new_context(viewport={"width": 1280, "height": 1000}), []
    page = context.new_page()
    page.set_default_timeout(A_MINUTE)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{app_server.url}/gather?from=upload&into=new")
    page.get_by_role("button", name="Choose a folder").wait_for()
    yield page
    context.close()
    assert troubles == []


def labels_of(name: str) -> dict[str, list[str]]:
    """{label: file names} of a project's images."""
    project = next(each for each in projects.list_projects() if each.name == name)
    names = {label.id: label.name for label in projects.labels(project.id)}
    files: dict[str, list[str]] = {label: [] for label in names.values()}
    for row in images.image_rows(images.hashes(project.id).image_ids.tolist()):
        files[names[row.label_id]].append(row.file_name)
    return files


def test_pictures_with_rare_endings_come_in_under_the_label_that_was_typed(page: Any) -> None:
    files = []
    for number, (name, kind) in enumerate(RARE.items()):
        buffer = BytesIO()
        Image.open(BytesIO(draw(number, 5))).save(buffer, kind)
        files.append({"name": name, "mimeType": "", "buffer": buffer.getvalue()})
    page.get_by_role("textbox", name="Name of the new project").fill("Rare endings")
    page.get_by_role("combobox", name="Label").fill("shapes")
    page.keyboard.press("Enter")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files", exact=True).click()  # once it is enabled
    accepted = chooser.value.element.get_attribute("accept").split(",")
    assert {f".{name.rpartition('.')[2]}" for name in RARE} <= set(accepted)
    chooser.value.set_files(files)
    page.get_by_text(f"{len(RARE)} pictures added.").first.wait_for()
    assert {label: sorted(names) for label, names in labels_of("Rare endings").items()} == {"shapes": sorted(RARE)}


def test_what_cannot_be_uploaded_is_said_in_the_field(page: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    drop(page, ".uploader", [tmp_path / "empty"])
    page.get_by_text("There are no files in it.").wait_for()
    zips = [tmp_path / "a.zip", tmp_path / "b.ZIP"]
    for path in zips:
        path.write_bytes(b"PK")
    drop(page, ".uploader", zips)
    page.get_by_text("One zip at a time, without other files.").wait_for()


def test_a_picture_without_a_label_comes_in_only_when_that_is_said(page: Any, tmp_path: Path) -> None:
    (tmp_path / "plot.png").write_bytes(draw(0, 30))
    drop(page, ".uploader", [tmp_path / "plot.png"])
    page.get_by_role("button", name="Import 1 picture without a label").wait_for()
