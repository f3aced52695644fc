"""From where a file lies to its label and split: the ImageFolder way, with or without train/ and valid/ above."""

import re
from dataclasses import dataclass

SPLITS = dict.fromkeys(("train", "training"), "train")
# A test set counts as validation: what must not be trained on.
SPLITS |= dict.fromkeys(("valid", "val", "validation", "test", "testing"), "valid")
IGNORED = ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin")
_PICTURES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".avif"),
    *(".jp2", ".j2k", ".jpx", ".ppm", ".pgm", ".pbm", ".pnm"),
)


@dataclass(frozen=True)
class Place:
    """Where a file belongs; label None = it lies in no label's folder, split None = to be drawn."""

    label: str | None
    split: str | None


def is_ignored(name: str) -> bool:
    """Whether a file or folder of this name is left out without a word: hidden, or a system's own."""
    return name.startswith(".") or name.casefold() in IGNORED


def places(paths: list[str], known_labels: set[str]) -> list[Place]:
    """Where each of `paths` (relative, "/" between parts) belongs, in order.

    The first folder is the label, deeper ones belong to it. Folders named train and valid (val, validation, test) that
    hold the label folders give the split. A lone folder that holds only folders is a wrapper and looked through,
    unless it is named as one of `known_labels`. Files that are no pictures by name have no say in this.
    """
    split_paths = [path.split("/") for path in paths]
    depth, has_splits = _shape(split_paths, known_labels)
    return [_place(parts, depth, has_splits) for parts in split_paths]


def label_at(paths: list[str], known_labels: set[str]) -> int:
    """Which part of every path names its label, 0 = the first folder; as `places` sees it."""
    depth, has_splits = _shape([path.split("/") for path in paths], known_labels)
    return depth + has_splits


def by_number(name: str) -> list[str | int]:
    """Sort key that puts "2" before "10"."""
    return [int(part) if part.isdecimal() else part.casefold() for part in re.split(r"(\d+)", name)]


def _shape(split_paths: list[list[str]], known_labels: set[str]) -> tuple[int, bool]:
    """How many wrappers lie around everything, and whether train/ and valid/ lie below them."""
    telling = [parts for parts in split_paths if parts[-1].lower().endswith(_PICTURES)] or split_paths
    depth = 0
    while _is_wrapped(telling, depth, known_labels):
        depth += 1
    return depth, _has_splits(telling, depth)


def _is_wrapped(telling: list[list[str]], depth: int, known_labels: set[str]) -> bool:
    return (
        all(len(parts) >= depth + 3 for parts in telling)
        and len({parts[depth] for parts in telling}) == 1
        and telling[0][depth] not in known_labels
    )


def _has_splits(telling: list[list[str]], depth: int) -> bool:
    sides = {SPLITS.get(parts[depth].casefold()) for parts in telling if len(parts) >= depth + 3}
    return sides == {"train", "valid"} and all(len(parts) >= depth + 3 for parts in telling)


def _place(parts: list[str], depth: int, has_splits: bool) -> Place:
    split = SPLITS.get(parts[depth].casefold()) if has_splits and len(parts) > depth + 1 else None
    at = depth + has_splits
    return Place(parts[at] if len(parts) > at + 1 else None, split)
