"""From where files lie to their labels and splits, decided by where most of the pictures lie.

The folders are read as a tree, from the top: a folder is a container (it only holds others: a wrapper, or a side of
the split such as train), a label's folder, or it stays outside with a reason. See `read_places`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from curate.errors import BadInput
from curate.gather.folders.folder_names import TRAIN, UNLABELLED, VALID, is_neutral, is_picture, split_sides, split_word

NO_FOLDER = "It lies in no label's folder."
_NO_LABELS_INSIDE = "`{}` is named as a split and has no label folders in it."
_UNLABELLED = "`{}` is named as a folder of unlabelled pictures."
_BESIDE_SPLIT = "It lies beside the folders of the split, in none of them."
_BESIDE_WRAPPER = "It lies beside `{}`, which holds nearly all pictures."
_MOST_STRAYS, _STRAY_SHARE = 3, 0.02  # pictures that may lie beside a wrapper: the larger of the two
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


@dataclass
class _Folder:
    """A folder with the pictures in and below it; what it is: container, label, part of a label, or outside."""

    name: str
    n_loose: int = 0
    n_below: int = 0
    folders: dict[str, "_Folder"] = field(default_factory=dict)
    role: str = ""
    split: str | None = None
    reason: str = NO_FOLDER

    @property
    def filled(self) -> list["_Folder"]:
        """The folders in it that have pictures in or below them."""
        return [folder for folder in self.folders.values() if folder.n_below]

    @property
    def is_nested(self) -> bool:
        """Whether most of its pictures lie in folders below it."""
        return self.n_below > 2 * self.n_loose

    def is_stray_beside(self, n_strays: int) -> bool:
        """Whether so many pictures beside the folder are few enough to be strays: fewer than its folders mostly have,
        too."""
        sizes = sorted(folder.n_below for folder in self.filled)
        return n_strays <= max(_MOST_STRAYS, _STRAY_SHARE * self.n_below) and n_strays < sizes[len(sizes) // 2]


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
        root = _grow(split_paths)
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


def _grow(split_paths: list[list[str]]) -> _Folder:
    """The tree of all folders; without any picture's name among the files, every file counts as a picture."""
    any_pictures = any(is_picture(parts[-1]) for parts in split_paths)
    root = _Folder("")
    for parts in split_paths:
        weight = int(not any_pictures or is_picture(parts[-1]))
        folder = root
        folder.n_below += weight
        for name in parts[:-1]:
            folder = folder.folders.setdefault(name, _Folder(name))
            folder.n_below += weight
        folder.n_loose += weight
    return root


def _read_container(folder: _Folder, side: str | None, known: set[str]) -> None:
    """Decide what the folders in `folder` are, whose pictures lie on `side` (None = not known)."""
    folder.role, folder.split = "container", side
    filled = folder.filled
    sides = {name: side for name, side in split_sides(list(folder.folders)).items() if name not in known}
    split = [each for each in filled if sides.get(each.name) in (TRAIN, VALID) and _has_labels(each)]
    split = [each for each in split if not _is_of_unknown(each, split, sides)]
    others = [each for each in filled if each.name not in sides]
    if split and _is_split(split, others, sides):
        _read_split(folder, split, sides, known)
        return
    wrapped = _wrapped(folder, others, known)
    if wrapped is None:
        _read_labels(folder, sides)
        return
    for each in folder.folders.values():
        each.role, each.reason = "outside", _outside_reason(each.name, sides, _BESIDE_WRAPPER.format(wrapped.name))
    _read_container(wrapped, side, known)


def _has_labels(folder: _Folder) -> bool:
    """Whether a side of a split holds folders of labels, not only pictures; of a doubled one, the inner one."""
    inner = _undoubled(folder)
    return inner.is_nested and bool(inner.filled)


def _is_of_unknown(folder: _Folder, split: list[_Folder], sides: dict[str, str]) -> bool:
    """Whether a test set has one folder, none of those to train on: test/unknown beside train/cats and train/dogs."""
    own = set(_undoubled(folder).folders)
    labels = {name for each in split if sides[each.name] == TRAIN for name in _undoubled(each).folders}
    return sides[folder.name] == VALID and len(own) == 1 and len(labels) > 1 and not own & labels


