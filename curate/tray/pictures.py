"""A visitor's tray: pictures from uploads, zips, the clipboard, the camera, addresses and the project.

The files lie in a folder of CURATE_HOME, never in memory. They go with the session; what a killed server left is swept
later.
"""

import secrets
import shutil
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path

from curate import settings, store
from curate.errors import BadInput, BadPicture, NotFound
from curate.gather.sources import read_file, readable, tidy
from curate.pictures import header_size, open_reduced
from curate.shrinking import MOST_HERE_PX, as_webp, encode
from curate.tray.archive import PictureArchive

MOST_PICTURES = 10_000
UNUSED_S = 12 * 3_600.0  # after which nobody is taken to look at a tray any more
_SIZES = {"thumb": (store.THUMBNAIL_PX, 82), "view": (store.VIEW_PX, 88)}  # px, WebP quality
_FOLDER = "trays"


@dataclass(frozen=True)
class TrayPicture:
    """A picture in a tray.

    origin: upload, zip, clipboard, camera, address or project. file: its name in the tray's folder, of a zip the zip's;
    member: its place in that zip. sha: of a picture of the project, which is stored already. address: where it was
    fetched from.
    """

    number: int
    name: str
    origin: str
    file: str = ""
    member: int | None = None
    sha: str = ""
    image_id: int | None = None
    address: str = ""


class Tray:
    """The pictures of one session, in the order in which they came. `name`: of its folder; nobody can guess it.

    The folder goes with the object, or as the process ends.
    """

    def __init__(self) -> None:
        self.name = secrets.token_hex(16)
        self.folder = settings.home() / _FOLDER / self.name
        self.folder.mkdir(parents=True)
        self.pictures: list[TrayPicture] = []
        self._archives: dict[str, PictureArchive] = {}
        self._n_files = 0
        self._making = threading.Lock()
        _open_trays[self.name] = self
        self._removed = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def add_upload(self, incoming: str, kind: str, names: list[str]) -> None:
        """Take over what was uploaded into the incoming folder of that name: files, a folder's files or a zip.

        Raises NotFound when it is gone, BadInput for a damaged zip or too many pictures.
        """
        folder = store.find_incoming(incoming)
        if not names or not all((folder / str(number)).is_file() for number in range(len(names))):
            raise NotFound("The uploaded files are no longer there.", "Upload them again.")
        try:
            if kind == "zip":
                self._add_zip(folder / "0", names[0])
                return
            self._check_room(len(names))
            for number, name in enumerate(names):
                self._add(name, "upload", file=self._take_over(folder / str(number)))
        finally:
            store.remove_incoming(folder)

    def add_bytes(self, data: bytes, name: str, origin: str, address: str = "") -> None:
        """Keep a picture that came by other ways. Raises BadInput when there is no room."""
        self._check_room(1)
        file = self._free_file()
        (self.folder / file).write_bytes(data)
        self._add(name, origin, file=file, address=address)

    def add_image(self, image_id: int, sha: str, name: str) -> int:
        """The number of a picture of the project, put into the tray unless it is there. Raises BadInput."""
        for picture in self.pictures:
            if picture.image_id == image_id:
                return picture.number
        self._check_room(1)
        return self._add(name, "project", sha=sha, image_id=image_id)

    def read(self, number: int) -> bytes:
        """The bytes of a picture. Raises BadPicture when they cannot be had."""
        picture = self.pictures[number]
        try:
            if picture.sha:
                return store.blob_path(picture.sha).read_bytes()
            if picture.member is not None:
                return self._archives[picture.file].read_member(picture.member)
        except (NotFound, OSError) as error:
            raise BadPicture(f"The file cannot be opened: {error}") from error
        return read_file(self.folder / picture.file)

    def small(self, number: int, size: str) -> bytes:
        """A WebP of a picture, made once. size: thumb or view. Raises BadPicture, NotFound."""
        if size not in _SIZES or not 0 <= number < len(self.pictures):
            raise NotFound("There is no such picture.")
        path = self.folder / f"{number}.{size}.webp"
        with self._making:  # one at a time: each may take 100 MB
            if not path.exists():
                path.write_bytes(_shrunk(self.read(number), *_SIZES[size]))
        return path.read_bytes()

    def touch(self) -> None:
        """Say that somebody still looks at it."""
        self.folder.touch()

    def remove(self) -> None:
        """Remove the files for good."""
        _open_trays.pop(self.name, None)
        for archive in self._archives.values():
            archive.close()
        self._removed()

    def _add_zip(self, path: Path, name: str) -> None:
        file = self._take_over(path)
        archive = PictureArchive(self.folder / file, name)
        if len(self.pictures) + len(archive.members) > MOST_PICTURES:
            archive.close()
            (self.folder / file).unlink()
            self._check_room(len(archive.members))
        self._archives[file] = archive
        for member, path_in_zip in enumerate(archive.members):
            self._add(path_in_zip, "zip", file=file, member=member)

    def _take_over(self, path: Path) -> str:
        file = self._free_file()
        path.replace(self.folder / file)
        return file

    def _free_file(self) -> str:
        self._n_files += 1
        return f"{self._n_files}.file"

    def _add(
        self, name: str, origin: str, file: str = "", member: int | None = None, sha: str = "",
        image_id: int | None = None, address: str = "",
    ) -> int:  # fmt: skip
        number, shown = len(self.pictures), tidy(readable(name)) or "unnamed"
        self.pictures.append(TrayPicture(number, shown, origin, file, member, sha, image_id, address))
        return number

    def _check_room(self, n: int) -> None:
        if len(self.pictures) + n > MOST_PICTURES:
            raise BadInput(
                f"{len(self.pictures) + n:,} pictures are too many: at most {MOST_PICTURES:,} lie here at a time.",
                "Remove those that are here, or ask in parts; the command line (`curate predict`) takes any number.",
            )


def _shrunk(data: bytes, side_px: int, quality: int) -> bytes:
    """A WebP; a JPEG is decoded no larger than needed. Raises BadPicture."""
    width, height = header_size(data)
    if width * height > MOST_HERE_PX:
        return as_webp(data, side_px, quality)
    return encode(open_reduced(data, side_px), side_px, quality)


_open_trays: "weakref.WeakValueDictionary[str, Tray]" = weakref.WeakValueDictionary()


def find_tray(name: str) -> Tray:
    """The tray of that name in this process. Raises NotFound once its session has ended."""
    tray = _open_trays.get(name)
    if tray is None:
        raise NotFound("These pictures are forgotten.", "Upload them again.")
    return tray


def remove_open() -> None:
    """Remove the trays of this process, which is about to end."""
    for tray in list(_open_trays.values()):
        tray.remove()


def remove_unused(older_than_s: float = UNUSED_S) -> int:
    """Remove the trays that nobody has looked at for so long, of killed servers too; returns their number."""
    place, n = settings.home() / _FOLDER, 0
    for folder in place.iterdir() if place.is_dir() else ():
        if time.time() - folder.stat().st_mtime > older_than_s:
            shutil.rmtree(folder, ignore_errors=True)
            n += 1
    return n
