"""The look at picture quality: every picture once, what is odd or twice among them, and again only what is new."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from curate import jobs, settings
from curate.catalog import duplicates, images, projects, quality
from curate.catalog import jobs as rows
from curate.catalog.database import reading
from curate.catalog.tables.core import Image as Row
from curate.catalog.tables.quality import Quality
from curate.gather.importing import import_folder
from curate.jobs.context import JobContext
from curate.jobs.follow_ups import ensure_quality, follow
from curate.jobs.work import quality as work_quality
from curate.review.deciding import apply, decisions


def scene(seed: int) -> Image.Image:
    """A picture of many colours and tones with edges, unlike every other."""
    blocks = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(blocks.repeat(8, axis=0).repeat(8, axis=1))


def looked_at(project_id: int) -> dict:
    return work_quality.run(JobContext(jobs.find_job(jobs.enqueue("quality", project_id, {}))))


@pytest.fixture
def album(tmp_path: Path) -> tuple[int, Path]:
    """A project of 8 scenes; one more black, one grey, one long; the first scene again: as it is under another label,
    with other bytes under the same one, and at three quarters of the size."""
    folder = tmp_path / "album"
    for label in ("cat", "dog"):
        (folder / label).mkdir(parents=True)
    for seed in range(8):
        scene(seed).save(folder / "cat" / f"{seed}.png")
    Image.new("RGB", (96, 96)).save(folder / "dog" / "black.png")
    scene(20).convert("L").convert("RGB").save(folder / "dog" / "grey.png")
    scene(21).resize((96, 16)).save(folder / "dog" / "long.png")
    (folder / "dog" / "twin.png").write_bytes((folder / "cat" / "0.png").read_bytes())
    scene(0).save(folder / "cat" / "other.bmp")
    scene(0).resize((72, 72)).save(folder / "cat" / "small.png")
    project_id = projects.create_project("album")
    import_folder(project_id, folder, "Ada", lambda *_: None)
    return project_id, folder


def names(project_id: int, issue: str) -> list[str]:
    """File names of the images with that issue, the worst first."""

    query = select(Row.file_name).join(Quality, Quality.image_id == Row.id)
    query = query.where(*quality.has_issue(project_id, issue)).order_by(quality.column(issue).desc(), Row.id)
    with reading() as session:
        return list(session.scalars(query))


def test_each_issue_is_found_where_it_is(album: tuple[int, Path]):
    project_id, _ = album
    result = looked_at(project_id)
    assert (result["n_measured"], result["refused"]) == (13, [])  # 14 images, two of one picture
    assert names(project_id, "dark") == ["black.png"]
    assert names(project_id, "bright") == []
    assert names(project_id, "low_information") == ["black.png"]
    assert names(project_id, "odd_aspect") == ["long.png"]
    # A black picture has no colour either.
    assert sorted(names(project_id, "greyscale")) == ["black.png", "grey.png"]
    assert sorted(names(project_id, "exact_duplicate")) == ["0.png", "other.bmp", "twin.png"]
    assert sorted(names(project_id, "near_duplicate")) == [
        "0.png",
        "other.bmp",
        "small.png",
        "twin.png",
    ]
    assert quality.state(project_id).counts == result["issues"]
    assert result["issues"]["near_duplicate"] == quality.count_issue(project_id, "near_duplicate") == 4


def test_groups_at_each_distance_have_their_rank(album: tuple[int, Path]):
    project_id, _ = album
    assert looked_at(project_id)["n_groups"] == {"0": 1, "12": 1, "22": 1, "30": 1, "40": 1}
    exact, near = (duplicates.find_groups(project_id, distance, 1, 10)[0] for distance in (0, 22))
    files = [[images.image_rows([i])[0].file_name for i in group.image_ids] for group in (exact, near)]
    assert [sorted(each) for each in files] == [
        ["0.png", "other.bmp", "twin.png"],
        ["0.png", "other.bmp", "small.png", "twin.png"],
    ]
    assert exact.rank == near.rank == duplicates.ACROSS_LABELS  # near-duplicates were kept on one side of the split


def test_a_second_look_measures_only_what_is_new(album: tuple[int, Path]):
    project_id, folder = album
    looked_at(project_id)
    assert ensure_quality(project_id, "Ada") is None
    scene(3).resize((80, 80)).save(folder / "dog" / "new.png")
    import_folder(project_id, folder, "Ada", lambda *_: None)
    assert quality.is_behind(project_id)
    assert looked_at(project_id)["n_measured"] == 1
    assert duplicates.count_groups(project_id, 22) == {duplicates.ACROSS_LABELS: 2}


def test_a_picture_of_two_projects_is_measured_once(album: tuple[int, Path]):
    project_id, folder = album
    looked_at(project_id)
    other = projects.create_project("other")
    import_folder(other, folder, "Ada", lambda *_: None)
    assert looked_at(other)["n_measured"] == 0
    assert names(other, "dark") == ["black.png"]


def test_a_killed_look_goes_on_where_it_was(album: tuple[int, Path], monkeypatch: pytest.MonkeyPatch):
    project_id, _ = album
    monkeypatch.setattr(work_quality, "BATCH", 4)
    context = JobContext(jobs.find_job(jobs.enqueue("quality", project_id, {})))
    seen: list[int] = []

    def report(done: int, *_args: object) -> None:
        seen.append(done)
        if done == 9:
            raise KeyboardInterrupt

    monkeypatch.setattr(context, "report", report)
    with pytest.raises(KeyboardInterrupt):
        work_quality.run(context)
    assert quality.n_unmeasured(project_id) == 5  # of 13, two batches of four are kept
    assert looked_at(project_id)["n_measured"] == 5


def test_a_picture_that_is_gone_from_the_disk_is_named_and_the_rest_goes_on(album: tuple[int, Path]):
    project_id, folder = album
    row = images.find_image(project_id, "5.png")
    (settings.home() / "blobs" / row.sha[:2] / row.sha[2:]).unlink()
    result = looked_at(project_id)
    assert result["n_measured"] == 12
    assert result["refused"] == [(row.sha, f"No stored picture is named {row.sha[:12]}….")]


def test_what_was_deleted_is_no_duplicate_any_more(album: tuple[int, Path]):
    project_id, _ = album
    looked_at(project_id)
    gone = [images.find_image(project_id, name).id for name in ("twin.png", "other.bmp", "small.png")]
    decisions.decide(project_id, "Ada", [decisions.Op(1, tuple(gone), "delete")], "client-1")
    apply.apply(project_id, "Ada")
    assert quality.count_issue(project_id, "near_duplicate") == 1  # the one that is left, until it is looked at again
    assert quality.is_behind(project_id)
    assert looked_at(project_id)["issues"]["near_duplicate"] == 0
    assert duplicates.count_groups(project_id, 22, None) == {}


def test_in_a_grey_project_nothing_is_grey_among_colour(make_project: Callable, tmp_path: Path):
    folder = tmp_path / "grey"
    (folder / "x").mkdir(parents=True)
    for seed in range(4):
        scene(seed).convert("L").save(folder / "x" / f"{seed}.png")
    scene(9).save(folder / "x" / "colour.png")
    project_id = projects.create_project("grey")
    import_folder(project_id, folder, "Ada", lambda *_: None)
    assert looked_at(project_id)["issues"]["greyscale"] == 0


def test_an_import_is_followed_by_one_look(album: tuple[int, Path]):
    project_id, _ = album
    job_id = jobs.enqueue("import", project_id, {})
    assert follow(job_id) is None  # not done yet
    rows.start(job_id)
    rows.finish(job_id, {})
    first = follow(job_id)
    assert first is not None and jobs.find_job(first).kind == "quality"
    assert follow(job_id) == first  # it waits already
    assert [row.kind for row in rows.open_jobs()] == ["quality"]


def test_pairs_of_the_same_pixels_begin_at_the_first_of_them():
    ids, pixels = np.array([3, 5, 8, 9]), np.array([b"a", b"b", b"a", b"a"], "S16")
    assert [part.tolist() for part in work_quality.same_pixels(ids, pixels, after=0)] == [[3, 3], [8, 9], [0, 0]]
    assert [part.tolist() for part in work_quality.same_pixels(ids, pixels, after=8)] == [[3], [9], [0]]


def test_a_pair_found_both_ways_has_the_smaller_distance():
    near = (np.array([1, 2]), np.array([4, 3]), np.array([7, 5]))
    same = (np.array([2]), np.array([3]), np.array([0]))
    assert [part.tolist() for part in work_quality.merge_pairs(near, same)] == [[1, 2], [4, 3], [7, 0]]


def test_the_nearest_other_image_counts_and_those_that_are_gone_do_not():
    pairs = (np.array([1, 1, 2]), np.array([2, 3, 9]), np.array([64, 0, 8]))
    exact, near = work_quality.nearest(np.array([1, 2, 3, 4]), pairs)  # 9 is not among them
    assert exact.tolist() == [1, 0, 1, 0]
    assert near.tolist() == [1, 0.75, 1, 0]
