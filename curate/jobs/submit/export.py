"""Submits exports of pictures and labels, after the checks that can be made at once."""

from dataclasses import asdict, dataclass
from pathlib import Path

from curate import settings, store
from curate.catalog import exports, projects
from curate.catalog import jobs as rows
from curate.catalog.exports import ExportRow
from curate.data_export import target, version_images
from curate.data_export.formats import Format, find_format
from curate.data_export.version_images import ProjectVersion
from curate.errors import BadInput, Conflict
from curate.jobs import client
from curate.safe_names import safe_name

KIND = "export"


@dataclass(frozen=True)
class Extras:
    """What goes along: the data card, the attribution list; apostrophes before formulas; whose held-out answers.

    unlabelled: images without a label, too.
    """

    card: bool = True
    attribution: bool = True
    spreadsheet: bool = False
    run_id: int | None = None
    unlabelled: bool = False


def start(
    project_id: int, format: str, number: int | None, to: Path | None, extras: Extras, author: str
) -> tuple[int, int]:
    """Queue an export; returns (its id, the job's id).

    number: of the version, None = the newest.  to: a folder or file on this machine, None = below CURATE_HOME, to be
    downloaded. Raises NotFound, BadInput for a place or version that cannot be used, Conflict while it is written to.
    """
    kind, version = find_format(format), version_images.find_version(project_id, number)
    if extras.unlabelled and not kind.takes_unlabelled:
        raise BadInput(f"{kind.title} has no place for pictures without a label.", "Use folders, or a zip of them.")
    path = None if to is None else check_place(version, format, to)
    if path is not None and any(_place_of(job.args.get("export_id")) == path for job in _open_jobs()):
        raise Conflict(f"{path} is being written to right now.", "Wait until that is done.")
    place = None if path is None else str(path)
    row = exports.add(project_id, version.row.id, format, place, asdict(extras), author)
    title = f"Export version {version.row.number}: {kind.title}"
    return row.id, client.enqueue(KIND, project_id, {"export_id": row.id}, title, author)


def check_place(version: ProjectVersion, format: str, to: Path) -> Path:
    """The folder or file that an export to this place would write. Raises BadInput when it cannot be used.

    For a format of one file, `to` is that file when it ends as such files do, else the folder that it goes to.
    """
    kind, path = find_format(format), to.expanduser()
    if not path.is_absolute():
        raise BadInput(f"{path} is not a full path.", "Begin it with a slash, or ~.")
    path = path.resolve()
    if path.is_relative_to(settings.home()):
        raise BadInput("That lies in Curate's own data folder.", "Name a folder elsewhere, or download the export.")
    if kind.suffix and not is_file_of(kind, path):
        path = path / file_name(version, kind)
    if kind.suffix:
        if path.exists():
            raise BadInput(f"{path} is there already.", "Name a new file; an export never writes over anything.")
    elif kind.follows:
        target.check_following(path, version, format)
    else:
        target.check_at_once(path, version, format)
    return path


def is_file_of(kind: Format, path: Path) -> bool:
    """Whether the path names a file as this format writes them, instead of a folder for it."""
    endings = (".md", ".csv") if kind.suffix == ".md" else (kind.suffix,)
    return path.suffix.lower() in endings and not path.is_dir()


def file_name(version: ProjectVersion, kind: Format) -> str:
    """Returns the name that an export has, of a folder or of a file."""
    return f"{safe_name(version.project_name)}-v{version.row.number}{kind.suffix}"


def path_of(row: ExportRow) -> Path:
    """Where the export lies, or will lie."""
    if row.path is not None:
        return Path(row.path)
    project = projects.find_project(row.project_id)
    name = f"{safe_name(project.name)}-v{row.version_number}{find_format(row.format).suffix}"
    return store.export_folder(row.id) / name


def remove(row: ExportRow) -> None:
    """Take an export off the list, and remove its files where they lie below CURATE_HOME. Raises Conflict."""
    if any(job.args.get("export_id") == row.id for job in _open_jobs()):
        raise Conflict("This export is being written right now.", "Cancel it first.")
    exports.remove(row.id)
    if row.path is None:
        store.remove_export(row.id)


def _open_jobs() -> list[rows.JobRow]:
    return [job for job in rows.open_jobs() if job.kind == KIND]


def _place_of(export_id: object) -> Path | None:
    return path_of(exports.find(export_id)) if isinstance(export_id, int) else None
