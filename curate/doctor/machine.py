"""Checks of this machine: the folder of all data, its disk, pretrained weights."""

import shutil

from curate import settings
from curate.doctor.finding import Finding
from curate.store.atomic import write_atomic

_LEAST_FREE_BYTES = 2_000_000_000


def check_home() -> list[Finding]:
    """Whether CURATE_HOME can be written."""
    home = settings.home()
    probe = home / ".doctor"
    try:
        write_atomic(probe, b"probe")
        probe.unlink()
    except OSError as error:
        return [Finding("home", False, f"{home} cannot be written ({error.strerror}): give it to the server's user.")]
    return [Finding("home", True, f"{home} can be written.")]


def check_disk() -> list[Finding]:
    """Whether the disk of CURATE_HOME has room."""
    disk = shutil.disk_usage(settings.home())
    free = f"{disk.free / 1e9:,.1f} GB of {disk.total / 1e9:,.0f} GB are free"
    if disk.free < _LEAST_FREE_BYTES:
        return [Finding("disk", False, f"Only {free}: make room, or empty the bin and remove old exports.")]
    return [Finding("disk", True, f"{free}.")]


def check_weights() -> list[Finding]:
    """Whether CURATE_WEIGHTS, when it is set, holds weights."""
    folder = settings.weights_folder()
    if folder is None:
        return [Finding("weights", True, "CURATE_WEIGHTS is unset: pretrained weights are downloaded when first used.")]
    if not folder.is_dir():
        return [Finding("weights", False, f"CURATE_WEIGHTS names {folder}, which is no folder: correct or unset it.")]
    files = [path for path in folder.iterdir() if path.suffix in (".safetensors", ".pth")]
    empty = [path.name for path in files if not path.stat().st_size]
    if not files or empty:
        why = f"{empty[0]} is empty" if empty else "it holds no .safetensors or .pth file"
        return [Finding("weights", False, f"CURATE_WEIGHTS, {folder}: {why}. Put weights there, or unset it.")]
    return [Finding("weights", True, f"{len(files):,} files of pretrained weights in {folder}.")]
