"""Every filter, alone and together with others, on eight images known by hand; the columns behind them."""

import hashlib
import os
import time

import numpy as np
import pytest

from curate.catalog import images, projects
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.listing import decision_columns, score_columns, selections
from curate.review.listing.matching import matching
from curate.review.listing.pages import View, find_page
from tests.factories import add_doubted_run

#        label, split, probabilities, doubt, file name, provenance
IMAGES = [
    ("cat", "train", (0.9, 0.1), 0.10, "IMG_1.JPG", {"source": "zip", "name": "pets.zip"}),
    ("cat", "train", (0.2, 0.8), 0.90, "img_2.jpg", {"source": "zip", "name": "pets.zip"}),
    ("cat", "valid", (0.4, 0.6), 0.60, "Größe.png", {"source": "openverse", "name": "Openverse", "licence": "BY 4"}),
    ("cat", "train", (0.8, 0.2), 0.30, "a_2.jpg", {"source": "openverse", "name": "Openverse", "licence": "CC0 1.0"}),
    ("dog", "train", (0.3, 0.7), 0.20, "b_2.jpg", {"source": "folder"}),
    ("dog", "train", (0.95, 0.05), 0.95, "c.png", {}),
    ("dog", "valid", (0.1, 0.9), 0.05, "d.png", {"source": "zip", "name": "pets.zip"}),
    ("dog", "train", (0.6, 0.4), 0.60, "e.png", {"source": "openverse", "name": "Openverse", "licence": "CC0 1.0"}),
]  # fmt: skip


@pytest.fixture
def pets() -> tuple[int, int]:
    """(project id, run id); images 1 to 8"""
    project_id = projects.create_project("pets")
    new = []
    for number, (label, split, _, _, name, provenance) in enumerate(IMAGES):
        sha = hashlib.sha256(bytes([number])).hexdigest()
        images.add_blobs([images.NewBlob(sha, 10, 8, 8, "PNG", bytes(32))])
        new.append(images.NewImage(sha, label, name, split, provenance=provenance))
    images.add_images(project_id, new, "ann", "Imported", ["cat", "dog"])
    doubt = [entry[3] for entry in IMAGES]
    return project_id, add_doubted_run(project_id, [entry[2] for entry in IMAGES], doubt, {1: 1, 2: 1, 5: 0, 7: 0})


def shown(run_id: int, **asked) -> list[int]:
    return [item.image_id for item in find_page(View(run_id, **{"sort": "doubt", **asked})).items]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [6, 2, 8, 3, 4, 5, 1, 7]),  # equal doubts: the later image first
        ({"doubt_from": 0.3, "doubt_to": 0.6}, [8, 3, 4]),
        ({"doubt_from": 0.9}, [6, 2]),
        ({"source": "pets.zip"}, [2, 1, 7]),
        ({"source": "folder"}, [5]),
        ({"source": ""}, [6]),
        ({"licence": "CC0 1.0"}, [8, 4]),
        ({"licence": ""}, [6, 2, 5, 1, 7]),
        ({"licence": "MIT"}, []),
        ({"text": "_2."}, [2, 4, 5]),
        ({"text": "img"}, [2, 1]),
        ({"text": "GRÖSSE"}, [3]),
        ({"added_from": "2000-01-01"}, [6, 2, 8, 3, 4, 5, 1, 7]),
        ({"added_to": "2000-01-01"}, []),
        ({"source": "Openverse", "licence": "CC0 1.0", "sort": "wrong", "doubt_from": 0.4}, [8]),
        ({"split": "train", "text": "_2", "sort": "loss"}, [2, 5, 4]),
    ],
)
def test_filters_alone_and_together(pets, asked, expected):
    assert shown(pets[1], **asked) == expected


