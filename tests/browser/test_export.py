"""The Export page in a browser: an export runs, comes as a download, and is deleted; nothing is cut on a phone."""

import io
import zipfile
from typing import Any

import pytest

from curate.catalog import exports


@pytest.mark.parametrize("width", [1280, 390])
def test_an_export_is_made_downloaded_and_deleted(
    browser: Any, app_server: Any, make_app_review: Any, width: int
) -> None:
    review = make_app_review(60)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{app_server.url}/export?project={review.project_id}&format=folders")
    page.get_by_role("button", name="Export 60 pictures").click()
    link = page.get_by_role("link", name="Download", exact=True)
    link.wait_for()
    assert "60 pictures, " in page.get_by_test_id("stMain").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith("-v1.zip")
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert archive.testzip() is None
        assert sum(name.endswith(".png") for name in archive.namelist()) == 60
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("Nothing has been exported yet.").wait_for()
    assert exports.list_exports(review.project_id) == []
    context.close()
