"""The Predict page in a browser, with a real model: pictures one pixel high or wide are shown and judged."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from curate.catalog import projects, runs
from tests.browser.conftest import ROOT

STRIPS = {"wide.png": (1000, 1), "tall.png": (1, 1000), "dot.png": (1, 1)}


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


def test_strips_of_one_pixel_are_shown_beside_their_probabilities(
    browser: Any, app_server: Any, make_app_review: Any
) -> None:
    project_id = make_app_review(48, ["file", "predicted"]).project_id
    run_id = take_quick_look(app_server.home, project_id)
    context = browser.new_context(viewport={"width": 1280, "height": 1200})
    page = context.new_page()
    page.goto(f"{app_server.url}/predict?project={project_id}&run={run_id}")
    field = page.locator("input[type=file]").first
    field.wait_for(state="attached", timeout=60_000)
    field.set_input_files([{"name": name, "mimeType": "image/png", "buffer": png(s)} for name, s in STRIPS.items()])
    page.get_by_test_id("stDownloadButton").wait_for(timeout=120_000)
    sizes = page.locator("img[src^='data:image/webp']").evaluate_all(
        "pictures => pictures.map((p) => [p.alt, p.naturalWidth, p.naturalHeight])"
    )
    assert sizes == [["wide.png", 640, 1], ["tall.png", 1, 440], ["dot.png", 1, 1]]
    assert page.get_by_test_id("stException").count() == 0
    # Streamlit's own button would save cells that a spreadsheet runs as formulas.
    assert page.get_by_role("button", name="Download as CSV", exact=True).count() == 1
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    heading = Path(download.value.path()).read_text().splitlines()[0]
    assert heading == "file,predicted,label file,label predicted"
    context.close()
