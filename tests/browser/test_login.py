"""Logging in with OpenID Connect, against a provider of the test's own, in a real browser."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import ROOT, free_port, start_server

ADA = re.compile("ada@.?example")  # an invisible sign keeps Streamlit from making a link of it
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "drawn for this test alone"
client_id = "curate"
client_secret = "hush"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


def test_nobody_sees_a_page_or_picture_before_logging_in_and_then_decides_by_that_name(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.browser.conftest import make_project
    from tests.browser.provider import provider

    (tmp_path / "home").mkdir()
    monkeypatch.setenv("CURATE_HOME", str(tmp_path / "home"))
    review = make_project(24)
    with provider() as address:
        port = free_port()
        secrets = tmp_path / "secrets.toml"
        secrets.write_text(SECRETS.format(port=port, provider=address))
        monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
        server = start_server(ROOT / "Home.py", tmp_path / "home", port)
        try:
            _log_in_and_decide(browser, server.url, review)
        finally:
            server.process.terminate()
            server.process.wait(20)


def _log_in_and_decide(browser: Any, url: str, review: Any) -> None:
    from curate.catalog.images import image_rows

    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(30_000)
    sha = image_rows(review.image_ids[:1])[0].sha
    page.goto(f"{url}/curate?project={review.project_id}")
    page.get_by_role("button", name="Log in").wait_for()
    assert page.get_by_text("Project 1").count() == 0
    assert context.request.get(f"{url}/images/{sha}/thumb").status == 403
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name=ADA).wait_for()
    assert context.request.get(f"{url}/images/{sha}/thumb").status == 200
    page.goto(f"{url}/curate?project={review.project_id}")
    page.wait_for_selector(".cards:focus .card.cursor", timeout=60_000)
    page.keyboard.press("k")
    page.wait_for_selector(".card[data-decision='keep']")
    page.wait_for_selector(".status[data-state='saved']")
    decided = {row.decided_by for row in image_rows(review.image_ids) if row.decision}
    assert decided == {"ada@example.org"}
    page.get_by_role("button", name=ADA).click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in").wait_for()
    assert context.request.get(f"{url}/images/{sha}/thumb").status == 403
    context.close()
