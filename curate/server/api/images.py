"""Operations on images: lists of them, one with its facts, its bytes and its story."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from starlette.responses import FileResponse, Response

from curate import store
from curate.catalog import projects
from curate.catalog.best_run import numbered_or_best
from curate.catalog.database import reading
from curate.catalog.tables import core
from curate.errors import NotFound
from curate.review.image import closeup
from curate.review.image.closeup import CloseUp
from curate.review.listing import pages
from curate.review.listing.pages import Item
from curate.server.api import image_models as models
from curate.server.api.image_query import ImageQuery, needs_run, view_of
from curate.server.api.operations import Call, Operation
from curate.server.gates.turns import PICTURES

FILE_TYPE = "application/octet-stream"
_KEPT = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


def operations() -> list[Operation]:
    """GET images, one of them, its file and its story."""
    images = "/projects/{project}/images"
    image = f"{images}/{{image:number}}"
    return [
        Operation(
            method="GET", path=images, scope="read", answer=list_images, reply=models.Images, query=ImageQuery,
            summary="Images, a part at a time",
            description="All labelled images by their number, or with `unlabelled` those without a label; with a run, "
            "an order or a filter that only a run has, those that the grid would show, with the scores of that run or "
            "of the best one. `next` is exact while people decide.",
        ),
        Operation(method="GET", path=image, scope="read", answer=get_image, reply=models.ImageDetails,
                  summary="An image with all that is known of it"),
        Operation(method="GET", path=f"{image}/file", scope="read", answer=get_image_file, reply=FILE_TYPE,
                  summary="The picture's file, as it came in", limiter=PICTURES),
        Operation(method="GET", path=f"{image}/story", scope="read", answer=get_image_story, reply=models.Story,
                  summary="What happened to an image, oldest first"),
    ]  # fmt: skip


def list_images(call: Call) -> models.Images:
    """A part of the images that the query asks for."""
    project_id = call.project_id()
    names = projects.label_names(project_id)
    if call.query.unlabelled:
        return _by_number(project_id, call.query, names, core.INBOX)
    if not needs_run(call.query):
        return _by_number(project_id, call.query, names)
    run = numbered_or_best(project_id, call.query.run, "review").run
    page = pages.find_page(view_of(call.query, run.id, project_id), 1, call.query.limit, call.query.after)
    return models.Images(items=[_scored(item, names) for item in page.items], next=page.after)


def get_image(call: Call) -> models.ImageDetails:
    """The image of the path."""
    close = _find(call)
    row = close.image
    names = projects.label_names(call.project_id())
    return models.ImageDetails(
        id=row.id, sha256=row.sha, file_name=row.file_name, label=names.get(row.label_id), split=row.split or None,
        width=row.width, height=row.height, decision=row.decision, decided_by=row.decided_by,
        decision_label=_name(names, row.decision_label_id), score=None, state=row.state, n_bytes=row.n_bytes,
        format=row.format, added_at=row.created_at, checked_at=row.checked_at,
        origin=[models.Fact(name=name, text=text, url=url) for name, text, url in close.origin],
        camera=[models.Fact(name=name, text=text) for name, text in close.camera],
    )  # fmt: skip


def get_image_file(call: Call) -> Response:
    """The bytes, always as a download: they are whatever somebody imported."""
    query = select(core.Image.blob_sha, core.Image.file_name).where(
        core.Image.id == call.path["image"], core.Image.project_id == call.project_id()
    )
    with reading() as session:
        row = session.execute(query).first()
    if row is None:
        raise NotFound(f"The project has no image {call.path['image']}.")
    path = store.blob_path(row.blob_sha)
    if not path.is_file():
        raise NotFound("The picture's file is gone.", "It was erased, or the folder that it lies in is not there.")
    return FileResponse(path, headers=_KEPT, media_type=FILE_TYPE, filename=row.file_name.rpartition("/")[2])


def get_image_story(call: Call) -> models.Story:
    """The image's events."""
    names = projects.label_names(call.project_id())
    return models.Story(
        items=[
            models.StoryEvent(
                at=event.at, by=event.by, action=event.action, label=_name(names, event.label_id), run=event.run,
                version=event.version, text=event.text, to=event.to,
            )
            for event in _find(call).story
        ]
    )  # fmt: skip


def _find(call: Call) -> CloseUp:
    return closeup.find(call.project_id(), call.path["image"], None)


def _name(names: Mapping[int, str], label_id: int | None) -> str | None:
    return None if label_id is None else names.get(label_id)


def _by_number(project_id: int, query: Any, names: Mapping[int, str], state: str = "active") -> models.Images:
    after = int(query.after or 0)
    image = core.Image
    wanted = [image.project_id == project_id, image.state == state, image.id > after]
    if query.label is not None:
        wanted.append(image.label_id == projects.find_label(project_id, query.label))
    if query.split is not None:
        wanted.append(image.split == query.split)
    if query.text is not None:
        wanted.append(image.file_name.icontains(query.text, autoescape=True))
    statement = (
        select(image, core.Blob.width, core.Blob.height)
        .join(core.Blob, core.Blob.sha == image.blob_sha)
        .where(*wanted)
        .order_by(image.id)
        .limit(query.limit + 1)
    )
    with reading() as session:
        rows = session.execute(statement).all()
    items = [_unscored(*row, names) for row in rows[: query.limit]]
    return models.Images(items=items, next=str(items[-1].id) if len(rows) > query.limit else None)


def _unscored(row: core.Image, width: int, height: int, names: Mapping[int, str]) -> models.Image:
    return models.Image(
        id=row.id, sha256=row.blob_sha, file_name=row.file_name, label=names.get(row.label_id), split=row.split or None,
        width=width, height=height, decision=row.decision, decided_by=row.decided_by,
        decision_label=_name(names, row.decision_label_id), score=None,
    )  # fmt: skip


def _scored(item: Item, names: Mapping[int, str]) -> models.Image:
    score = models.ImageScore(
        predicted=names[item.predicted_id], loss=item.loss, p_label=item.p_actual, p_predicted=item.p_predicted,
        doubt=item.doubt, suggested=_name(names, item.suggested_id), p_suggested=item.p_suggested,
    )  # fmt: skip
    return models.Image(
        id=item.image_id, sha256=item.sha, file_name=item.file_name, label=names[item.label_id], split=item.split,
        width=item.width, height=item.height, decision=item.decision, decided_by=item.decided_by,
        decision_label=_name(names, item.decision_label_id), score=score,
    )  # fmt: skip
