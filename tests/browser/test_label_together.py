"""Two people label one heap of pictures in one session, each in a window of their own."""

from typing import Any

import pytest

from curate.catalog import images, projects
from curate.catalog.tables.core import UNLABELLED
from curate.review.team import batches, sessions

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

from tests.browser.test_loop import OUT
from tests.browser.test_team import window_of


def test_two_people_in_one_labelling_session_get_different_pictures(
    app_server: Any, browser: Any, make_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_HOME", str(app_server.home))
    project = make_project([("cats", "train"), ("dogs", "train"), *[(UNLABELLED, "")] * 60], name="heap")
    url = app_server.url
    with window_of(browser, url, "Ann") as ann, window_of(browser, url, "Bea") as bea:
        ann.goto(f"{url}/team?project=heap")
        ann.get_by_role("button", name="Start and join").click(timeout=30_000)
        expect(ann.get_by_role("gridcell")).to_have_count(24, timeout=30_000)
        assert "/label?" in ann.url
        bea.goto(f"{url}/team?project=heap")
        bea.get_by_role("button", name="Join").click(timeout=30_000)
        expect(bea.get_by_role("gridcell")).to_have_count(24, timeout=30_000)
        [session] = sessions.of_project(project.id)
        hers, others = (batches.current(session.id, name).image_ids for name in ("Ann", "Bea"))
        assert len(set(hers) | set(others)) == 48
        ann.get_by_role("gridcell").first.click()
        for key in "12":
            ann.keyboard.press(key)
        expect(ann.get_by_text("All saved")).to_be_visible()
        expect(bea.get_by_text("2 of 60 settled")).to_be_visible(timeout=10_000)
        rows = {row.id: row for row in images.image_rows(hers)}
        names = projects.label_names(project.id)
        assert [names[rows[image_id].decision_label_id] for image_id in hers[:2]] == ["cats", "dogs"]
        OUT.mkdir(parents=True, exist_ok=True)
        ann.screenshot(path=OUT / "label_together.png")
