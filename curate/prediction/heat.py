"""Heat maps: what a network saw in its square, laid over the picture; kept by run, picture and label. No torch."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from curate import store
from curate.errors import BadInput
from curate.prediction import client
from curate.training.settings.config import TrainConfig

SIDE_PX = 384  # of the layer; the browser stretches it smoothly
_MOST_OPAQUE = 0.85
# Dark violet, orange, pale yellow: told apart by everyone, over light and dark pictures.
_RAMP = np.array([[70, 0, 130], [205, 45, 75], [255, 140, 20], [255, 240, 140]], np.float32)


def layer(
    run_id: int, sha: str, label: int, config: TrainConfig, size: tuple[int, int], others: Sequence[int] = ()
) -> bytes:
    """A PNG, as wide to high as the picture, that shows what in it speaks for the label at that position.

    config: the run's, which says how pictures became squares; size: the picture's width and height. others: labels
    whose maps will be asked for next, worked out along with it. Asks the model process when the map is not kept yet.
    Raises BadInput when nothing speaks for the label or the network has no maps, NotFound without a model or picture,
    JobFailed.
    """
    heat = _kept(run_id, sha, label)
    if heat is None:
        wanted = list(dict.fromkeys([label, *others]))
        for position, made in zip(wanted, client.heat(store.run_folder(run_id), sha, wanted), strict=True):
            _keep(run_id, sha, position, made)
            heat = made if position == label else heat
    assert heat is not None
    return _drawn(heat, config, size)


def upload_layer(run_folder: Path, data: bytes, label: int, config: TrainConfig, size: tuple[int, int]) -> bytes:
    """The same for a picture that is not stored, and nothing of it is kept. Raises as `layer`."""
    return _drawn(client.heat(run_folder, data, [label])[0], config, size)


def _drawn(heat: np.ndarray, config: TrainConfig, size: tuple[int, int]) -> bytes:
    if not heat.any():
        raise BadInput("Nothing in this picture speaks for that label.")
    return as_png(heat, box(config, size), size)


Box = tuple[float, float, float, float]


def box(config: TrainConfig, size: tuple[int, int]) -> Box:
    """Where in a picture the square lies that the network saw: left, top, right, bottom as shares of its sides.

    Below 0 and above 1 where the picture's mirrored edges were seen, too (see `square.fit`).

    >>> box(TrainConfig(resize="crop"), (200, 100)), box(TrainConfig(resize="pad"), (200, 100))
    ((0.25, 0.0, 0.75, 1.0), (0.0, -0.5, 1.0, 1.5))
    """
    shares = np.array(size, np.float64)
    if config.resize in ("crop", "pad"):
        seen = (min(size) if config.resize == "crop" else max(size)) / shares
    else:  # squished; of random crops the middle was judged
        seen = np.full(2, config.size_px / config.stored_px)
    left, top = ((1 - seen) / 2).tolist()
    right, bottom = ((1 + seen) / 2).tolist()
    return left, top, right, bottom


def as_png(heat: np.ndarray, seen: Box, size: tuple[int, int]) -> bytes:
    """An RGBA picture of those proportions: see-through where the map is zero or nothing was seen, its highest value
    pale yellow. heat: (h, w), which covers the box `seen` (as from `box`)."""
    width, height = (max(1, round(side * SIDE_PX / max(size))) for side in size)
    left, top, right, bottom = (round(at * side) for at, side in zip(seen, (width, height) * 2, strict=True))
    relative = Image.fromarray((heat / max(float(heat.max()), 1e-12)).astype(np.float32))
    whole = Image.new("F", (width, height))
    whole.paste(relative.resize((max(1, right - left), max(1, bottom - top)), Image.Resampling.BICUBIC), (left, top))
    strength = np.asarray(whole).clip(0, 1)
    at, stops = strength * (len(_RAMP) - 1), np.arange(len(_RAMP))
    colours = [np.interp(at, stops, _RAMP[:, channel]) for channel in range(3)]
    pixels = np.stack([*colours, 255 * _MOST_OPAQUE * strength], axis=-1).round().astype(np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=3)
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
