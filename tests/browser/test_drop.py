"""Folders and pictures that are dropped together on Gather's upload field: all of them arrive."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import draw


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 1100})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def drop(page: Any, selector: str, paths: list[Path]) -> None:
    """As somebody drops files and folders of their desktop."""
    box = page.locator(selector).bounding_box()
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    files = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": files, **place})


def test_two_folders_and_a_picture_dropped_at_once_are_all_listed(page: Any, app_server: Any, tmp_path: Path) -> None:
    for label, n in (("cats", 4), ("dogs", 3)):
        (tmp_path / label).mkdir()
        for number in range(n):
            (tmp_path / label / f"{number}.png").write_bytes(draw(number, len(label)))
    (tmp_path / "overview.png").write_bytes(draw(9, 9))
    page.goto(f"{app_server.url}/gather?into=new&from=upload")
    page.get_by_text("drop pictures, a folder or a zip").wait_for()
    drop(page, ".uploader", [tmp_path / "cats", tmp_path / "dogs", tmp_path / "overview.png"])
    page.get_by_text(re.compile("On the server: (cats|dogs) and 2 more")).wait_for()
    page.get_by_text("One folder for each label: 7 pictures in 2 labels").wait_for()
    page.get_by_text("1 file stays outside").wait_for()
