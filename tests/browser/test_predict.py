"""The Predict page in a browser, with a real model: dropped, pasted, answered one by one, added to the project."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from curate.catalog import images, projects, runs
from tests.browser.conftest import ROOT, draw

STRIPS = {"wide.png": (1000, 1), "tall.png": (1, 1000), "dot.png": (1, 1)}
A_MINUTE = 60_000
PASTE = """([name, type, text]) => {
  const data = new DataTransfer();
  if (type) data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type }));
  else data.setData("text/plain", text);
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def png(size: tuple[int, int]) -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize(size).save(file, "PNG")
    return file.getvalue()


def take_quick_look(home: Path, project_id: int) -> int:
    """Id of a run with a model that answers, made by the command line."""
    name = projects.find_project(project_id).name
    environment = os.environ | {"CURATE_HOME": str(home), "CURATE_STANDBY_MINUTES": "0", "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-m", "curate", "quick", name, "--arch", "pixels"], cwd=ROOT, env=environment, check=True
    )
    return runs.list_runs(project_id)[0].id


def choose_files(page: Any, files: dict[str, bytes]) -> None:
    button = page.get_by_role("button", name="Choose files", exact=True)
    button.wait_for(timeout=A_MINUTE)
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files([{"name": name, "mimeType": "image/png", "buffer": data} for name, data in files.items()])


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page in a browser of its own; an error in its console fails the test."""
    context, troubles = browser.new_context(viewport={"width": 1280, "height": 1400}), []
    page = context.new_page()
    page.set_default_timeout(A_MINUTE)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    context.close()
    assert troubles == []


def test_strips_of_one_pixel_are_shown_beside_their_probabilities(
    page: Any, app_server: Any, make_app_review: Any
) -> None:
    project_id = make_app_review(48, ["file", "predicted"]).project_id
    run_id = take_quick_look(app_server.home, project_id)
    page.goto(f"{app_server.url}/predict?project={project_id}&run={run_id}")
    choose_files(page, {name: png(size) for name, size in STRIPS.items()})
    page.locator("img[src*='/trays/']").nth(2).wait_for()
    page.wait_for_function(
        "[...document.querySelectorAll(\"img[src*='/trays/']\")].filter((p) => p.naturalWidth).length == 3"
        " || [...document.querySelectorAll('*')].some((e) => e.shadowRoot && "
        "[...e.shadowRoot.querySelectorAll('img')].filter((p) => p.naturalWidth).length == 3)"
    )
    assert page.get_by_test_id("stException").count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV", exact=True).click()
    heading = Path(download.value.path()).read_text().splitlines()[0]
    assert heading == "file,predicted,unfamiliar,label file,label predicted"


def test_dropped_pictures_are_answered_opened_and_added_under_their_label(
    page: Any, app_server: Any, make_app_review: Any
) -> None:
    project_id = make_app_review(48, ["cat", "dog"]).project_id
    run_id = take_quick_look(app_server.home, project_id)
    page.goto(f"{app_server.url}/predict?project={project_id}&run={run_id}")
    known = images.image_rows([images.random_image(project_id)])[0]
    known_bytes = (app_server.home / "blobs" / known.sha[:2] / known.sha[2:]).read_bytes()
    choose_files(page, {f"new {i}.png": draw(i, 77) for i in range(12)} | {"known.png": known_bytes, "bad.png": b"x"})
    page.get_by_text("14 pictures").first.wait_for()
    page.get_by_text("1 file could not be read").wait_for()
    page.get_by_text("1 picture is in the project already").wait_for()
    page.get_by_role("button", name="new 3.png").click()
    page.get_by_text("The known pictures most like it").wait_for()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_text("new 4.png", exact=True).wait_for()
    page.get_by_role("button", name="All 14 pictures").click()
    n_before = projects.find_project(project_id).n_images
    page.get_by_role("button", name="Add 12 pictures").click()
    page.get_by_text("13 pictures are in the project already").wait_for(timeout=2 * A_MINUTE)
    assert projects.find_project(project_id).n_images == n_before + 12
    page.get_by_role("button", name="Remove all").click()
    page.get_by_text("answers as soon as there is a picture").wait_for()


def test_a_pasted_picture_is_answered_and_a_pasted_address_is_fetched_by_the_rules(
    page: Any, app_server: Any, make_app_review: Any
) -> None:
    project_id = make_app_review(48, ["cat", "dog"]).project_id
    run_id = take_quick_look(app_server.home, project_id)
    page.goto(f"{app_server.url}/predict?project={project_id}&run={run_id}")
    page.get_by_role("button", name="Choose files", exact=True).wait_for()
    page.evaluate(PASTE, ["image.png", "image/png", base64.b64encode(draw(3, 78)).decode()])
    page.get_by_text("The known pictures most like it").wait_for()
    assert page.get_by_text("image.png").count() >= 1
    page.evaluate(PASTE, ["", "", "http://127.0.0.1:9/cat.png"])
    page.get_by_text("The address is not public").wait_for()
    page.evaluate(PASTE, ["", "", "no address at all"])
    assert page.get_by_test_id("stException").count() == 0


def test_what_is_removed_is_gone_from_the_disk(browser: Any, app_server: Any, make_app_review: Any) -> None:
    project_id = make_app_review(48, ["cat", "dog"]).project_id
    run_id = take_quick_look(app_server.home, project_id)
    context = browser.new_context()
    page = context.new_page()
    trays = app_server.home / "trays"
    others = set(trays.glob("*/*.file"))
    page.goto(f"{app_server.url}/predict?project={project_id}&run={run_id}")
    choose_files(page, {"a.png": draw(4, 79)})
    page.get_by_text("The known pictures most like it").wait_for(timeout=A_MINUTE)
    assert len(set(trays.glob("*/*.file")) - others) == 1
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("answers as soon as there is a picture").wait_for(timeout=A_MINUTE)
    assert set(trays.glob("*/*.file")) <= others
    context.close()
