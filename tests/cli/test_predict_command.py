"""`curate predict` of a run that knows its pictures: what is unlike all of them is said."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate.cli import main
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import graph
from tests.factories import train_here


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: nothing here depends on the database."""


def picture(darkest: int, seed: int) -> bytes:
    """Noise of 90 levels; no two are alike."""
    pixels = np.random.default_rng(seed).integers(darkest, darkest + 90, (16, 16, 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_an_unfamiliar_picture_is_named_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for label, darkest in (("night", 0), ("day", 150)):
        for number in range(36):
            split = "valid" if number % 3 == 0 else "train"
            path = tmp_path / "in" / split / label / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(darkest, darkest + number))
    assert main(["import", "paint", str(tmp_path / "in")]) == 0
    run: Any = train_here(1, PIXELS_LOOK)
    run_job(graph.ensure(run, "Ada"))
    usual, foreign = tmp_path / "usual.png", tmp_path / "foreign.png"
    usual.write_bytes(picture(0, 40))
    Image.linear_gradient("L").convert("RGB").save(foreign)
    capsys.readouterr()

    assert main(["predict", "paint", str(usual), str(foreign), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["unfamiliar"] for row in rows] == [False, True] and rows[0]["predicted"] == "night"
    assert main(["predict", "paint", str(usual), str(foreign)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert second.endswith(", unfamiliar") and "unfamiliar" not in first.removeprefix(str(usual))
