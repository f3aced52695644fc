"""From where files lie to their labels and splits, decided by where most of the pictures lie.

The folders are read as a tree, from the top: a folder is a container (it only holds others: a wrapper, or a side of
the split such as train), a label's folder, or it stays outside with a reason. See `read_places`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from curate.errors import BadInput
from curate.gather.folders.folder_names import TRAIN, VALID, split_word
from curate.gather.folders.folder_roles import read_container
from curate.gather.folders.folder_tree import NO_FOLDER, Folder, grow_tree

AUTO = "auto"
NO_LABELS = "none"  # the layout of a source in which no folder is a label
WORDS = ("label", "split", "*")


@dataclass(frozen=True)
class Place:
    """Where a file belongs.

    label None: it has no label, for `reason`; split None: to be drawn; label_at: which part of the path is the label's
    folder, 0 = the first. Without a label, that is the folder that a label's would take the place of; the file's own
    place in the path where no folder does.
    """

    label: str | None
    split: str | None
    label_at: int = 0
    reason: str = NO_FOLDER


def read_places(paths: list[str], known_labels: set[str], layout: str = AUTO) -> list[Place]:
    """Where each of `paths` (relative, "/" between parts) belongs, in order.

    Usually the first folder is the label, deeper ones belong to it. Folders named as sides of a split that hold the
    labels' folders, or lie in them, give the split: test counts as valid. A lone folder that holds only folders is a
    wrapper and looked through, unless it is one of `known_labels`. What most pictures say decides; files that are no
    pictures by name have no say. layout: "auto", "none" (no folder is a label), or what the folders of every path are,
    from the top: words of label, split and *, such as `split/label`. Raises BadInput for another layout.
    """
    split_paths = [path.split("/") for path in paths]
    if layout == NO_LABELS:
        return [Place(None, None)] * len(paths)
    if layout != AUTO:
        words = parse_layout(layout)
        places = [_stated_place(parts, words) for parts in split_paths]
    else:
        root = grow_tree(split_paths)
        read_container(root, None, known_labels)
        places = [_place(parts, root) for parts in split_paths]
    has_both_sides = {place.split for place in places if place.label} >= {TRAIN, VALID}
    if has_both_sides:
        return places
    return [Place(place.label, None, place.label_at, place.reason) for place in places]


def parse_layout(layout: str) -> list[str]:
    """The words of a stated layout. Raises BadInput.

    >>> parse_layout("*/split/label")
    ['*', 'split', 'label']
    """
    words = layout.strip().strip("/").split("/")
    if words.count("label") != 1 or words.count("split") > 1 or not set(words) <= set(WORDS):
        raise BadInput(
            f"The layout {layout!r:.60} is not understood.",
            "Name what the folders are from the top, with * for any: label, split/label, label/split, */label.",
        )
    return words


def layout_of(paths: list[str], places: list[Place]) -> str:
    """The layout that most of the pictures with a label have, in the words of `parse_layout`; "" when none has."""
    layouts: Counter[str] = Counter()
    for path, place in zip(paths, places, strict=True):
        if place.label is None:
            continue
        folders = path.split("/")[:-1]
        words = ["*"] * place.label_at + ["label"]
        sides = [at for at, name in enumerate(folders) if place.split and split_word(name)[0] == place.split]
        outer = [at for at in sides if at < place.label_at]
        if outer:
            words[outer[-1]] = "split"
        elif sides and sides[0] == place.label_at + 1:
            words.append("split")
        layouts["/".join(words)] += 1
    return layouts.most_common(1)[0][0] if layouts else ""


def _stated_place(parts: list[str], words: list[str]) -> Place:
    at = words.index("label")
    if len(parts) <= at + 1:
        return Place(None, None, len(parts) - 1)
    side = None
    if "split" in words and len(parts) > (split_at := words.index("split")) + 1:
        side = split_word(parts[split_at])[0]
    return Place(parts[at], side if side in (TRAIN, VALID) else None, at)


def _place(parts: list[str], root: Folder) -> Place:
    label, label_at, split, folder = None, 0, None, root
    for at, folder in enumerate(_walk(parts[:-1], root)):
        if folder.role == "outside":
            return Place(None, None, at, folder.reason)
        if folder.role == "label":
            label, label_at = folder.name, at
        split = folder.split or split
    return Place(label, split, label_at) if label else Place(None, None, len(parts) - 1)


def _walk(names: list[str], folder: Folder) -> Iterator[Folder]:
    for name in names:
        folder = folder.folders[name]
        yield folder
