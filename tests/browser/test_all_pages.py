"""What holds for every page of the app, as a browser opens it."""

from typing import Any

import pytest


@pytest.mark.parametrize("name", ["", "evaluate"])
def test_a_first_visit_asks_for_nothing_that_is_not_there(browser: Any, app_server: Any, name: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    refused: list[tuple[int, str]] = []
    page.on("response", lambda answer: refused.append((answer.status, answer.url)) if answer.status >= 400 else None)
    page.goto(f"{app_server.url}/{name}")
    page.get_by_test_id("stSidebar").get_by_role("link").first.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    context.close()
    assert refused == []
