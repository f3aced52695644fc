"""Two people in one review session, each in a browser of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest

from curate.catalog import projects
from curate.catalog.images import image_rows
from curate.review.listing.views import View
from curate.review.team import batches, sessions
from curate.review.team.sessions import Terms

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect


@pytest.fixture
def session(make_app_review: Any) -> tuple[Any, int]:
    """(review, id of a session over its 60 pictures that each are looked at once)"""
    review = make_app_review(60)
    terms = Terms("Side by side", View(review.run_id, "loss", reviewed="no"))
    return review, sessions.create(review.project_id, "Ann", terms)


@contextmanager
def window_of(browser: Any, url: str, name: str) -> Iterator[Page]:
    """A browser of somebody's own, in which they have said their name."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "curate_reviewer", "value": name, "url": url}])
    yield context.new_page()
    context.close()


def join(page: Page, url: str, review: Any, session_id: int) -> None:
    page.goto(f"{url}/team?project={review.project_id}")
    page.get_by_role("button", name="Join").click(timeout=30_000)
    name = urlencode({"project": projects.find_project(review.project_id).name})
    expect(page).to_have_url(f"{url}/curate?{name}&session={session_id}", timeout=30_000)
    expect(page.get_by_role("gridcell").first).to_be_visible(timeout=30_000)


def test_two_people_share_a_session_and_see_each_other(app_server: Any, browser: Any, session: Any) -> None:
    review, session_id = session
    url = app_server.url
    with window_of(browser, url, "Ann") as ann, window_of(browser, url, "Bea") as bea:
        join(ann, url, review, session_id)
        join(bea, url, review, session_id)
        hers = batches.current(session_id, "Ann").image_ids
        others = batches.current(session_id, "Bea").image_ids
        assert (len(hers), len(others)) == (24, 24)
        assert not set(hers) & set(others)
        for key in "kdk":
            ann.keyboard.press(key)
        expect(ann.get_by_text("All saved")).to_be_visible()
        # Bea sees how far the session is, and who is where.
        expect(bea.get_by_text("3 of 60 settled")).to_be_visible(timeout=10_000)
        expect(bea.get_by_text("at 4")).to_be_visible(timeout=10_000)
        assert [(row.decision, row.decided_by) for row in image_rows(hers[:3])] == [
            ("keep", "Ann"), ("delete", "Ann"), ("keep", "Ann"),
        ]  # fmt: skip
        ann.keyboard.press("Control+z")
        expect(bea.get_by_text("2 of 60 settled")).to_be_visible(timeout=10_000)
        bea.keyboard.press("n")
        expect(bea.get_by_text("2 of", exact=False).first).to_be_visible()
        expect(bea.get_by_role("gridcell")).to_have_count(12, timeout=10_000)
        ann.get_by_role("button", name="Leave").click()
        expect(ann.get_by_role("button", name="Go on")).to_be_visible(timeout=10_000)
        expect(bea.get_by_text("Nobody else is here")).to_be_visible(timeout=10_000)
        ann.get_by_role("button", name="Go on").click()
        expect(ann.get_by_role("gridcell")).to_have_count(24, timeout=15_000)
        assert batches.current(session_id, "Ann").image_ids == hers
