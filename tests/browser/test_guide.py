"""docs/guide.md shows pictures that the test of the loop makes, and names buttons that this test clicks."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_BYTES = 200_000  # of a picture in docs


def test_every_picture_of_the_guide_is_made_by_a_test_of_a_walk_and_is_small():
    guide = (ROOT / "docs" / "guide.md").read_text()
    loop = "".join((ROOT / "tests" / "browser" / f"test_{walk}.py").read_text() for walk in ("loop", "folder_walk"))
    names = re.findall(r"!\[[^]]+\]\((\w+)\.png\)", guide)
    assert len(names) >= 10
    for name in names:
        stem = name.removesuffix("_1")  # the grid's pictures are numbered
        assert re.search(rf'"{name}"|f"{stem}_\{{', loop), name
        assert 0 < (ROOT / "docs" / f"{name}.png").stat().st_size < MOST_BYTES


def test_the_guide_names_the_buttons_and_sentences_that_the_test_of_the_loop_sees():
    guide = " ".join((ROOT / "docs" / "guide.md").read_text().split())
    loop = (ROOT / "tests" / "browser" / "test_loop.py").read_text()
    for words in ("Open the sample project", "Start training", "Open in Curate", "Retrain on version 2"):
        assert f"*{words}*" in guide and f'"{words}"' in loop
