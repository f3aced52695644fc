"""The blind check of flips, the whole way: two runs, the button, the session by keyboard, the difference on Compare."""

from typing import Any

import numpy as np
import pytest

from curate.catalog import projects, runs
from curate.catalog.images import image_rows
from curate.evaluation.checked_flips import CheckedFlips
from curate.review.reports.run_comparison import compare_runs
from curate.review.team import batches, flip_check, sessions
from tests.browser.driving import wait_saved
from tests.browser.test_team import window_of
from tests.factories import add_run

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect

HALF_A_MINUTE = 30_000
N_LABELS = 6


@pytest.fixture
def two_runs(make_app_review: Any) -> tuple[int, int, int]:
    """(project id, ids of two runs): of 12 validation pictures the first run has every third wrong, the second only the
    first of these, for which it predicts another wrong label."""
    project_id = make_app_review(60).project_id
    labels = runs.training_set(project_id).labels
    before, after = labels.copy(), labels.copy()
    before[::3] = (labels[::3] + 1) % N_LABELS
    after[0] = (labels[0] + 2) % N_LABELS
    before_id, after_id = (
        add_run(project_id, np.eye(N_LABELS)[predicted] * 0.8 + 0.02) for predicted in (before, after)
    )
    return project_id, before_id, after_id


def test_flips_are_checked_blind_by_keyboard_and_compare_shows_the_difference(
    app_server: Any, browser: Any, two_runs: tuple[int, int, int]
) -> None:
    project_id, before, after = two_runs
    assert len(compare_runs(runs.find_run(before), runs.find_run(after)).comparison.flips) == 4
    url, names = app_server.url, [label.name for label in projects.labels(project_id)]
    with window_of(browser, url, "Ann") as page:
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(f"{url}/compare?project={project_id}&before={before}&after={after}")
        page.get_by_role("button", name="Check 4 flips blind").click(timeout=HALF_A_MINUTE)
        expect(page.get_by_role("gridcell")).to_have_count(4, timeout=HALF_A_MINUTE)
        (session,) = sessions.of_project(project_id)
        order = batches.current(session.id, "Ann").image_ids
        look_for_leaks(page, names)
        expect(page.get_by_role("button", name="Apply", exact=False)).to_have_count(0)

        # The right label is the one that each picture is filed under.
        key_of = {label.id: str(label.position + 1) for label in projects.labels(project_id)}
        filed = {row.id: row.label_id for row in image_rows(order)}
        page.keyboard.press("k")  # means nothing here
        expect(page.get_by_text("The label is hidden: press the key").first).to_be_visible()
        for image_id in order[:2]:
            page.keyboard.press(key_of[filed[image_id]])
        wait_saved(page)
        page.reload()
        expect(page.get_by_role("gridcell")).to_have_count(4, timeout=HALF_A_MINUTE)
        assert batches.current(session.id, "Ann").image_ids == order
        labels = [page.get_by_role("gridcell").nth(place).get_attribute("aria-label") for place in range(4)]
        assert [("decided: relabel" in label, "undecided" in label) for label in labels] == [
            (True, False), (True, False), (False, True), (False, True),
        ]  # fmt: skip
        page.keyboard.press("End")
        page.keyboard.press(key_of[filed[order[3]]])
        page.keyboard.press("ArrowLeft")
        page.keyboard.press(key_of[filed[order[2]]])
        wait_saved(page)
        page.get_by_role("button", name="See the result").click(timeout=HALF_A_MINUTE)
        expect(page.get_by_text("On checked labels")).to_be_visible(timeout=HALF_A_MINUTE)
        expect(page.get_by_text("Of 4 flips Run 3 is right about 3, Run 2 about 0, neither about 1")).to_be_visible()
        expect(page.get_by_text("4 of 4 flips checked by Ann")).to_be_visible()
    assert not [address for address in fetched if any(part in address for part in ("closeup", "/near", "/heat"))]
    assert flip_check.find(before, after).flips == CheckedFlips(12, 4, n_fixed=3, n_broken=0, n_neither=1)


def look_for_leaks(page: Page, names: list[str]) -> None:
    """Neither the cards nor one picture at a time, nor the help tell of a label or of what a model says."""
    for place in range(4):
        cell = page.get_by_role("gridcell").nth(place)
        told = f"{cell.inner_text()} {cell.get_attribute('aria-label')}"
        assert told.split() == f"Picture {place + 1}, undecided, {place + 1} of 4".split()
    page.keyboard.press(" ")
    page.keyboard.press("h")
    dialog = page.locator("dialog.enlarged")
    expect(dialog.get_by_role("heading", name="Picture 1")).to_be_visible()
    expect(dialog.get_by_text("The model's reason")).to_be_hidden()
    expect(dialog.get_by_text("Its story")).to_have_count(0)
    assert not [name for name in names if name in dialog.locator(".known").inner_text()]
    expect(page.locator("[data-command='keep']").filter(visible=True)).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_text("Delete: it belongs under none of the labels")).to_be_visible()
    expect(page.get_by_text("Keep: the label is right")).to_have_count(0)
    page.keyboard.press("?")
