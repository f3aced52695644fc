"""Files on disk: immutable blobs named by their SHA-256, thumbnails made once, a folder per run and per job.

Nothing else in the project builds a path below `settings.home()`. Every file appears whole or not at all. With
CURATE_STORE, blobs and thumbnails are objects of a bucket (`remote_blobs`), and every path is that of a local copy.
Linked pictures are symbolic links in `settings.home()` either way.
"""

import ctypes
import hashlib
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from curate import settings
from curate.errors import NotFound
from curate.shrinking import as_webp, encode
from curate.store import bucket, local_copies, remote_blobs
from curate.store.atomic import atomic_file, write_atomic

__all__ = ["atomic_file", "write_atomic"]

THUMBNAIL_PX = 320  # a 160 px card stays crisp on a 2x screen
VIEW_PX = 1600
_SHA = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}")  # the names under which `atomic_file` and `link_blob` begin
_making = [threading.Lock() for _ in range(64)]  # by a part of a picture's name


def add_blob(data: bytes) -> str:
    """Store `data`; returns its SHA-256 (64 hex digits). The same bytes again change nothing."""
    sha = hashlib.sha256(data).hexdigest()
    path = _blob_file(sha)
    if remote := bucket.configured():
        remote_blobs.add(remote, sha, data)
        unlink_blob(sha)
    elif path.is_symlink() or not path.exists():
        write_atomic(path, data)
    return sha


def link_blob(path: Path, sha: str) -> None:
    """Let the file at `path`, which has that SHA-256, serve as the blob without a copy.

    A blob that is stored already stays as it is.
    """
    target = _blob_file(sha)
    if has_blob(sha) and not target.is_symlink():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    fresh.symlink_to(path)
    fresh.replace(target)


def unlink_blob(sha: str) -> None:
    """Forget a linked file since it has changed: other content must not be shown as the picture."""
    target = _blob_file(sha)
    if target.is_symlink():
        target.unlink()


def add_blob_soon(data: bytes) -> str:
    """As `add_blob`, but not on disk before the next `flush`, which many pictures share."""
    if bucket.configured():
        return add_blob(data)
    sha = hashlib.sha256(data).hexdigest()
    path = _blob_file(sha)
    if not _is_made(path) or path.is_symlink():
        write_atomic(path, data, is_derived=True)
    return sha


def adopt_blob_soon(path: Path, sha: str) -> None:
    """Move the file at `path`, which has that SHA-256 and is below `settings.home()`, to the blobs.

    It is not on disk before the next `flush`.
    """
    if bucket.configured():
        add_blob(path.read_bytes())
        path.unlink()
        return
    target = _blob_file(sha)
    if _is_made(target) and not target.is_symlink():
        path.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)


def flush() -> None:
    """Return when everything written so far is on disk; one call costs as much as syncing a few files."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "syncfs"):  # only Linux can do it for one file system
        os.sync()
        return
    folder = os.open(settings.home(), os.O_RDONLY)
    try:
        libc.syncfs(folder)
    finally:
        os.close(folder)


def blob_path(sha: str) -> Path:
    """Returns the path of the stored original, or of its local copy, fetched if need be. Raises NotFound, StoreDown."""
    path = _blob_file(sha)
    if (remote := bucket.configured()) and not path.is_symlink():
        return remote_blobs.fetch(remote, sha)
    if not path.exists():
        if path.is_symlink():
            raise NotFound(
                f"The linked picture {path.readlink()} is gone.",
                "Put it back (is its disk connected?), or delete the picture from the project.",
            )
        raise NotFound(f"No stored picture is named {sha[:12]}….")
    return path


def blob_paths(shas: Sequence[str]) -> list[Path]:
    """Returns the paths of many originals. Those of a bucket are fetched as each is opened. Raises NotFound."""
    if bucket.configured():
        return [blob_path(sha) if _blob_file(sha).is_symlink() else remote_blobs.fetched_later(sha) for sha in shas]
    return [blob_path(sha) for sha in shas]


def has_blob(sha: str) -> bool:
    """Whether the original of that name is stored. Raises StoreDown."""
    path = _blob_file(sha)
    if (remote := bucket.configured()) and not path.is_symlink():
        return remote_blobs.has(remote, sha)
    return path.exists()


def fetch_thumbnails(shas: Sequence[str]) -> None:
    """Begin to fetch the thumbnails of a page side by side; returns at once. In CURATE_HOME all lie here anyway."""
    if remote := bucket.configured():
        remote_blobs.fetch_thumbnails(remote, shas)


def remove_blob(sha: str) -> int:
    """Erase a blob and its derived files for good; returns the bytes freed. Only *empty the bin* calls this."""
    freed = 0
    if remote := bucket.configured():
        freed += remote_blobs.remove(remote, sha)
    for path in (_blob_file(sha), _derived("thumbnails", sha), _derived("views", sha)):
        if path.is_symlink():
            path.unlink()  # the file itself is not ours
        elif path.exists():
            freed += path.stat().st_size
            path.unlink()
    return freed


def thumbnail_path(sha: str) -> Path:
    """Returns a WebP of at most 320 px a side, made on first use; smaller pictures keep their size."""
    if remote := bucket.configured():
        return _remote_thumbnail(remote, sha)
    return _made_once(sha, "thumbnails", THUMBNAIL_PX, 82)


def view_path(sha: str) -> Path:
    """Returns a WebP of at most 1,600 px a side, which every browser shows, made on first use."""
    return _made_once(sha, "views", VIEW_PX, 88)


def find_thumbnail(sha: str) -> Path | None:
    """Returns the thumbnail if it is made already and lies here."""
    if bucket.configured():
        return remote_blobs.find_thumbnail(sha)
    return _if_made(sha, "thumbnails")


def find_view(sha: str) -> Path | None:
    """Returns the view if it is made already."""
    return _if_made(sha, "views")


def add_thumbnail(sha: str, picture: Image.Image) -> None:
    """Store the thumbnail of a decoded picture, so that nobody decodes it again."""
    if remote := bucket.configured():
        remote_blobs.add_thumbnail(remote, sha, encode(picture, THUMBNAIL_PX, 82))
        return
    path = _derived("thumbnails", sha)
    if not _is_made(path):
        write_atomic(path, encode(picture, THUMBNAIL_PX, 82), is_derived=True)


def run_folder(run_id: int) -> Path:
    """Returns the folder of a run's model and probabilities; makes it when missing."""
    return _folder("runs", str(int(run_id)))


