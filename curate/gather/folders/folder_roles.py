"""What each folder of a tree is (a container, a label's folder, or outside), by where most pictures lie."""

from curate.gather.folders.folder_names import TRAIN, UNLABELLED, VALID, is_part, split_sides, split_word
from curate.gather.folders.folder_tree import NO_FOLDER, Folder, has_labels, undoubled

_NO_LABELS_INSIDE = "`{}` is named as a split and has no label folders in it."
_NO_OTHER_SIDE = "`{}` is named as a split, and no folder beside it as the other side."
_REPEATED = "`{}` repeats the folders around it."
_UNLABELLED = "`{}` is named as a folder of unlabelled pictures."
_BESIDE_SPLIT = "It lies beside the folders of the split, in none of them."
_BESIDE_WRAPPER = "It lies beside `{}`, which holds nearly all pictures."


def read_container(folder: Folder, side: str | None, known: set[str]) -> None:
    """Decide what the folders in `folder` are, whose pictures lie on `side` (None = not known)."""
    folder.role, folder.split = "container", side
    filled = folder.filled
    if len(filled) > 1 and all(is_part(each.name) and each.name not in known and has_labels(each) for each in filled):
        _read_parts(folder, known)
        return
    sides = {name: side for name, side in split_sides(list(folder.folders)).items() if name not in known}
    split = [each for each in filled if sides.get(each.name) in (TRAIN, VALID) and has_labels(each)]
    split = [each for each in split if not _is_of_unknown(each, split, sides)]
    others = [each for each in filled if each.name not in sides]
    if len(others) == 1 and others[0].name not in known and (own := _side_beside(others[0], split, sides)):
        sides[others[0].name] = own
        split, others = [*split, *others], []
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
    read_container(wrapped, side, known)


def _read_parts(folder: Folder, known: set[str]) -> None:
    """Decide what lies in numbered parts (fold1, fold2). Their own splits contradict each other and do not count."""
    for each in folder.folders.values():
        if each.n_below:
            read_container(each, None, known)
            _forget_split(each)
        else:
            each.role = "outside"


def _forget_split(folder: Folder) -> None:
    folder.split = None
    for each in folder.folders.values():
        _forget_split(each)


def _side_beside(folder: Folder, split: list[Folder], sides: dict[str, str]) -> str | None:
    """Which side a folder of any name is that holds the labels of the only named side: `lerne` beside `test`.

    None = none: it holds other labels, or more pictures than what is named train.
    """
    named = {sides[each.name] for each in split}
    labels = {inner.name for each in split for inner in undoubled(each).filled}
    own = {inner.name for inner in undoubled(folder).filled} if has_labels(folder) else set()
    if len(named) != 1 or 2 * len(own & labels) <= min(len(own), len(labels)):
        return None
    if named == {VALID}:
        return TRAIN
    return VALID if folder.n_below <= sum(each.n_below for each in split) else None


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
            read_container(each, None, known)
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
