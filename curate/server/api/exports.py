"""Operations on exports: those that a project has, one as a file, and starting another."""

from datetime import datetime
from typing import Literal

from pydantic import Field
from starlette.responses import Response

from curate.catalog import exports
from curate.catalog.exports import ExportRow
from curate.data_export.formats import FORMATS
from curate.errors import Conflict, NotFound
from curate.jobs.submit import export
from curate.server import exports as downloads
from curate.server.api import jobs
from curate.server.api.fields import Answer, Fields, Number
from curate.server.api.models import Job, Listing
from curate.server.api.operations import Call, Operation

FILE_TYPE = "application/octet-stream"
MOST = 500


class Export(Answer):
    """A version that left in some format.  has_file: whether it can be downloaded."""

    id: int
    version: int
    format: str
    status: str = Field(description="of its job; done once it is whole")
    author: str
    n_images: int
    n_bytes: int
    has_file: bool = Field(description="whether `GET …/file` sends it; others were written to a folder of the server")
    job: int | None
    created_at: datetime
    ended_at: datetime | None


class ExportBody(Fields):
    """What leaves; to be downloaded."""

    format: Literal[tuple(FORMATS)] = "zip"  # type: ignore[valid-type]
    version: Number | None = Field(None, description="else the newest")


Exports = Listing[Export]


def operations() -> list[Operation]:
    """GET exports and one's file, POST exports."""
    path = "/projects/{project}/exports"
    return [
        Operation(method="GET", path=path, scope="read", answer=list_exports, reply=Exports,
                  summary=f"Exports, newest first, {MOST} at most"),
        Operation(method="POST", path=path, scope="manage", answer=start_export, reply=Job, body=ExportBody, status=202,
                  summary="Export a version, to be downloaded", refusals=(409,)),
        Operation(method="GET", path=f"{path}/{{export:number}}/file", scope="read", answer=get_export_file,
                  reply=FILE_TYPE, summary="An export as a file; a folder comes as a zip", refusals=(409,)),
    ]  # fmt: skip


def list_exports(call: Call) -> Exports:
    """The exports of the project."""
    return Exports(items=[_export(row) for row in exports.list_exports(call.project_id(), MOST)])


def start_export(call: Call) -> Job:
    """The job of a new export."""
    body = call.body
    _, job_id = export.start(
        call.project_id(), body.format, body.version, None, export.Extras(), call.caller.name
    )  # fmt: skip
    return jobs.find(job_id)


def get_export_file(call: Call) -> Response:
    """The bytes of an export."""
    project_id, number = call.project_id(), call.path["export"]
    row = exports.find(number)
    if row.project_id != project_id:
        raise NotFound(f"The project has no export {number}.")
    answer = downloads.file_of(row, FILE_TYPE)
    if answer is None:
        raise Conflict(f"Export {number} cannot be downloaded.", "It is not whole, or lies in a folder of the server.")
    return answer


def _export(row: ExportRow) -> Export:
    return Export(
        id=row.id, version=row.version_number, format=row.format, status=row.status, author=row.author,
        n_images=row.n_images, n_bytes=row.n_bytes, has_file=row.path is None and row.status == "done", job=row.job_id,
        created_at=row.created_at, ended_at=row.ended_at,
    )  # fmt: skip
