"""The label sets on which doubts are compared: pictures, given labels, and the truth, which only the scores may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class LabelSet:
    """name; given, clean: (N,) int64 positions; n_labels."""

    name: str
    given: np.ndarray
    clean: np.ndarray
    n_labels: int

    @property
    def is_wrong(self) -> np.ndarray:
        """(N,) bool: the truth. Only the last step may look at it."""
        return self.given != self.clean


class Pixels:
    """Pictures of one size in memory, (N, H, W, 3) uint8, resized bicubically as they are asked for."""

    def __init__(self, images: np.ndarray) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __call__(self, first: int, last: int, size_px: int) -> np.ndarray:
        import torch
        from torch.nn import functional

        small = torch.from_numpy(self.images[first:last]).permute(0, 3, 1, 2).float()
        large = functional.interpolate(small, size=(size_px, size_px), mode="bicubic").clamp(0, 255)
        return large.round().byte().permute(0, 2, 3, 1).contiguous().numpy()

    def whole(self, row: int) -> Image.Image:
        """One picture as it is."""
        return Image.fromarray(self.images[row])


class Photos:
    """Photos in a tree of one folder a label, squeezed into squares as they are asked for."""

    def __init__(self, root: Path) -> None:
        self.files = sorted(root.glob("*/*.jpg"))
        self.names = sorted({file.parent.name for file in self.files})
        self.labels = np.array([self.names.index(file.parent.name) for file in self.files])

    def __len__(self) -> int:
        return len(self.files)

    def __call__(self, first: int, last: int, size_px: int) -> np.ndarray:
        squares = [Image.open(file).convert("RGB").resize((size_px, size_px)) for file in self.files[first:last]]
        return np.stack([np.asarray(square) for square in squares])

    def whole(self, row: int) -> Image.Image:
        """One picture as it is."""
        return Image.open(self.files[row]).convert("RGB")


def read_npz(path: Path, given: list[str], clean: str) -> tuple[Pixels, list[LabelSet]]:
    """Pictures `images` and one label set for each key of `given`."""
    with np.load(path) as data:
        truth = data[clean].astype(np.int64)
        sets = [LabelSet(key, data[key].astype(np.int64), truth, int(truth.max()) + 1) for key in given]
        return Pixels(data["images"]), sets


def swapped(photos: Photos, embeddings: np.ndarray, quick: bool) -> Iterator[LabelSet]:
    """The photos with 5 % and 20 % of the labels wrong, at random and between the most similar pairs, by three seeds.

    Similar: the photos that lie nearest to one of another label take that one's label.
    """
    for share in (0.05, 0.2):
        for seed in SEEDS[:1] if quick else SEEDS:
            rng = np.random.default_rng(seed)
            n_wrong = round(share * len(photos))
            for kind, given in (
                ("random", _at_random(photos.labels, len(photos.names), n_wrong, rng)),
                ("similar", _to_the_nearest(photos.labels, embeddings, n_wrong, rng)),
            ):
                yield LabelSet(f"photos {share:.0%} {kind}, seed {seed}", given, photos.labels, len(photos.names))


def _at_random(labels: np.ndarray, n_labels: int, n_wrong: int, rng: np.random.Generator) -> np.ndarray:
    given, rows = labels.copy(), rng.choice(len(labels), n_wrong, replace=False)
    given[rows] = (labels[rows] + rng.integers(1, n_labels, n_wrong)) % n_labels
    return given


def _to_the_nearest(labels: np.ndarray, embeddings: np.ndarray, n_wrong: int, rng: np.random.Generator) -> np.ndarray:
    """Of the 2 n_wrong photos nearest to another label's, so that seeds differ, n_wrong drawn by chance."""
    rows = embeddings.astype(np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    cosines = rows @ rows.T
    cosines[labels[:, None] == labels[None]] = -2.0
    nearest, given = cosines.argmax(axis=1), labels.copy()
    closest = np.argsort(-cosines.max(axis=1))[: 2 * n_wrong]
    chosen = rng.choice(closest, n_wrong, replace=False)
    given[chosen] = labels[nearest[chosen]]
    return given