def test_who_decided_is_known_before_and_after_an_apply(pets):
    project_id, run_id = pets
    decide(project_id, "ann", [Op(1, (1, 2), "keep"), Op(2, (6,), "delete")], "client-1")
    decide(project_id, "bob", [Op(1, (2, 3), "keep")], "client-2")
    assert shown(run_id, decided_by="ann") == [6, 1]
    assert shown(run_id, decided_by="ann", reviewed="delete") == [6]
    assert shown(run_id, decided_by="bob") == [2, 3]
    apply.apply(project_id, "ann")
    assert shown(run_id, decided_by="ann") == [1]
    assert shown(run_id, decided_by="bob", split="valid") == [3]
    assert shown(run_id, decided_by="eve") == []
    assert find_page(View(run_id, "doubt", decided_by="bob")).n_all == 7


def test_what_was_picked_combines_with_other_filters(pets):
    project_id, run_id = pets
    number = selections.keep(project_id, [8, 2, 3, 999], "Lasso", "ann")
    assert shown(run_id, picked_id=number) == [2, 8, 3]
    assert shown(run_id, picked_id=number, split="valid") == [3]


def test_marks_brought_up_to_date_piece_by_piece_are_those_of_a_fresh_look(pets):
    project_id, run_id = pets
    decision_columns.of_run(run_id)
    decide(project_id, "ann", [Op(1, (1, 2, 4), "keep"), Op(2, (6,), "delete")], "client-1")
    decision_columns.of_run(run_id)
    decide(project_id, "bob", [Op(1, (4,), "clear"), Op(2, (5,), "delete")], "client-2")
    decision_columns.of_run(run_id)
    apply.apply(project_id, "ann")
    decision_columns.of_run(run_id)
    apply.restore(project_id, 1, "ann")
    decide(project_id, "eve", [Op(1, (8,), "keep")], "client-3")
    later = decision_columns.of_run(run_id)
    decision_columns._kept.cache_clear()
    fresh = decision_columns.of_run(run_id)
    for name in ("is_active", "decision", "is_confirmed"):
        assert getattr(later, name).tolist() == getattr(fresh, name).tolist(), name
    who = [[said.people[place] for place in said.by.tolist()] for said in (later, fresh)]
    assert who[0] == who[1] == ["ann", "ann", "", "", "", "", "", "eve"]


def test_any_page_is_the_one_that_walking_there_comes_to(pets):
    _, run_id = pets
    view, walked, after = View(run_id, "loss", split="train"), [], None
    for number in (1, 2, 3):
        page = find_page(view, number, 2, after)
        assert [item.image_id for item in find_page(view, number, 2).items] == [item.image_id for item in page.items]
        walked += [item.image_id for item in page.items]
        after = page.after
    assert after is None
    assert walked == matching(view).image_ids().tolist()


def test_columns_are_written_once_and_found_by_another_process_only_for_this_very_run(pets, home):
    _, run_id = pets
    score_columns.build(run_id)
    (file,) = (home / "cache" / "columns").iterdir()
    assert file.name.startswith(f"{run_id}-")
    known = score_columns.of_run(run_id)
    assert known.sources == ["Openverse", "pets.zip", "", "folder"]  # most images first, then by name
    assert np.array(known.sources)[known.source][[0, 4, 5]].tolist() == ["pets.zip", "folder", ""]
    assert known.rows_of(np.array([8, 77, 1])).tolist() == [7, 0]


def test_columns_that_were_not_looked_at_for_longest_make_room(pets, home, monkeypatch):
    _, run_id = pets
    score_columns.build(run_id)
    (mine,) = (home / "cache" / "columns").iterdir()
    monkeypatch.setattr(score_columns, "MOST_BYTES", mine.stat().st_size + 1_000)
    mine.unlink()
    for age_s, name in ((300, "7-old.arrow"), (100, "8-newer.arrow")):
        other = mine.with_name(name)
        other.write_bytes(bytes(1_000))
        os.utime(other, (time.time() - age_s,) * 2)
    score_columns.build(run_id)
    assert {path.name for path in mine.parent.iterdir()} == {mine.name, "8-newer.arrow"}


def test_a_large_run_says_that_its_columns_are_not_there_yet(pets, monkeypatch):
    _, run_id = pets
    monkeypatch.setattr(score_columns, "MAX_INLINE", 7)
    assert not score_columns.is_ready(run_id)
    told: list[int] = []
    score_columns.build(run_id, told.append)
    assert told == [8]
    assert score_columns.is_ready(run_id)
