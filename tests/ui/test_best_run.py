"""Which run the pages and the command line take when nobody chose one: the best, with the reason."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from curate.catalog import maps, projects
from curate.catalog.maps import Map, MapFacts
from tests.factories import add_run, open_page

GOOD = [(0.9, 0.1)] * 3 + [(0.1, 0.9)] * 3
POOR = [(0.1, 0.9)] * 6  # wrong about half of the validation images
REASON = "Run 1 was chosen: the most accurate run on version 1."


@pytest.fixture
def project(make_project: Any) -> Any:
    """Two runs on one version, the older one better."""
    made = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")])
    add_run(made.id, GOOD)
    add_run(made.id, POOR)
    return made


def choice(page: AppTest, key: str) -> tuple[str, str]:
    box = page.selectbox(key=key)
    return box.format_func(box.value).split(" · ")[0], box.help


def test_the_map_and_a_new_session_take_the_best_run(project: Any) -> None:
    ids = np.array(project.image_ids, np.int64)
    facts = MapFacts(7, 1, "mobilenet_v2-160-squish", "2026-01-01T00:00:00+00:00", len(ids), int(ids[-1]))
    maps.write(project.id, Map(facts, ids, np.zeros((len(ids), 2))))
    assert choice(open_page("map", project=project.id), "chosen_run") == ("Run 1", REASON)
    assert choice(open_page("team", project=project.id), "session_run") == ("Run 1", REASON)


def test_the_overviews_accuracy_is_the_best_runs(project: Any) -> None:
    page = open_page("overview", project=project.id)
    (accuracy,) = [metric for metric in page.metric if metric.label == "Accuracy"]
    assert accuracy.value == "100 %"
    assert accuracy.help.endswith(REASON)


def test_the_command_line_says_which_run_it_takes(project: Any) -> None:
    command = [sys.executable, "-m", "curate", "top", projects.find_project(project.id).name]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == REASON
    assert subprocess.run([*command, "--run", "2"], capture_output=True, text=True, check=True).stderr == ""
