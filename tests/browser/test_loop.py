"""The whole loop on the sample project, in a real browser, as a newcomer goes through it: mostly by keyboard.

The screenshots in the README are this test's (`make screenshots`).
"""

import zipfile
from collections.abc import Iterator

import pytest

from curate import store
from curate.catalog import projects, runs, versions
from curate.gather import planted
from curate.review.listing import pages
from curate.review.listing.pages import View
from curate.review.reports import run_comparison
from tests.browser.conftest import ROOT, start_server

OUT = ROOT / "test-output" / "screenshots"
A_MINUTE, A_TRAINING = 60_000, 400_000
PAGES_REVIEWED = 2


class Visitor:
    """Somebody at the screen: looks, clicks by words, presses keys."""

    def __init__(self, page, url: str) -> None:
        self.page, self.url = page, url

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}/{path}")

    def click(self, words: str, exact: bool = False) -> None:
        self.page.get_by_role("button", name=words, exact=exact).first.click(timeout=A_MINUTE)

    def see(self, words: str, timeout: int = A_MINUTE) -> None:
        self.page.get_by_text(words).filter(visible=True).first.wait_for(timeout=timeout)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def shoot(self, name: str) -> None:
        self.page.wait_for_timeout(1_200)  # figures fade in; nothing to await
        OUT.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=OUT / f"{name}.png")


@pytest.fixture
def visitor(browser, home) -> Iterator[Visitor]:
    """Somebody who opens an app in which nothing is yet."""
    home.mkdir()
    server = start_server(ROOT / "Home.py", home)
    context = browser.new_context(viewport={"width": 1360, "height": 900}, color_scheme="light")
    yield Visitor(context.new_page(), server.url)
    context.close()
    server.process.terminate()
    server.process.wait(20)


def test_a_newcomer_trains_cleans_retrains_and_reads_what_it_was_worth(visitor):
    project_id = open_the_sample(visitor)
    first = train(visitor, "Start training", "train")
    look_at_the_matrix(visitor, first)
    review_by_keyboard(visitor, project_id, first)
    apply(visitor, project_id)
    second = train(visitor, "Retrain on version 2", None)
    compare(visitor, project_id, first, second)
    predict(visitor, project_id)
    export(visitor, project_id)
    visitor.open(f"history?project={project_id}")
    visitor.see("Version 2")
    visitor.shoot("history")


def open_the_sample(visitor: Visitor) -> int:
    visitor.open("")
    visitor.see("Find the wrong labels in your pictures")
    visitor.shoot("start")
    visitor.click("Open the sample project")
    visitor.see("You found 0 of 90 planted problems", 2 * A_MINUTE)
    visitor.shoot("overview")
    return next(project.id for project in projects.list_projects() if project.is_sample)


def train(visitor: Visitor, words: str, picture: str | None) -> runs.RunRow:
    project_id = next(project.id for project in projects.list_projects() if project.is_sample)
    n_before = len(runs.list_runs(project_id, only_done=True))
    visitor.open(f"train?project={project_id}")
    visitor.click(words)
    visitor.page.get_by_text("images a second", exact=False).or_(
        visitor.page.get_by_text("Images a second")
    ).first.wait_for(timeout=A_TRAINING)
    if picture:
        visitor.page.get_by_test_id("stPlotlyChart").first.wait_for(timeout=A_TRAINING)
        visitor.shoot(picture)
    visitor.page.get_by_role("link", name=f"Evaluate Run {n_before + 1}").wait_for(timeout=A_TRAINING)
    return runs.numbered_run(project_id, n_before + 1)


def look_at_the_matrix(visitor: Visitor, run: runs.RunRow) -> None:
    cells = runs.cell_counts(run.id, "valid")
    wrong = cells[cells["label_id"] != cells["predicted_id"]].sort_values("n").iloc[-1]
    visitor.open(
        f"evaluate?project={run.project_id}&run={run.id}&actual={wrong['label_id']}&predicted={wrong['predicted_id']}"
    )
    visitor.see("Open in Curate")
    visitor.page.locator("[role=gridcell]").first.wait_for(timeout=A_MINUTE)
    visitor.shoot("evaluate")
    visitor.page.get_by_text("Open in Curate").first.click()
    visitor.page.wait_for_url("**/curate?**")
    visitor.page.locator("[role=gridcell]").first.wait_for(timeout=A_MINUTE)
    assert visitor.page.locator("[role=gridcell]").count() == wrong["n"]


