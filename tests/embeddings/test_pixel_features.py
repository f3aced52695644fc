"""Features without a network, on pictures whose greys, colours and edges are known."""

import numpy as np

from curate.embeddings import pixel_features


def picture(side: int = 32) -> np.ndarray:
    """(1, side, side, 3), black."""
    return np.zeros((1, side, side, 3), np.uint8)


def split(result: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(16, 16) greys, (4, 4, 3) colours, (4, 4, 8) edges of the only picture."""
    row = result[0].astype(float)
    return row[:256].reshape(16, 16), row[256:304].reshape(4, 4, 3), row[304:].reshape(4, 4, 8)


def test_a_plain_red_picture_is_grey_0_299_red_1_and_has_no_edges():
    red = picture()
    red[..., 0] = 255
    greys, colours, edges = split(pixel_features.features(red))
    assert np.allclose(greys, 0.299, atol=1e-3)
    assert np.allclose(colours, [1, 0, 0])
    assert not edges.any()


def test_a_step_from_black_to_white_is_an_edge_in_one_direction_where_it_is():
    step = picture()
    step[:, :, 20:] = 255
    greys, _, edges = split(pixel_features.features(step))
    assert greys[0].tolist() == [0.0] * 10 + [1.0] * 6
    assert (edges[:, 2, 0] > 0.9).all()  # to the right: direction 0
    assert edges.sum() == edges[:, 2, 0].sum()


def test_any_size_from_16_on_gives_as_many_numbers():
    for side in (16, 17, 31, 100):
        assert pixel_features.features(picture(side)).shape == (1, pixel_features.N_FEATURES)


def test_a_picture_does_not_depend_on_its_company():
    noise = np.random.default_rng(0).integers(0, 256, (5, 24, 24, 3), dtype=np.uint8)
    assert np.array_equal(pixel_features.features(noise)[3:4], pixel_features.features(noise[3:4]))
