"""Ctrl-Z undoes wherever a page shows an undo, not only in the grid: what was done last, then what came before it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from curate import jobs
from curate.catalog import images, projects
from curate.gather.importing import import_folder
from curate.jobs.context import JobContext
from curate.jobs.work import quality
from curate.review.listing.views import View
from curate.review.team import batches, sessions
from curate.review.team.sessions import Terms
from tests.browser.conftest import draw

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    yield opened
    context.close()


@pytest.fixture
def album(app_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """A project of four pictures that are each there twice: two of them under one label, two under both."""
    monkeypatch.setenv("CURATE_HOME", str(app_server.home))
    labels = {0: ("cats", "cats"), 1: ("dogs", "dogs"), 2: ("cats", "dogs"), 3: ("cats", "dogs")}
    for number, (first, second) in labels.items():
        for label, name in ((first, f"{number}.png"), (second, f"{number} again.png")):
            (tmp_path / "album" / label).mkdir(parents=True, exist_ok=True)
            # The same bytes under one label would come in once.
            ending = name.encode() if first == second else b""
            (tmp_path / "album" / label / name).write_bytes(draw(number, 5) + ending)
    project_id = projects.create_project(f"album {len(projects.list_projects())}")
    import_folder(project_id, tmp_path / "album", "Ada", lambda *_: None)
    quality.run(JobContext(jobs.find_job(jobs.enqueue("quality", project_id, {}))))
    for job in jobs.list_jobs(project_id):
        jobs.cancel(job.id)
    return project_id


def decisions(project_id: int) -> list[str]:
    """The decisions that wait, in alphabetical order."""
    rows = images.image_rows(images.hashes(project_id).image_ids.tolist())
    return sorted(row.decision for row in rows if row.decision)


def await_decisions(page: Page, project_id: int, expected: list[str]) -> None:
    for _ in range(100):
        if decisions(project_id) == expected:
            break
        page.wait_for_timeout(100)
    assert decisions(project_id) == expected
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()


def undo_by_key(page: Page, n_buttons: int = 1) -> None:
    """Press Ctrl-Z once that many undo buttons are on the page: decisions are stored before the page shows them."""
    expect(page.get_by_role("button", name="Undo")).to_have_count(n_buttons)
    expect(page.locator(".st-key-undo_by_key")).to_have_count(1)
    page.keyboard.press("Control+z")


def decide_twice_and_undo_by_key(page: Page, project_id: int, decide: Callable[[], None]) -> None:
    """Two decisions by button; each Ctrl-Z takes the newest one back that still stands."""
    decide()
    await_decisions(page, project_id, ["delete", "keep"])
    decide()
    await_decisions(page, project_id, ["delete", "delete", "keep", "keep"])
    for n_left, expected in enumerate((["delete", "keep"], [])):
        undo_by_key(page, 2 - n_left)
        await_decisions(page, project_id, expected)


def test_on_duplicates_by_key_also_in_bulk_and_after_a_reload(page: Page, app_server: Any, album: int) -> None:
    page.goto(f"{app_server.url}/duplicates?project={album}")
    keep = page.get_by_role("button", name="Keep the best (1)")
    decide_twice_and_undo_by_key(page, album, keep.first.click)
    page.get_by_role("button", name="Keep the best of all").click()
    page.get_by_role("button", name="Mark 2 pictures to be deleted").click()
    await_decisions(page, album, ["delete", "delete"])
    undo_by_key(page)
    await_decisions(page, album, [])
    page.get_by_role("button", name="Not duplicates").first.click()
    page.get_by_text("will not be shown together again").wait_for()
    undo_by_key(page)
    page.get_by_text("will not be shown together again").wait_for(state="detached")
    expect(keep).to_have_count(4)
    keep.first.click()
    await_decisions(page, album, ["delete", "keep"])
    page.goto(f"{app_server.url}/duplicates?project={album}&which=decided")
    undo_by_key(page)
    await_decisions(page, album, [])


def test_on_gather_where_a_picture_lies_under_two_labels(page: Page, app_server: Any, album: int) -> None:
    page.goto(f"{app_server.url}/gather?project={album}")
    decide_twice_and_undo_by_key(page, album, page.get_by_role("button", name="It is cats").first.click)


def test_in_a_session_that_has_nothing_for_me(page: Page, app_server: Any, make_app_review: Any) -> None:
    review = make_app_review(30)
    page.context.add_cookies([{"name": "curate_reviewer", "value": "Ann", "url": app_server.url}])
    page.goto(f"{app_server.url}/curate?project={review.project_id}&run={review.run_id}")
    page.wait_for_selector(".cards:focus .card.cursor", timeout=60_000)
    page.keyboard.press("k")
    page.wait_for_selector(".status[data-state='saved']")
    await_decisions(page, review.project_id, ["keep"])
    terms = Terms("Bea has them all", View(review.run_id, "loss", reviewed="no"))
    session_id = sessions.create(review.project_id, "Bea", terms)
    batches.take_next(session_id, "Bea", 48)
    page.goto(f"{app_server.url}/curate?project={review.project_id}&session={session_id}")
    page.get_by_text("Nothing waits for you at the moment").wait_for()
    page.wait_for_selector(".status[data-state='saved']")
    page.keyboard.press("Control+z")
    await_decisions(page, review.project_id, [])
