"""History in a real browser: restoring versions and leaving the page afterwards."""

from typing import Any

import pytest


@pytest.fixture
def history(browser: Any, app_server: Any, make_app_review: Any) -> Any:
    """A page on the history of a project with two versions."""
    review = make_app_review(12)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{app_server.url}/history?project={review.project_id}")
    yield page
    context.close()
