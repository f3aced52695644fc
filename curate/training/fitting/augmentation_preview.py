"""Renders one picture as several epochs of a training would see it, to judge an augmentation."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from fastai.torch_core import set_seed
from PIL import Image

from curate.training.fitting import data, decoded_cache
from curate.training.settings.config import TrainConfig

_QUALITY = 90


def augmented(picture: bytes, config: TrainConfig, n: int) -> list[bytes]:
    """Returns `n` JPEGs, one per epoch, as the network would see the picture; the seed determines them.

    The training's own loaders and transforms make them, without normalising. Raises BadPicture, BadInput.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(picture)
        pixels = np.stack([decoded_cache.read_fitted(path, config.stored_px, config.resize)])
    rows = data.Rows(pixels, np.zeros(1, np.int64), np.zeros(n, np.int64), split_idx=0)
    # One batch per copy: fastai's random crops are the same for all pictures of a batch.
    one_each = replace(config, batch_size=1, balance="none")
    set_seed(config.seed)
    loaders = data.make_loaders(rows, rows, ["picture", "other"], one_each, "cpu")
    return [_jpeg(shown[0]) for shown, _ in loaders.train]


def _jpeg(picture: torch.Tensor) -> bytes:
    """picture: (3, H, W) float32 in [0, 1], or slightly outside after a change of brightness."""
    pixels = picture.clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