def job_folder(job_id: int) -> Path:
    """Returns the folder of a job's log and files; makes it when missing."""
    return _folder("jobs", str(int(job_id)))


def labelling_folder(project_id: int) -> Path:
    """Returns the folder of what is suggested for a project's unlabelled images; makes it when missing."""
    return _folder("labelling", str(int(project_id)))


def export_folder(export_id: int) -> Path:
    """Returns the folder of an export that is offered for download; makes it when missing."""
    return _folder("exports", str(int(export_id)))


def remove_export(export_id: int) -> None:
    """Remove the files of an export that lie in `export_folder`."""
    shutil.rmtree(settings.home() / "exports" / str(int(export_id)), ignore_errors=True)


def incoming_folder() -> Path:
    """Makes a folder for incoming files (uploads, archives); the job that imports them removes it."""
    return _folder("incoming", secrets.token_hex(8))


def find_incoming(name: str) -> Path:
    """Returns the folder of that name that `incoming_folder` made. Raises NotFound when it is gone."""
    folder = settings.home() / "incoming" / name
    if not re.fullmatch(r"[0-9a-f]{16}", name) or not folder.is_dir():
        raise NotFound("The uploaded files are no longer there.", "Upload them again.")
    return folder


def incoming_folders() -> list[Path]:
    """Returns the folders that `incoming_folder` made and nobody has removed."""
    return list(_folder("incoming").iterdir())


def unchanged_for_s(folder: Path) -> float:
    """Returns the seconds since the last change of a folder or a file in it."""
    changed_at = [path.lstat().st_mtime for path in (folder, *folder.rglob("*"))]
    return time.time() - max(changed_at)


def remove_unfinished_files(older_than_s: float) -> int:
    """Remove unfinished files of killed processes (`atomic_file`, the secret); returns their number."""
    n = 0
    for folder, _, names in os.walk(settings.home()):
        for name in names:
            is_unfinished = _UNFINISHED.fullmatch(name) or (
                name.startswith("secret.") and folder == str(settings.home())
            )
            if is_unfinished:
                path = Path(folder, name)
                if time.time() - path.lstat().st_mtime > older_than_s:
                    path.unlink(missing_ok=True)
                    n += 1
    return n


def remove_incoming(folder: Path) -> None:
    """Remove a folder made by `incoming_folder`; anything else is left alone."""
    if folder.resolve().parent == settings.home() / "incoming":
        shutil.rmtree(folder, ignore_errors=True)


def cache_folder(name: str) -> Path:
    """Returns the folder of computable data (training-size pictures, embeddings); makes it when missing."""
    return _folder("cache", name)


def _folder(*parts: str) -> Path:
    path = settings.home().joinpath(*parts)
    if not path.is_dir():  # mostly it is there, and making it then takes five times as long as looking
        path.mkdir(parents=True, exist_ok=True)
    return path


def _blob_file(sha: str) -> Path:
    if not _SHA.fullmatch(sha):
        raise NotFound("A stored picture is named by 64 hexadecimal digits.")
    return settings.home() / "blobs" / sha[:2] / sha[2:]


def _remote_thumbnail(remote: bucket.Bucket, sha: str) -> Path:
    """Returns the local copy of a bucket's thumbnail; made and stored there on first use."""
    if path := remote_blobs.fetch_thumbnail(remote, sha):
        return path
    source = blob_path(sha)
    with _making[hash(sha) % len(_making)]:
        path = remote_blobs.find_thumbnail(sha)
        return path or remote_blobs.add_thumbnail(remote, sha, as_webp(source, THUMBNAIL_PX, 82))


def _derived(kind: str, sha: str) -> Path:
    if os.environ.get("CURATE_STORE"):  # with the other local copies, which are bounded in size
        return local_copies.path_of(f"{kind}/{sha[:2]}/{sha[2:]}.webp")
    return settings.home() / kind / sha[:2] / f"{sha[2:]}.webp"


def _made_once(sha: str, kind: str, side_px: int, quality: int) -> Path:
    source, path = blob_path(sha), _derived(kind, sha)
    with _making[hash(sha) % len(_making)]:  # who asks for the same picture meanwhile gets the one that is being made
        if not _is_made(path):
            write_atomic(path, as_webp(source, side_px, quality), is_derived=True)
    return path


def _if_made(sha: str, kind: str) -> Path | None:
    path = _derived(kind, sha)
    if bucket.configured():
        return path if _is_made(path) else None
    return path if _is_made(path) and _blob_file(sha).exists() else None


def _is_made(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
