"""Names from people as parts of paths: safe in every file system, also in those that ignore case."""

import re
import unicodedata
from collections.abc import Iterable

MAX_NAME_BYTES = 150  # file systems end at 255
_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows


class Names:
    """Gives out distinct names that are safe in every file system, also in those that ignore case.

    >>> names = Names()
    >>> names.give("../etc"), names.give("A/b"), names.give("a_B"), names.give("")
    ('_etc', 'A_b', 'a_B~2', '_')
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, name: str) -> str:
        """Returns a name like `name` that was not given before."""
        number, given = 1, safe_name(name)
        while given.casefold() in self._taken:
            number += 1
            given = numbered(safe_name(name), str(number))
        self._taken.add(given.casefold())
        return given


def folder_names(labels: Iterable[str]) -> dict[str, str]:
    """Returns {label: name of its folder}, distinct also where case does not count.

    labels: in the project's order: more of them leave the others' names as they are. A label that can be a folder's
    name as it is keeps that name.

    >>> folder_names(["AC/DC", "AC:DC", "AC_DC", "cats"])
    {'AC_DC': 'AC_DC', 'cats': 'cats', 'AC/DC': 'AC_DC~2', 'AC:DC': 'AC_DC~3'}
    """
    names = Names()
    return {label: names.give(label) for label in sorted(labels, key=lambda label: safe_name(label) != label)}


def safe_name(text: str) -> str:
    """Returns `text` as one safe part of a path: it cannot climb or hide, has no special characters, is not empty."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip(" .")
    if len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        stem, dot, extension = name.rpartition(".")
        end = dot + extension if stem and len(extension) <= 5 else ""
        name = name.encode("utf-8", "replace")[: MAX_NAME_BYTES - len(end)].decode("utf-8", "ignore").rstrip(" .") + end
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def numbered(name: str, number: str) -> str:
    """Returns the name with ~ and a number before its extension.

    >>> numbered("cat.jpg", "2"), numbered("cat", "2"), numbered(".cat", "2")
    ('cat~2.jpg', 'cat~2', '.cat~2')
    """
    stem, dot, extension = name.rpartition(".")
    return f"{stem}~{number}{dot}{extension}" if stem else f"{name}~{number}"