def _undoubled(folder: _Folder) -> _Folder:
    """The folder in which the labels of a side lie: test/test/…, train/images/…."""
    while folder.is_nested and len(folder.filled) == 1:
        [only] = folder.filled
        if not (only.name == folder.name or is_neutral(only.name) or split_word(only.name)[0]):
            break
        folder = only
    return folder


def _is_split(split: list[_Folder], others: list[_Folder], sides: dict[str, str]) -> bool:
    """Whether folders named as sides are a split, by mass: train/small beside plane/small and bus/small is none."""
    labels = {name for each in split for name in _undoubled(each).folders}
    n_split = sum(each.n_below for each in split)
    n_others = sum(each.n_below for each in others if each.name not in labels)
    if len(sides) > 1 or all(sides[each.name] == VALID for each in split):
        return n_split >= n_others
    return n_split >= n_others and not any(each.is_nested for each in others)


def _read_split(folder: _Folder, split: list[_Folder], sides: dict[str, str], known: set[str]) -> None:
    """Decide what lies in a folder that holds the sides of a split."""
    labels = {name for each in split for name in _undoubled(each).folders}
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


def _read_side(folder: _Folder, side: str, known: set[str]) -> None:
    inner = _undoubled(folder)
    folder.role, folder.split = "container", side
    while folder is not inner:
        [folder] = folder.filled
        folder.role, folder.split = "container", side
    sides = {name: side for name, side in split_sides(list(folder.folders)).items() if name not in known}
    _read_labels(folder, sides)


def _holds_split(folder: _Folder) -> bool:
    sides = split_sides(list(folder.folders))
    return any(_has_labels(each) for each in folder.filled if each.name in sides)


def _wrapped(folder: _Folder, others: list[_Folder], known: set[str]) -> _Folder | None:
    """The one folder in `folder` that holds (nearly) all pictures, in folders; None when there is no such."""
    if not others or any(each.name in known for each in folder.filled):
        return None
    largest = max(others, key=lambda each: each.n_below)
    beside = sum(each.n_below for each in others) - largest.n_below
    if not largest.is_nested or (beside and not largest.is_stray_beside(beside)):
        return None
    return largest


def _read_labels(folder: _Folder, sides: dict[str, str]) -> None:
    """Take the folders in `folder` for labels, apart from those named as sides of a split."""
    side = folder.split
    for each in folder.folders.values():
        if each.name in sides and not _is_a_word(each, folder, sides):
            each.role, each.reason = "outside", _outside_reason(each.name, sides, NO_FOLDER)
        else:
            each.role, each.split = "label", side
    labels = [each for each in folder.filled if each.role == "label"]
    inner = [part for each in labels for part in each.filled if _is_side(part.name)]
    if side is None and 2 * sum(part.n_below for part in inner) >= sum(each.n_below for each in labels):
        for part in inner:
            part.role, part.split = "part", split_word(part.name)[0]


def _is_side(name: str) -> bool:
    return split_sides([name]).get(name) in (TRAIN, VALID)


def _is_a_word(folder: _Folder, above: _Folder, sides: dict[str, str]) -> bool:
    """Whether a folder named as a side is a label all the same: valid beside invalid."""
    beside = {each.name.casefold() for each in above.filled}
    return len(sides) == 1 and folder.name.casefold() == "valid" and "invalid" in beside


def _outside_reason(name: str, sides: dict[str, str], otherwise: str) -> str:
    if name not in sides:
        return otherwise
    return (_UNLABELLED if sides[name] == UNLABELLED else _NO_LABELS_INSIDE).format(name)


def _place(parts: list[str], root: _Folder) -> Place:
    label, label_at, split, folder = None, 0, None, root
    for at, folder in enumerate(_walk(parts[:-1], root)):
        if folder.role == "outside":
            return Place(None, None, 0, folder.reason)
        if folder.role == "label":
            label, label_at = folder.name, at
        split = folder.split or split
    return Place(label, split if label else None, label_at)


def _walk(names: list[str], folder: _Folder) -> Iterator[_Folder]:
    for name in names:
        folder = folder.folders[name]
        yield folder
