"""How familiar a picture is: its nearest known pictures, without itself, and a threshold from held-out ones."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from curate.prediction import familiarity
from curate.prediction.familiarity import Familiarity


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def keep(folder: Path, embeddings: np.ndarray, n_held_out: int = 0) -> familiarity.KnownPictures:
    """The known pictures "0", "1", … with ids 100, 101, …; the last ones are held out."""
    n = len(embeddings)
    is_held_out = np.arange(n) >= n - n_held_out
    familiarity.write(
        folder, np.arange(n) + 100, [sha(str(i)) for i in range(n)], is_held_out, lambda rows: embeddings[rows]
    )
    known = familiarity.load(folder)
    assert known is not None
    return known


def test_the_similarity_is_the_mean_cosine_to_the_nearest_and_names_them(tmp_path: Path) -> None:
    known = keep(tmp_path, np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]]))
    (answer,) = known.compare(np.array([[5.0, 0.0]]), [sha("new")])
    assert [image_id for image_id, _ in answer.nearest] == [100, 102, 101]
    assert [cosine for _, cosine in answer.nearest] == pytest.approx([1, 0.7071, 0], abs=5e-3)
    assert answer.similarity == pytest.approx(0.569, abs=5e-3)
    assert answer.is_unfamiliar is None  # nothing was held out


def test_a_known_picture_is_not_compared_with_itself(tmp_path: Path) -> None:
    known = keep(tmp_path, np.array([[1.0, 0.0], [0.0, 1.0]]))
    (answer,) = known.compare(np.array([[1.0, 0.0]]), [sha("0")])
    assert answer.nearest == [(101, 0.0)] and answer.similarity == 0.0


def test_one_in_twenty_held_out_pictures_lies_below_the_threshold(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    embeddings = rng.normal(0, 1, (500, 8)) + 2.0
    known = keep(tmp_path, embeddings, n_held_out=200)
    held_out = known.compare(embeddings[300:], [sha(str(i)) for i in range(300, 500)])
    assert sum(bool(each.is_unfamiliar) for each in held_out) == 10
    assert known.compare(-embeddings[:1], [sha("new")])[0].is_unfamiliar is True


def test_blocks_give_what_one_product_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = np.random.default_rng(1).normal(0, 1, (300, 6)) + 0.5
    known, queries = keep(tmp_path, embeddings), embeddings[:7] + 0.1
    shas = [sha("new")] * 7
    whole = known.nearest(queries, shas)
    monkeypatch.setattr(familiarity, "_BLOCK_ROWS", 7)
    parts = known.nearest(queries, shas)
    np.testing.assert_array_equal(whole[1], parts[1])
    cosines = familiarity.directions(queries) @ familiarity.directions(embeddings).T
    np.testing.assert_allclose(whole[0], -np.sort(-cosines, axis=1)[:, :10], atol=5e-3)  # stored in 8 bits


def test_what_a_kill_or_a_power_cut_left_counts_as_nothing(tmp_path: Path) -> None:
    assert familiarity.load(tmp_path) is None
    with pytest.raises(KeyboardInterrupt):
        familiarity.write(tmp_path, np.arange(2), [sha("a"), sha("b")], np.zeros(2, bool), interrupted)
    assert list(tmp_path.iterdir()) == []
    keep(tmp_path, np.eye(2))
    (tmp_path / familiarity.FACTS).write_bytes(b"")
    assert familiarity.load(tmp_path) is None and not familiarity.is_written(tmp_path)


def interrupted(rows: np.ndarray) -> np.ndarray:
    raise KeyboardInterrupt


def test_it_survives_the_way_as_json() -> None:
    answer = Familiarity(0.5, True, [(3, 0.75)])
    assert Familiarity.from_json(answer.to_json()) == answer
