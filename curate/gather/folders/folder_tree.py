"""The tree of folders that files lie in, with how many pictures each of them holds."""

from dataclasses import dataclass, field

from curate.gather.folders.folder_names import is_neutral, is_picture, split_word

NO_FOLDER = "It lies in no label's folder."
_MOST_STRAYS, _STRAY_SHARE = 3, 0.02  # pictures that may lie beside a wrapper: the larger of the two


@dataclass
class Folder:
    """A folder with the pictures in and below it; what it is: container, label, part of a label, or outside."""

    name: str
    n_loose: int = 0
    n_below: int = 0
    folders: dict[str, "Folder"] = field(default_factory=dict)
    role: str = ""
    split: str | None = None
    reason: str = NO_FOLDER

    @property
    def filled(self) -> list["Folder"]:
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


def grow_tree(split_paths: list[list[str]]) -> Folder:
    """The tree of all folders; without any picture's name among the files, every file counts as a picture."""
    any_pictures = any(is_picture(parts[-1]) for parts in split_paths)
    root = Folder("")
    for parts in split_paths:
        weight = int(not any_pictures or is_picture(parts[-1]))
        folder = root
        folder.n_below += weight
        for name in parts[:-1]:
            folder = folder.folders.setdefault(name, Folder(name))
            folder.n_below += weight
        folder.n_loose += weight
    return root


def has_labels(folder: Folder) -> bool:
    """Whether a side of a split holds folders of labels, not only pictures; of a doubled one, the inner one."""
    inner = undoubled(folder)
    return inner.is_nested and bool(inner.filled)


def undoubled(folder: Folder) -> Folder:
    """The folder in which the labels of a side lie: test/test/…, train/images/…."""
    while folder.is_nested and len(folder.filled) == 1:
        [only] = folder.filled
        if not (only.name == folder.name or is_neutral(only.name) or split_word(only.name)[0]):
            break
        folder = only
    return folder
