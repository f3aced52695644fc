"""Maps as they are kept: the newest one, what came in since, and what points are coloured by."""

from typing import Any

import numpy as np
import pytest

from curate import store
from curate.catalog import maps, runs
from curate.catalog.images import NewBlob, NewImage, add_blobs, add_images
from curate.catalog.maps import Map, MapFacts
from curate.errors import NotFound
from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide


def kept(project: Any, number: int = 3, n: int = 8) -> Map:
    """A map of the project's first n images, on a diagonal."""
    ids = np.array(project.image_ids[:n], np.int64)
    facts = MapFacts(number, 1, "pixels-32-squish", "2026-01-01T00:00:00+00:00", n, int(ids[-1]))
    made = Map(facts, ids, np.linspace(0, 1, 2 * n, dtype=np.float32).reshape(n, 2))
    maps.write(project.id, made)
    return made


def test_the_newest_map_counts_and_all_but_the_one_before_are_removed(small_project: Any) -> None:
    assert maps.newest(small_project.id) is None
    made = [kept(small_project, number) for number in (9, 10, 11)]
    assert maps.newest(small_project.id) == made[2].facts
    result = maps.find(small_project.id, 10)
    assert (result.image_ids.tolist(), result.places.tolist()) == (made[1].image_ids.tolist(), made[1].places.tolist())
    with pytest.raises(NotFound, match="no longer there"):
        maps.find(small_project.id, 9)


def test_a_damaged_map_is_none(small_project: Any) -> None:
    kept(small_project)
    path = store.cache_folder("maps") / str(small_project.id) / "3.npz"
    path.write_bytes(path.read_bytes()[:60])
    assert maps.newest(small_project.id) is None


def test_what_came_in_since_is_counted(either_database: None, small_project: Any, picture: Any) -> None:
    made = kept(small_project)
    assert maps.n_new(small_project.id, made.facts) == 0
    data = [picture(seed) for seed in (501, 502)]
    shas = [store.add_blob(each) for each in data]
    add_blobs([NewBlob(sha, 9, 8, 8, "PNG", bytes(32)) for sha in shas])
    add_images(small_project.id, [NewImage(sha, "cats", "new.png", "train") for sha in shas], "Ada", "More", [])
    assert maps.n_new(small_project.id, made.facts) == 2


def test_points_are_coloured_by_labels_decisions_and_doubts_as_they_are_now(
    either_database: None, small_project: Any
) -> None:
    cats, dogs = small_project.label_ids.values()
    made, (first, second, third, *_) = kept(small_project, n=4), small_project.image_ids
    chosen = runs.training_set(small_project.id)
    doubt = np.arange(8) / 10
    doubts = runs.Doubts(doubt, np.full(8, -1), doubt, np.zeros(8, bool), doubt, np.zeros(8, bool))
    run_id = runs.create_run(small_project.id, {}, chosen, None)
    runs.finish_run(run_id, chosen, doubt, np.full((8, 2), 0.5), {}, doubts=doubts)
    decide(small_project.id, "ann", [Op(1, (first,), "delete"), Op(2, (second,), "relabel", dogs)], "client-1")
    apply(small_project.id, "ann")
    decide(small_project.id, "ann", [Op(3, (third,), "keep")], "client-1")
    result = maps.shades(made.image_ids, run_id)
    assert result.label_ids.tolist() == [maps.GONE, dogs, cats, cats]
    assert [maps.DECISIONS[place] for place in result.decisions] == [None, None, "keep", None]
    assert result.doubt.tolist() == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert np.isnan(maps.shades(made.image_ids, None).doubt).all()


def test_of_too_many_pictures_so_many_are_drawn_the_same_every_time(
    small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, shas, n_all = maps.pictures(small_project.id)
    assert (ids.tolist(), n_all) == (small_project.image_ids, 8)
    assert [shas[image_id] for image_id in ids.tolist()] == small_project.shas
    monkeypatch.setattr(maps, "MOST", 3)
    drawn, shas, n_all = maps.pictures(small_project.id)
    assert (len(set(drawn.tolist())), sorted(shas), n_all) == (3, drawn.tolist(), 8)
    assert maps.pictures(small_project.id)[0].tolist() == drawn.tolist()


def test_cards_are_of_this_project_only(small_project: Any, make_project: Any) -> None:
    other = make_project([("a", "train")], name="others", seed=5)
    second, first = small_project.image_ids[1], small_project.image_ids[0]
    result = maps.cards(small_project.id, [second, other.image_ids[0], first])
    assert [(card["id"], card["file_name"]) for card in result] == [(second, "1.png"), (first, "0.png")]
