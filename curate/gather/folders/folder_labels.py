"""From where files lie to their labels and splits, decided by where most of the pictures lie.

The folders are read as a tree, from the top: a folder is a container (it only holds others: a wrapper, or a side of
the split such as train), a label's folder, or it stays outside with a reason. See `read_places`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from curate.errors import BadInput
from curate.gather.folders.folder_names import TRAIN, UNLABELLED, VALID, split_sides, split_word
from curate.gather.folders.folder_tree import NO_FOLDER, Folder, grow_tree, has_labels, undoubled

_NO_LABELS_INSIDE = "`{}` is named as a split and has no label folders in it."
_NO_OTHER_SIDE = "`{}` is named as a split, and no folder beside it as the other side."
_REPEATED = "`{}` repeats the folders around it."
_UNLABELLED = "`{}` is named as a folder of unlabelled pictures."
_BESIDE_SPLIT = "It lies beside the folders of the split, in none of them."
_BESIDE_WRAPPER = "It lies beside `{}`, which holds nearly all pictures."
AUTO = "auto"
WORDS = ("label", "split", "*")


@dataclass(frozen=True)
class Place:
    """Where a file belongs.

    label None: it stays outside, for `reason`; split None: to be drawn; label_at: which part of the path is the label's
    folder, 0 = the first.
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
    pictures by name have no say. layout: "auto", or what the folders of every path are, from the top: words of label,
    split and *, such as `split/label`. Raises BadInput for another layout.
    """
    split_paths = [path.split("/") for path in paths]
    if layout != AUTO:
        words = parse_layout(layout)
        places = [_stated_place(parts, words) for parts in split_paths]
    else:
        root = grow_tree(split_paths)
        _read_container(root, None, known_labels)
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
        return Place(None, None)
    side = None
    if "split" in words and len(parts) > (split_at := words.index("split")) + 1:
        side = split_word(parts[split_at])[0]
    return Place(parts[at], side if side in (TRAIN, VALID) else None, at)


def _read_container(folder: Folder, side: str | None, known: set[str]) -> None:
    """Decide what the folders in `folder` are, whose pictures lie on `side` (None = not known)."""
    folder.role, folder.split = "container", side
    filled = folder.filled
    sides = {name: side for name, side in split_sides(list(folder.folders)).items() if name not in known}
    split = [each for each in filled if sides.get(each.name) in (TRAIN, VALID) and has_labels(each)]
    split = [each for each in split if not _is_of_unknown(each, split, sides)]
    others = [each for each in filled if each.name not in sides]
    if split and _is_split(split, others, sides):
        _read_split(folder, split, sides, known)
        return
    wrapped = _wrapped(folder, others, known)
    if wrapped is None:
        _read_labels(folder, sides)
        return
    labels = {inner.name for inner in wrapped.filled}
    for each in folder.folders.values():
        each.role, each.reason = "outside", _outside_reason(each.name, sides, _BESIDE_WRAPPER.format(wrapped.name))
        if each in split and labels & {inner.name for inner in undoubled(each).filled}:
            each.reason = _NO_OTHER_SIDE.format(each.name)
    _read_container(wrapped, side, known)


def _is_of_unknown(folder: Folder, split: list[Folder], sides: dict[str, str]) -> bool:
    """Whether a test set has one folder, none of those to train on: test/unknown beside train/cats and train/dogs."""
    own = set(undoubled(folder).folders)
    labels = {name for each in split if sides[each.name] == TRAIN for name in undoubled(each).folders}
    return sides[folder.name] == VALID and len(own) == 1 and len(labels) > 1 and not own & labels


def _is_split(split: list[Folder], others: list[Folder], sides: dict[str, str]) -> bool:
    """Whether folders named as sides are a split, by mass: train/small beside plane/small and bus/small is none."""
    labels = {name for each in split for name in undoubled(each).folders}
    n_split = sum(each.n_below for each in split)
    n_others = sum(each.n_below for each in others if each.name not in labels)
    if len(sides) > 1 or all(sides[each.name] == VALID for each in split):
        return n_split >= n_others
    return n_split >= n_others and not any(each.is_nested for each in others)


def _read_split(folder: Folder, split: list[Folder], sides: dict[str, str], known: set[str]) -> None:
    """Decide what lies in a folder that holds the sides of a split."""
    labels = {name for each in split for name in undoubled(each).folders}
    is_rest_train = all(sides[each.name] == VALID for each in split)
    for each in folder.folders.values():
        if each in split:
            _read_side(each, sides[each.name], known)
        elif each.name in labels and each.n_below:
            each.role, each.split = "label", TRAIN if is_rest_train else None
        elif each.n_below and each.name not in sides and _holds_split(each):
            _read_container(each, None, known)
        else:
            each.role, each.reason = "outside", _outside_reason(each.name, sides, _BESIDE_SPLIT)


def _read_side(folder: Folder, side: str, known: set[str]) -> None:
    inner = undoubled(folder)
    folder.role, folder.split = "container", side
    while folder is not inner:
        [folder] = folder.filled
        folder.role, folder.split = "container", side
    sides = {name: side for name, side in split_sides(list(folder.folders)).items() if name not in known}
    _read_labels(folder, sides)


def _holds_split(folder: Folder) -> bool:
    sides = split_sides(list(folder.folders))
    return any(has_labels(each) for each in folder.filled if each.name in sides)


def _wrapped(folder: Folder, others: list[Folder], known: set[str]) -> Folder | None:
    """The one folder in `folder` that holds (nearly) all pictures, in folders; None when there is no such."""
    if not others or any(each.name in known for each in folder.filled):
        return None
    largest = max(others, key=lambda each: each.n_below)
    beside = sum(each.n_below for each in others) - largest.n_below
    if not largest.is_nested or (beside and not largest.is_stray_beside(beside)):
        return None
    return largest


def _read_labels(folder: Folder, sides: dict[str, str]) -> None:
    """Take the folders in `folder` for labels, apart from those named as sides of a split."""
    side = folder.split
    for each in folder.folders.values():
        if each.name in sides and not _is_a_word(each, folder, sides):
            each.role, each.reason = "outside", _outside_reason(each.name, sides, NO_FOLDER)
        elif _is_repeated(each, folder):
            each.role, each.reason = "outside", _REPEATED.format(each.name)
        else:
            each.role, each.split = "label", side
    labels = [each for each in folder.filled if each.role == "label"]
    inner = [part for each in labels for part in each.filled if _is_side(part.name)]
    if side is None and 2 * sum(part.n_below for part in inner) >= sum(each.n_below for each in labels):
        for part in inner:
            part.role, part.split = "part", split_word(part.name)[0]


def _is_side(name: str) -> bool:
    return split_sides([name]).get(name) in (TRAIN, VALID)


def _is_a_word(folder: Folder, above: Folder, sides: dict[str, str]) -> bool:
    """Whether a folder named as a side is a label all the same: valid beside invalid."""
    beside = {each.name.casefold() for each in above.filled}
    return len(sides) == 1 and folder.name.casefold() == "valid" and "invalid" in beside


def _is_repeated(folder: Folder, above: Folder) -> bool:
    """Whether a data set was packed into itself: pets/cats, pets/dogs and pets/pets/cats, pets/pets/dogs."""
    inner = {each.name for each in folder.filled}
    beside = {each.name for each in above.filled}
    return folder.name == above.name and folder.is_nested and 2 * len(inner & beside) > len(inner)


def _outside_reason(name: str, sides: dict[str, str], otherwise: str) -> str:
    if name not in sides:
        return otherwise
    return (_UNLABELLED if sides[name] == UNLABELLED else _NO_LABELS_INSIDE).format(name)


def _place(parts: list[str], root: Folder) -> Place:
    label, label_at, split, folder = None, 0, None, root
    for at, folder in enumerate(_walk(parts[:-1], root)):
        if folder.role == "outside":
            return Place(None, None, 0, folder.reason)
        if folder.role == "label":
            label, label_at = folder.name, at
        split = folder.split or split
    return Place(label, split if label else None, label_at)


def _walk(names: list[str], folder: Folder) -> Iterator[Folder]:
    for name in names:
        folder = folder.folders[name]
        yield folder
