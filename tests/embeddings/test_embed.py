"""Pictures embedded once: from the cache where they are, kept where they were computed. Without torch."""

import numpy as np
import pytest

from curate import store
from curate.embeddings import embed as embeddings_embed
from curate.embeddings import pixel_features
from curate.embeddings.embed import Recipe
from curate.errors import BadPicture, NotFound
from curate.training.phase_timer import PhaseTimer

RECIPE = Recipe("pixels", 16, "squish")


@pytest.fixture
def shas(picture) -> list[str]:
    """100 pictures of noise, as large as they are looked at."""
    return [store.add_blob(picture(seed, side=16)) for seed in range(100)]


def embed(shas: list[str], reports=lambda done, total: None) -> np.ndarray:
    return embeddings_embed.embed(RECIPE, shas, PhaseTimer({}), reports)


def test_rows_come_in_the_order_of_the_pictures_and_repeat_with_them(shas):
    wanted = [shas[5], shas[2], shas[5]]
    decoded = np.stack([embeddings_embed.read_fitted(store.blob_path(sha), 16, "squish") for sha in wanted])
    assert np.array_equal(embed(wanted), pixel_features.features(decoded))


def test_only_what_is_missing_is_computed(shas):
    reports = []
    embed(shas[:40])
    assert embeddings_embed.n_missing(RECIPE, shas) == 60
    embed(shas, lambda done, total: reports.append((done, total)))
    assert reports[0] == (0, 60)
    assert reports[-1] == (60, 60)
    reports.clear()
    embed(shas, lambda done, total: reports.append((done, total)))
    assert reports == []


def test_what_was_computed_before_it_was_stopped_stays(shas):
    class Stopped(Exception):
        pass

    def stop_at_once(done: int, total: int) -> None:
        if done:
            raise Stopped

    with pytest.raises(Stopped):
        embed(shas, stop_at_once)
    assert embeddings_embed.n_missing(RECIPE, shas) == 100 - embeddings_embed.CHUNK
    assert len(embed(shas)) == 100


def test_another_size_is_another_cache(shas):
    embed(shas[:3])
    assert embeddings_embed.n_missing(Recipe("pixels", 20, "squish"), shas[:3]) == 3


def test_a_picture_that_cannot_be_read_any_more_is_named(shas):
    path = store.blob_path(shas[50])
    path.write_bytes(b"broken")
    with pytest.raises(BadPicture, match=path.name):
        embed(shas)


def test_a_picture_that_is_gone_is_named():
    with pytest.raises(NotFound, match="No stored picture"):
        embed(["0" * 64])


def test_what_it_is_called_with_meanwhile_is_called_only_when_others_work(shas):
    called = []
    for _ in range(2):
        embeddings_embed.embed(RECIPE, shas[:3], PhaseTimer({}), lambda done, total: None, lambda: called.append(1))
    assert called == [1]