def review_by_keyboard(visitor: Visitor, project_id: int, run: runs.RunRow) -> None:
    """Put right what the first pages show, as a person does who sees which digit it is."""
    problems = projects.planted(project_id)
    key_of = {label.name: str(label.position + 1) for label in projects.labels(project_id) if label.position < 9}
    visitor.open(f"curate?project={project_id}&run={run.id}")
    visitor.page.locator("[role=gridcell]").first.wait_for(timeout=A_MINUTE)
    after = None
    for number in range(1, PAGES_REVIEWED + 1):
        page = pages.find_page(View(run.id, sort="doubt", reviewed="no"), number, 48, after)
        visitor.see(f"{number} of 38")
        for item in page.items:
            visitor.press(*keys_for(problems.get(item.image_id), key_of))
        visitor.see("All saved")
        after = page.after
        visitor.shoot(f"curate_{number}") if number == 1 else None
        visitor.press("n")
    progress = planted.count_found(project_id)
    assert progress.n_decided >= 60, progress


def keys_for(problem: dict | None, key_of: dict[str, str]) -> list[str]:
    if problem is None:
        return ["k"]
    if problem["kind"] != planted.SWAPPED:
        return ["d"]
    # The tenth label has no key of its own: it is found by typing.
    return [key_of[problem["label"]]] if problem["label"] in key_of else ["/", *problem["label"], "Enter"]


def apply(visitor: Visitor, project_id: int) -> None:
    visitor.click(f"Apply {PAGES_REVIEWED * 48} decisions")
    visitor.see("This makes version 2")
    visitor.shoot("apply")
    visitor.page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    visitor.page.get_by_role("button", name="Retrain on version 2").wait_for(timeout=A_MINUTE)
    assert versions.list_versions(project_id)[0].number == 2
    assert planted.count_found(project_id).n_found >= 60


def compare(visitor: Visitor, project_id: int, first: runs.RunRow, second: runs.RunRow) -> None:
    assert second.accuracy > first.accuracy
    assert second.config == first.config
    made = run_comparison.compare_runs(first, second)
    visitor.open(f"compare?project={project_id}")
    visitor.see(made.comparison.verdict)
    visitor.page.get_by_test_id("stPlotlyChart").first.wait_for(timeout=A_MINUTE)
    visitor.shoot("compare")


def predict(visitor: Visitor, project_id: int) -> None:
    visitor.open(f"predict?project={project_id}")
    three = next(label for label in projects.labels(project_id) if label.name == "three")
    newest = runs.numbered_run(project_id, None)
    sure = next(
        item
        for item in pages.find_page(View(newest.id, "right", label_id=three.id), 1, 24).items
        if item.predicted_id == three.id
    )
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": store.blob_path(sure.sha).read_bytes()}
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"not a picture"}
    with visitor.page.expect_file_chooser() as chooser:
        visitor.page.get_by_role("button", name="Choose files", exact=True).click()
    chooser.value.set_files([file, broken])
    visitor.see("broken.png")
    visitor.page.get_by_role("button", name="mine.png").click(timeout=A_MINUTE)
    visitor.page.get_by_test_id("stPlotlyChart").first.wait_for(timeout=2 * A_MINUTE)
    visitor.see("three")
    visitor.see("The known pictures most like it", timeout=2 * A_MINUTE)
    visitor.shoot("predict")


def export(visitor: Visitor, project_id: int) -> None:
    """Take the second version along as a zip."""
    n = projects.find_project(project_id).n_images
    visitor.open(f"export?project={project_id}")
    visitor.click(f"Export {n:,} pictures")
    link = visitor.page.get_by_role("link", name="Download", exact=True)
    link.wait_for(timeout=2 * A_MINUTE)
    visitor.shoot("export")
    with visitor.page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sum(name.endswith(".png") for name in archive.namelist()) == n
