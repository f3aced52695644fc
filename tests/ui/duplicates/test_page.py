"""The Duplicates page: groups side by side, keep one, not duplicates, many at once with a preview."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from curate import jobs
from curate.catalog import images, projects
from curate.catalog import jobs as rows
from curate.gather.importing import import_folder
from curate.jobs.context import JobContext
from curate.jobs.work import quality


def scene(seed: int) -> Image.Image:
    blocks = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(blocks.repeat(8, axis=0).repeat(8, axis=1))


@pytest.fixture
def album(tmp_path: Path) -> int:
    """Three scenes of cats and one of dogs; the first again but smaller, the second under dogs as well."""
    folder = tmp_path / "album"
    for label in ("cat", "dog"):
        (folder / label).mkdir(parents=True)
    for seed in range(3):
        scene(seed).save(folder / "cat" / f"{seed}.png")
    scene(5).save(folder / "dog" / "5.png")
    scene(0).resize((72, 72)).save(folder / "cat" / "small.png")
    (folder / "dog" / "twin.png").write_bytes((folder / "cat" / "1.png").read_bytes())
    project_id = projects.create_project("album")
    import_folder(project_id, folder, "Ada", lambda *_: None)
    quality.run(JobContext(jobs.find_job(jobs.enqueue("quality", project_id, {}))))
    for job in jobs.list_jobs():
        jobs.cancel(job.id)
    return project_id


def decided(project_id: int) -> dict[str, str]:
    rows = images.image_rows(images.hashes(project_id).image_ids.tolist())
    return {row.file_name: row.decision for row in rows if row.decision}


def page_text(app: AppTest) -> str:
    elements = (each for kind in ("markdown", "caption", "info", "success") for each in app.get(kind))
    return " ".join(each.value for each in elements if isinstance(each, Element))


def test_groups_across_labels_come_first_with_what_is_known_of_each(
    album: int, open_page: Callable, shown_cards: Callable
):
    app = open_page("duplicates", project=album)
    shown = list(shown_cards(app).values())
    assert [[card["labels"][0]["name"] for card in cards] for cards in shown] == [["cat", "dog"], ["cat", "cat"]]
    assert [card["lines"][1].split(" · ")[0] for card in shown[1]] == ["96 × 96", "72 × 72"]
    assert "1 group across labels · 1 group within one label and split" in page_text(app)


def test_keep_the_best_waits_to_be_applied_and_can_be_undone(album: int, open_page: Callable):
    app = open_page("duplicates", project=album)
    button = [each for each in app.button if each.label == "Keep the best (1)"]
    app = button[0].click().run()
    assert decided(album) == {"0.png": "keep", "small.png": "delete"}
    assert "✓ 1 to keep, ✕ 1 to delete: waits to be applied" in page_text(app)
    app = next(each for each in app.button if each.label == "Undo").click().run()
    assert decided(album) == {}


def test_keep_this_names_the_label_where_labels_differ(album: int, open_page: Callable):
    app = open_page("duplicates", project=album)
    next(each for each in app.button if each.label == "Keep (2) as dog").click().run()
    assert decided(album) == {"1.png": "delete", "twin.png": "keep"}


def test_not_duplicates_is_not_shown_again_until_it_is_undone(album: int, open_page: Callable, shown_cards: Callable):
    app = open_page("duplicates", project=album)
    app = [each for each in app.button if each.label == "Not duplicates"][0].click().run()
    assert len(shown_cards(app)) == 1
    assert len(shown_cards(open_page("duplicates", project=album, distance=40))) == 1
    app = next(each for each in app.button if each.key == "undo_different").click().run()
    assert len(shown_cards(app)) == 2


def test_many_at_once_shows_first_what_it_would_do(album: int, open_page: Callable):
    app = open_page("duplicates", project=album)
    app = app.button(key="bulk").click().run()
    assert "**1 picture** of 1 group would wait to be deleted" in page_text(app)
    assert "1 group across labels left out." in page_text(app)
    assert decided(album) == {}
    app.button(key="bulk").click()  # this way of testing forgets an open dialog between two runs
    app = app.button(key="bulk_now").click().run()
    assert decided(album) == {"small.png": "delete"}
    app.button(key="bulk_undo").click().run()
    assert decided(album) == {}


def test_a_project_nobody_looked_at_yet_says_so_and_has_it_looked_at(small_project, open_page: Callable):
    app = open_page("duplicates", project=small_project.id)
    assert "The pictures are being compared for the first time" in page_text(app)
    assert [job.kind for job in jobs.list_jobs(small_project.id)] == ["quality"]
    open_page("duplicates", project=small_project.id)
    assert len(jobs.list_jobs(small_project.id)) == 1


def test_the_job_that_brings_the_page_up_to_date_is_shown_at_once(
    open_page: Callable[..., AppTest], album: int, picture: Callable[..., bytes], tmp_path: Path
) -> None:
    (tmp_path / "more" / "cat").mkdir(parents=True)
    (tmp_path / "more" / "cat" / "new.png").write_bytes(picture(7))
    import_folder(album, tmp_path / "more", "Ada", lambda *_: None)
    app = open_page("duplicates", project=album)
    assert "the job “Look at picture quality” brings what is below up to date" in page_text(app)
    assert [bar.text for bar in app.main.progress] == ["Waits for its turn"]
    assert len(rows.open_jobs()) == 1


def test_a_job_that_failed_is_told_and_not_started_again_by_every_look(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    open_page("duplicates", project=small_project.id)
    [job] = rows.open_jobs()
    rows.fail(job.id, "The server's disk is full. Make room, then try again.")
    app = open_page("duplicates", project=small_project.id)
    assert "what is below is not up to date" in page_text(app)
    assert any("disk is full" in error.value for error in app.main.error)
    assert rows.open_jobs() == []
    app.button(key=f"duplicates_retry_{job.id}").click().run()
    assert [row.kind for row in rows.open_jobs()] == ["quality"]
