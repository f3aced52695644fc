"""Was it worth it? The whole way: quick look, a cell of the matrix decided in place, apply, retrain, blind check of the
flips, ledger, report."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate import store
from curate.catalog import images, projects, runs
from curate.catalog.images import image_rows
from curate.evaluation.checked_flips import CheckedFlips
from curate.review.deciding.decisions import waiting
from curate.review.team import batches, flip_check, sessions
from curate.review.worth import ledger
from tests.browser.conftest import ROOT
from tests.browser.driving import wait_saved
from tests.browser.test_matrix import click_cell

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect

OUT = ROOT / "test-output" / "screenshots"
A_MINUTE = 60_000
REVIEWER = "Ann"
LABELS = ("blue", "green", "red")
COLOURS = {"blue": (60, 60, 190), "green": (110, 150, 60), "red": (150, 110, 60)}
SIDE_PX = 48  # so small that a quick look needs no network
N_OF_EACH, N_TRAIN, N_WRONG = 60, 40, 14  # of each label, of these to train on, of these red ones filed as green


@pytest.fixture
def page(browser: Any, app_server: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 1300}, accept_downloads=True)
    context.add_cookies([{"name": "curate_reviewer", "value": REVIEWER, "url": app_server.url}])
    opened = context.new_page()
    opened.set_default_timeout(A_MINUTE)
    yield opened
    context.close()


@pytest.fixture
def project_id(app_server: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """Pictures of three colours, two of them hard to tell apart; a file's name begins with its true label."""
    monkeypatch.setenv("CURATE_HOME", str(app_server.home))
    made = projects.create_project("Three colours")
    rng, new = np.random.default_rng(5), []
    for label in LABELS:
        for number in range(N_OF_EACH):
            png = picture(COLOURS[label], rng)
            sha = store.add_blob(png)
            images.add_blobs([images.NewBlob(sha, len(png), SIDE_PX, SIDE_PX, "PNG", bytes.fromhex(sha))])
            is_wrong = label == "red" and number < N_WRONG
            split = "train" if number < N_TRAIN else "valid"
            new.append(images.NewImage(sha, "green" if is_wrong else label, f"{label} {number:02}.png", split))
    images.add_images(made, new, "ann", "Imported", list(LABELS))
    return made


def picture(colour: tuple[int, int, int], rng: np.random.Generator) -> bytes:
    shade = np.array(colour) + rng.normal(0, 22, 3)
    pixels = np.clip(shade + rng.normal(0, 30, (SIDE_PX, SIDE_PX, 3)), 0, 255).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_cell_is_put_right_and_what_it_was_worth_is_checked_blind_and_reported(
    page: Page, app_server: Any, project_id: int, tmp_path: Path
) -> None:
    url = app_server.url
    page.goto(f"{url}/train?project={project_id}")
    page.get_by_role("button", name="Start quick look").click()
    page.get_by_role("link", name="Evaluate Run 1").wait_for()
    n_decided = put_a_cell_right(page, url, project_id)
    apply(page, n_decided)
    page.goto(f"{url}/train?project={project_id}")
    page.get_by_role("link", name="Evaluate Run 2").wait_for()  # quick looks are refitted after every apply
    after, before = runs.list_runs(project_id, only_done=True)
    assert after.version_number == 2 == before.version_number + 1

    page.goto(f"{url}/compare?project={project_id}&before={before.id}&after={after.id}")
    checked = check_flips_blind(page, project_id, before, after)
    make_the_ledger(page, before, after, n_decided)
    read_the_report(page, tmp_path / "report.html", checked, n_decided)


def put_a_cell_right(page: Page, url: str, project_id: int) -> int:
    """Relabels the red ones among the training pictures filed as green and predicted as red, in the grid beside."""
    (run,) = runs.list_runs(project_id, only_done=True)
    page.goto(f"{url}/evaluate?project={project_id}&run={run.id}&split=train")
    page.locator(".st-key-matrix .nsewdrag").wait_for()
    click_cell(page, 1, 2, n_labels=3)
    page.get_by_text(re.compile("pictures labelled green, predicted as red")).wait_for()
    cards = page.get_by_role("gridcell")
    expect(cards.first).to_be_visible()
    n_cards = cards.count()
    cards.first.click()
    n_red = 0
    for place in range(n_cards):
        is_red = "red " in (cards.nth(place).get_attribute("aria-label") or "").split(",")[0]
        page.keyboard.press("3" if is_red else "k")
        n_red += is_red
    wait_saved(page)
    counts = waiting(project_id)
    assert (counts.n_relabel, counts.n_keep) == (n_red, n_cards - n_red) and n_red >= 5
    shoot(page, "worth_cell")
    return n_cards


def apply(page: Page, n_decided: int) -> None:
    page.get_by_role("button", name=f"Apply {n_decided} decisions").click()
    page.get_by_text("This makes version 2").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    page.get_by_role("dialog").wait_for(state="detached")


def check_flips_blind(page: Page, project_id: int, before: runs.RunRow, after: runs.RunRow) -> CheckedFlips:
    """Gives every flip its true label by keyboard; returns what Compare then counts."""
    page.get_by_role("button", name=re.compile(r"Check \d+ flips? blind")).click()
    expect(page.get_by_role("gridcell").first).to_be_visible(timeout=A_MINUTE)
    (session,) = sessions.of_project(project_id)
    order = batches.current(session.id, REVIEWER).image_ids
    file_names = {row.id: row.file_name for row in image_rows(order)}
    assert not any(label in page.locator("[role=grid]").inner_text() for label in LABELS)
    for image_id in order:
        page.keyboard.press(str(1 + LABELS.index(file_names[image_id].split()[0])))
    wait_saved(page)
    shoot(page, "worth_blind_check")
    page.get_by_role("button", name="See the result").click()
    flips = flip_check.find(before.id, after.id).flips
    assert flips.is_done and flips.n_flips == len(order) and flips.n_fixed > flips.n_broken
    counted = f"Run 2 is right about {flips.n_fixed}, Run 1 about {flips.n_broken}, neither about {flips.n_neither}"
    page.get_by_text(counted).wait_for()
    return flips


def make_the_ledger(page: Page, before: runs.RunRow, after: runs.RunRow, n_decided: int) -> None:
    page.get_by_role("button", name="Make the ledger").click()
    page.locator(".st-key-ledger_curve .scatterlayer").wait_for()
    made = ledger.read(before, after)
    assert made.n_decisions == made.n_fitted == n_decided
    page.get_by_text(made.sentence).wait_for()
    shoot(page, "worth_compare")


def read_the_report(page: Page, path: Path, flips: CheckedFlips, n_decided: int) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="Report as HTML").click()
    download.value.save_as(path)
    page.goto(path.as_uri())
    expect(page.get_by_text(f"All {flips.n_flips} flips were checked blind")).to_be_visible()
    expect(page.locator("svg").first).to_be_visible()
    expect(page.get_by_text(f"{n_decided} decisions", exact=False).first).to_be_visible()
    assert page.locator("figure img").count() >= flips.n_fixed
    shoot(page, "worth_report")


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(1_200)  # figures fade in; nothing to await
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"{name}.png", full_page=True)
