"""POST …/images: pictures that are sent, or that lie at addresses, come into the project by a job."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from pydantic import Field, ValidationError
from starlette.datastructures import UploadFile

from curate import settings, store
from curate.catalog.candidates import Found
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput
from curate.gather import gather_request
from curate.gather.limits import Limits
from curate.gather.search import url_list
from curate.jobs import client
from curate.server.answering import read_body
from curate.server.api import bodies, jobs, models
from curate.server.api.addresses import Address
from curate.server.api.bodies import Limit
from curate.server.api.endpoints import JSON, as_json, media_type
from curate.server.api.fields import Fields
from curate.server.api.image_query import Text
from curate.server.api.operations import Call, Operation
from curate.server.api.problems import Unsupported, Unusable, mistakes_of
from curate.server.gates.turns import WRITERS, in_turn
from curate.wording import counted

MOST_FILES = 10_000
MOST_ADDRESSES = 5_000
_NO_LABEL = "Name the `label` of the pictures, ask for `unlabelled`, or send one zip with a folder for each label."


class AddQuery(Fields):
    """Where the pictures go."""

    label: Text | None = Field(None, description="of the pictures; without it a single zip, one folder for each label")
    unlabelled: bool = Field(False, description="the pictures, or those of a zip in no label's folder, get no label")
    name: Text | None = Field(None, description="the file's name, when it is the body itself")


class AddressesBody(Fields):
    """Where pictures lie that are to be added."""

    url: Address | Annotated[list[Address], Field(min_length=1, max_length=MOST_ADDRESSES)]


def operations() -> list[Operation]:
    """POST …/images."""
    return [
        Operation(
            method="POST", path="/projects/{project}/images", scope="manage", answer=add_images, reply=models.Job,
            status=202, summary="Add pictures", query=AddQuery,
            content={bodies.FORM: bodies.FORM_SCHEMA, "application/octet-stream": bodies.BINARY,
                     "image/*": bodies.BINARY, "application/zip": bodies.BINARY,
                     JSON: {"$ref": "#/components/schemas/AddressesBody"}},
            description="Send one file as the body, several as a form, or JSON with addresses. The answer is the job "
            "that takes them in, with the checks of the Gather page; pictures that the project has are recognised.",
        )
    ]  # fmt: skip


async def add_images(call: Call) -> Any:
    """The job that takes in what was sent."""
    project = await to_thread.run_sync(call.project)
    kind = media_type(call.request)
    if kind == JSON:
        body = _addresses(await read_body(call.request))
        job_id = await in_turn(WRITERS, _gather, project.id, body, _label_of(call.query), call.caller.name)
    else:
        folder = await to_thread.run_sync(store.incoming_folder)
        try:
            names, label = await _keep(call, kind, folder)
            job_id = await in_turn(
                WRITERS, _import, project.id, folder, names, label, call.query.unlabelled, call.caller.name
            )
        except BaseException:
            await to_thread.run_sync(store.remove_incoming, folder)
            raise
    return as_json(await to_thread.run_sync(jobs.find, job_id), 202)


def _addresses(raw: bytes) -> list[str]:
    try:
        body = AddressesBody.model_validate_json(raw)
    except ValidationError as error:
        raise Unusable(mistakes_of(error, "body")) from error
    return [body.url] if isinstance(body.url, str) else body.url


def _gather(project_id: int, addresses: list[str], label: str | None, author: str) -> int:
    if label is None:
        raise BadInput(_NO_LABEL)
    rows = ((None, Found(address)) for address in addresses)
    wishes = url_list.lay_down(rows, clean_name(label, "label") if label else UNLABELLED, "the API")
    gathering_id = gather_request.ask(project_id, wishes, Limits(), author)
    title = f"Fetch {counted(len(addresses), 'picture')} {_of(label)}"
    return client.enqueue("gather", project_id, {"gathering": gathering_id}, title, author)


async def _keep(call: Call, kind: str, folder: Path) -> tuple[list[str], str | None]:
    """(names of the files that now lie in the folder as "0", "1", …; their label)."""
    limit = Limit(settings.max_upload_bytes(), MOST_FILES)
    if kind == bodies.FORM:
        files, fields = await bodies.read_form(call.request, limit)
        await to_thread.run_sync(_move, files, folder)
        return [_name(file.filename) for file in files], call.query.label or fields.get("label")
    if kind.startswith(bodies.RAW) or kind == "application/zip":
        n_bytes = 0
        with (folder / "0").open("xb") as file:
            async for piece in bodies.stream(call.request, limit):
                n_bytes += len(piece)
                await to_thread.run_sync(file.write, piece)
        if not n_bytes:
            raise BadInput("The body is empty.")
        return [_name(call.query.name)], call.query.label
    raise Unsupported("The body is a file (image/…, application/zip or application/octet-stream), a form, or JSON.")


def _move(files: Sequence[UploadFile], folder: Path) -> None:
    for number, file in enumerate(files):
        with file.file, (folder / str(number)).open("xb") as target:
            shutil.copyfileobj(file.file, target)


def _name(given: str | None) -> str:
    """The last part of a file's name, without what no database holds; it never becomes a path."""
    name = (given or "").replace("\0", "").replace("\\", "/").rpartition("/")[2]
    return name.encode("utf-8", "replace").decode()[:300] or "picture"


def _import(
    project_id: int, folder: Path, names: list[str], label: str | None, is_unlabelled: bool, author: str
) -> int:
    args: dict[str, Any] = {"incoming": folder.name, "names": names}
    title = f"Import {names[0]}"
    is_zip = len(names) == 1 and _is_zip(folder / "0")
    if is_unlabelled and label is None and not is_zip:
        label = UNLABELLED
    if label is not None:
        args["label"] = clean_name(label, "label") if label else UNLABELLED
        title = f"Import {counted(len(names), 'picture')} {_of(args['label'])}"
    elif is_unlabelled:
        args["unlabelled"] = True
    elif not is_zip:
        raise BadInput(_NO_LABEL)
    return client.enqueue("import", project_id, args, title, author)


def _label_of(query: Any) -> str | None:
    return UNLABELLED if query.label is None and query.unlabelled else query.label


def _of(label: str) -> str:
    return f"of {label}" if label else "without a label"


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"
