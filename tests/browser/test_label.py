"""From a folder of unsorted pictures to a labelled project with a model, by keyboard, in a real browser."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate.catalog import images, projects, runs
from curate.cli import main
from curate.review.deciding import decisions
from tests.browser.conftest import ROOT, start_server
from tests.browser.driving import wait_saved
from tests.browser.test_loop import A_MINUTE, A_TRAINING, Visitor

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 220)}
N_OF_EACH = 40


def coloured(colour: tuple[int, int, int], seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(-25, 25, (32, 32, 3))
    buffer = BytesIO()
    Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def visitor(browser: Any, home: Any, tmp_path: Any) -> Iterator[Visitor]:
    """Somebody whose project holds 120 pictures without a label."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3 * N_OF_EACH):
        name = list(COLOURS)[number % 3]
        (folder / f"{number:03}-{name}.png").write_bytes(coloured(COLOURS[name], number))
    assert main(["import", "Photos", str(folder), "--unlabelled", "--yes"]) == 0
    server = start_server(ROOT / "Home.py", home)
    context = browser.new_context(viewport={"width": 1360, "height": 900}, color_scheme="light")
    yield Visitor(context.new_page(), server.url)
    context.close()
    server.process.terminate()
    server.process.wait(20)


def first_file(visitor: Visitor, project_id: int) -> str:
    """The file name of the first picture that is shown."""
    source = visitor.page.locator(".card img").first.get_attribute("src") or ""
    rows = images.image_rows(images.hashes(project_id).image_ids.tolist())
    return next(row.file_name for row in rows if row.sha in source)


def test_unsorted_pictures_become_a_labelled_project_by_keyboard(visitor: Visitor) -> None:
    project_id = projects.find_project("Photos").id
    visitor.open("label?project=Photos&order=alike")
    visitor.see("Name some groups of alike pictures", A_TRAINING)
    visitor.page.locator(".card").first.click()
    name_groups(visitor, project_id)
    visitor.see("Suggested from", A_MINUTE)
    visitor.shoot("label")
    accept_pages(visitor, project_id)
    visitor.click("Apply 120 decisions")
    visitor.page.get_by_role("dialog").get_by_role("button", name="Apply 120 decisions").click(timeout=A_MINUTE)
    visitor.see("Every picture of the project has a label.")
    for row in images.image_rows(images.hashes(project_id).image_ids.tolist()):
        label = projects.label_names(project_id)[row.label_id]
        assert row.file_name.endswith(f"-{label}.png") and row.split in ("train", "valid")
    assert {(label.n_train, label.n_valid) for label in projects.labels(project_id)} == {(32, 8)}
    visitor.open("train?project=Photos")
    visitor.click("Start quick look")
    visitor.page.get_by_role("link", name="Evaluate Run 1").wait_for(timeout=2 * A_MINUTE)
    [run] = runs.list_runs(project_id, only_done=True)
    assert run.accuracy == 1.0
    visitor.open("export?project=Photos")
    visitor.click("Export 120 pictures")
    visitor.see("120 pictures exported", 2 * A_MINUTE)


def name_groups(visitor: Visitor, project_id: int) -> None:
    """Names every group until each label has some pictures: all of the page, then a key, or a new label's name."""
    known: list[str] = []
    while len(known) < len(COLOURS) or decisions.waiting(project_id).total < 20:
        colour = first_file(visitor, project_id).removesuffix(".png").partition("-")[2]
        visitor.press("a")
        if colour in known:
            visitor.press(str(known.index(colour) + 1))
        else:
            visitor.press("/")
            visitor.page.keyboard.type(colour)
            visitor.press("Enter")
            known.append(colour)
            visitor.page.get_by_text(colour, exact=True).first.wait_for()
        wait_saved(visitor.page)
        before = first_file(visitor, project_id)
        visitor.press("n")
        turn(visitor, project_id, before)


def turn(visitor: Visitor, project_id: int, before: str) -> None:
    """Waits until another picture is the first."""
    for _ in range(100):
        visitor.page.wait_for_timeout(100)
        if first_file(visitor, project_id) != before:
            return
    raise AssertionError(f"no page came after {before}")


def accept_pages(visitor: Visitor, project_id: int) -> None:
    """Accepts what is suggested, the surest first, a page at a time."""
    visitor.open("label?project=Photos&order=sure")
    visitor.page.locator(".card").first.click()
    for _ in range(6):
        visitor.press("a", "Enter")
        wait_saved(visitor.page)
        if decisions.waiting(project_id).total == 3 * N_OF_EACH:
            return
        visitor.press("n")
        visitor.page.wait_for_timeout(1_500)
    raise AssertionError(f"{decisions.waiting(project_id).total} of {3 * N_OF_EACH} have a label")
