"""Heat maps: what a network saw in its square, laid over the picture; kept by run, picture and label. No torch."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from curate import store
from curate.errors import BadInput
from curate.prediction import client

SIDE_PX = 384  # of the layer; the browser stretches it smoothly
_MOST_OPAQUE = 0.85
# Dark violet, orange, pale yellow: told apart by everyone, over light and dark pictures.
_RAMP = np.array([[70, 0, 130], [205, 45, 75], [255, 140, 20], [255, 240, 140]], np.float32)


def layer(run_id: int, sha: str, label: int, resize: str, size: tuple[int, int], others: Sequence[int] = ()) -> bytes:
    """A PNG, as wide to high as the picture, that shows what in it speaks for the label at that position.

    resize: how the run's pictures become squares; size: the picture's width and height. others: labels whose maps will
    be asked for next, worked out along with it. Asks the model process when the map is not kept yet. Raises BadInput
    when nothing speaks for the label or the network has no maps, NotFound without a model or picture, JobFailed.
    """
    heat = _kept(run_id, sha, label)
    if heat is None:
        wanted = list(dict.fromkeys([label, *others]))
        for position, made in zip(wanted, client.heat(store.run_folder(run_id), sha, wanted), strict=True):
            _keep(run_id, sha, position, made)
            heat = made if position == label else heat
    assert heat is not None
    if not heat.any():
        raise BadInput("Nothing in this picture speaks for that label.")
    return as_png(unfitted(heat, resize, size), size)


def unfitted(heat: np.ndarray, resize: str, size: tuple[int, int]) -> np.ndarray:
    """(h', w') the map over the whole picture, of what the network saw in its square (see `training.cache.fitted`).

    heat: (h, w). crop: the picture beyond the middle square gets zeros, the network never saw it; pad: what lay in the
    mirrored edges is cut away; squish: as it is.

    >>> unfitted(np.ones((2, 2)), "crop", (200, 100)).shape
    (2, 4)
    """
    width, height = size
    if resize == "squish" or width == height:
        return heat
    short, long = min(size), max(size)
    axis = 1 if width > height else 0
    n = heat.shape[axis]
    if resize == "pad":
        n_kept = max(1, round(n * short / long))
        begin = (n - n_kept) // 2
        return np.take(heat, range(begin, begin + n_kept), axis=1 - axis)
    beyond = (round(n * long / short) - n) // 2
    return np.pad(heat, [(beyond, beyond) if place == axis else (0, 0) for place in range(2)])


def as_png(heat: np.ndarray, size: tuple[int, int]) -> bytes:
    """An RGBA picture of the map's proportions: see-through where it is zero, its highest value pale yellow."""
    scale = SIDE_PX / max(size)
    smooth = Image.fromarray((heat / max(float(heat.max()), 1e-12)).astype(np.float32)).resize(
        (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))), Image.Resampling.BICUBIC
    )
    strength = np.asarray(smooth).clip(0, 1)
    at = strength * (len(_RAMP) - 1)
    stops = np.arange(len(_RAMP))
    colours = [np.interp(at, stops, _RAMP[:, channel]) for channel in range(3)]
    pixels = np.stack([*colours, 255 * _MOST_OPAQUE * np.sqrt(strength)], axis=-1).round().astype(np.uint8)
    file = BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "PNG", compress_level=3)
    return file.getvalue()


def _kept(run_id: int, sha: str, label: int) -> np.ndarray | None:
    try:
        return np.load(_file(run_id, sha, label), allow_pickle=False)
    except (FileNotFoundError, EOFError, ValueError):  # a derived file may be short after a power cut
        return None


def _keep(run_id: int, sha: str, label: int, heat: np.ndarray) -> None:
    array = BytesIO()
    np.save(array, heat.astype(np.float16), allow_pickle=False)
    store.write_atomic(_file(run_id, sha, label), array.getvalue(), is_derived=True)


def _file(run_id: int, sha: str, label: int) -> Path:
    return store.cache_folder("heat") / str(run_id) / sha[:2] / f"{sha[2:]}-{label}.npy"
