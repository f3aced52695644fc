"""The folder that an export goes to: empty or new, or with an earlier export whose manifest says what is ours."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from curate.data_export.manifest import FILE, Manifest, opened, read_facts
from curate.data_export.picture_files import facts_of
from curate.data_export.version_images import ProjectVersion
from curate.errors import BadInput

WriteList = Callable[[Path], object]  # writes a list or card to a path
WRITING, WHOLE = "writing", "whole"


class Target:
    """A folder and its manifest. `now`: the number of this pass over the images, which the manifest marks files with.

    is_resumed: an export of the same version was begun here and broke off.
    """

    def __init__(self, root: Path, manifest: Manifest, version: ProjectVersion, format: str) -> None:
        self.root = root
        self.manifest = manifest
        self.is_resumed = manifest.fact("state") == WRITING and manifest.fact("version_id") == version.row.id
        self.now: int = manifest.fact("pass") or 0
        if not self.is_resumed:
            self.now += 1
        self._safe: set[Path] = set()
        manifest.set_facts(
            project=version.project_key, format=format, state=WRITING, version_id=version.row.id,
            version=version.row.number, **{"pass": self.now},
        )  # fmt: skip
        manifest.commit()

    def place(self, path: str) -> Path:
        """Returns where the file of that path goes; its folder is made. Raises BadInput for a link on the way."""
        full = self.root / path
        if full.parent not in self._safe:
            full.parent.mkdir(parents=True, exist_ok=True)
            if not full.parent.resolve().is_relative_to(self.root.resolve()):
                raise BadInput(f"{full.parent} is a link that leads out of the export's folder.", "Remove the link.")
            self._safe.add(full.parent)
        return full

    def write_list(self, name: str, write: WriteList) -> bool:
        """Write a list or card as `name`; False when somebody changed the one that we wrote, which is left alone."""
        path = self.place(name)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        if path.is_symlink() or (path.exists() and self.manifest.extra(name) != facts_of(path)):
            return False
        try:
            write(fresh)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        self.manifest.store_extra(name, *facts_of(path))
        self.manifest.commit()
        return True

    def finish(self) -> None:
        """Record that the export is whole."""
        self.manifest.set_facts(state=WHOLE)
        self.manifest.commit()


@contextmanager
def following(root: Path, version: ProjectVersion, format: str) -> Iterator[Target]:
    """The target of a format that can follow a later version: new, empty, or with an export of the same project.

    Raises BadInput for any other folder.
    """
    check_following(root, version, format)
    with _opened(root, version, format) as target:
        yield target
        target.finish()


@contextmanager
def at_once(root: Path, version: ProjectVersion, format: str) -> Iterator[Target]:
    """The target of a format that is written once: new, empty, or where the same export broke off.

    Its manifest is removed in the end. Raises BadInput for any other folder.
    """
    check_at_once(root, version, format)
    with _opened(root, version, format) as target:
        yield target
    (root / FILE).unlink()


@contextmanager
def _opened(root: Path, version: ProjectVersion, format: str) -> Iterator[Target]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / FILE).touch()
    except OSError as error:
        raise BadInput(f"{root} cannot be written to: {error.strerror}.", "Name another folder.") from error
    with opened(root / FILE) as manifest:
        yield Target(root, manifest, version, format)


def check_following(root: Path, version: ProjectVersion, format: str) -> int | None:
    """The number of the version that an earlier export left in the folder, None = it is new or empty.

    Raises BadInput unless it is one of the two, or holds an export of the same project in the same format.
    """
    facts = read_facts(root)
    if facts is None:
        check_empty(root)
        return None
    if facts.get("project") != version.project_key:
        raise BadInput(f"{root} holds an export of another project.", "Name a new folder.")
    if facts.get("format") != format:
        raise BadInput(f"{root} holds an export in another format ({facts.get('format')}).", "Name a new folder.")
    return int(facts.get("version") or 0)


def check_at_once(root: Path, version: ProjectVersion, format: str) -> None:
    """Raise BadInput unless the folder is new or empty, or the same export broke off there."""
    facts = read_facts(root) or {}
    same = (version.project_key, format, WRITING, version.row.id)
    if tuple(facts.get(name) for name in ("project", "format", "state", "version_id")) != same:
        check_empty(root)


def discard(root: Path) -> None:
    """Remove what a first, unfinished export has written into a folder; what somebody else put there stays."""
    facts = read_facts(root)
    if facts is None or facts.get("state") != WRITING or facts.get("pass") != 1:
        return
    folders = {root}
    with opened(root / FILE) as manifest:
        for path, known in manifest.written():
            full = root / path
            if full.is_file() and not full.is_symlink() and (known is None or facts_of(full) == known):
                full.unlink()
            folders |= {root / above for above in Path(path).parents}
    (root / FILE).unlink()
    for folder in sorted(folders, reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def check_empty(folder: Path) -> None:
    """Raise BadInput unless the folder is empty or not there yet."""
    try:
        is_free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    except OSError as error:
        raise BadInput(f"{folder} cannot be read: {error.strerror}.", "Name another folder.") from error
    if not is_free:
        raise BadInput(f"{folder} is not an empty folder.", "Name a new one; an export never writes over anything.")
