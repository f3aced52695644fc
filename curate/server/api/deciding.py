"""Operations that change labels: decisions, by the code that the grid's decisions go through, and applying them."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field

from curate.catalog import projects, runs, versions
from curate.errors import BadInput, Conflict
from curate.jobs.submit import quick_look
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions as stored
from curate.review.team import unsettled
from curate.server import bodies as grid_bodies
from curate.server import decisions as grid
from curate.server.api.fields import Answer, Fields, Number, NumberOrZero
from curate.server.api.image_query import Text
from curate.server.api.models import Version
from curate.server.api.operations import Call, Operation
from curate.server.api.reading import describe_version
from curate.server.bodies import MAX_OPS

_Name = Annotated[Text, Field(max_length=300)]


class _OfImages(Fields):
    images: Annotated[list[Number], Field(min_length=1, max_length=stored.MAX_IMAGES, description="their numbers")]
    step: _Name = Field("", description="decisions of the same step are undone together")
    step_name: _Name = Field("", description="what the step is called where it can be undone")


class Mark(_OfImages):
    """Keep images as they are labelled, delete them, or take a decision back."""

    action: Literal["keep", "delete", "clear"]


class Relabel(_OfImages):
    """Put images under another label, or with null under none."""

    action: Literal["relabel"]
    label: _Name | None


class Turn(Fields):
    """Undo or redo a step, or the newest one."""

    action: Literal["undo", "redo"]
    step: _Name = ""


class DecisionsBody(Fields):
    """Decisions, in order: all of them are stored, or none."""

    decisions: list[Annotated[Mark | Relabel | Turn, Field(discriminator="action")]] = Field(
        min_length=1, max_length=MAX_OPS
    )
    run: Number | None = Field(None, description="number of the run whose ranking led to them")
    since: NumberOrZero | None = Field(
        None, description="`changes` has all that was decided after this revision; without it, after now"
    )
    key: Annotated[str, Field(min_length=8, max_length=40, pattern=r"^[!-~]+$")] | None = Field(
        None, description="names this request: with the same key it can be sent again, and changes nothing"
    )


class Change(Answer):
    """What became of an image."""

    revision: int
    image: int
    decision: str | None = Field(description="keep, delete or relabel; null = none stands")
    label: str | None
    reviewer: str


class Decided(Answer):
    """What was stored.  more: further changes follow; ask again with `since`: `revision`."""

    revision: int
    changes: list[Change]
    more: bool
    turns: list[str] = Field(description="what came of each undo and redo, in a sentence")


class ApplyBody(Fields):
    """Which decisions become a version."""

    message: _Name = ""
    rule: Literal["settled", "all"] = Field(
        "settled",
        description="`settled` leaves out what another person contradicts; `all` takes single opinions of review "
        "sessions along, too",
    )
    up_to: NumberOrZero | None = Field(None, description="decisions after this revision keep waiting")


class Applied(Answer):
    """The new version.  job: number of the job that refits the quick look, if there is one."""

    version: Version
    job: int | None


def operations() -> list[Operation]:
    """POST decisions, POST apply."""
    project = "/projects/{project}"
    return [
        Operation(
            method="POST", path=f"{project}/decisions", scope="review", answer=decide, reply=Decided,
            body=DecisionsBody, summary="Decide on images", refusals=(404, 409),
            description="A decision waits until somebody applies it; it can be undone. The newest one counts.",
        ),
        Operation(
            method="POST", path=f"{project}/apply", scope="manage", answer=apply, reply=Applied, body=ApplyBody,
            summary="Make a version of the decisions that wait", refusals=(409,), status=201,
        ),
    ]  # fmt: skip


def decide(call: Call) -> Decided:
    """Store the decisions of the body."""
    project_id, body = call.project_id(), call.body
    names = projects.label_names(project_id)
    ids = {name: label_id for label_id, name in names.items()}
    ops = [_op(project_id, number, decision, ids) for number, decision in enumerate(body.decisions, start=1)]
    answer = grid.answer_to(
        project_id,
        call.caller.name,
        grid_bodies.DecisionsBody(
            client=body.key or f"api-{secrets.token_hex(16)}",
            since=stored.revision(project_id) if body.since is None else body.since,
            run_id=None if body.run is None else runs.numbered_run(project_id, body.run).id,
            ops=ops,
        ),
    )
    return Decided(
        revision=answer["revision"],
        changes=[_change(each, names) for each in answer["changes"]],
        more=answer["more"] or answer.get("reload", False),
        turns=[turn["words"] for turn in answer["turns"]],
    )


def apply(call: Call) -> Applied:
    """Apply, and refit the quick look, as the page does."""
    project_id, body, author = call.project_id(), call.body, call.caller.name
    opinions_up_to = unsettled.count(project_id).newest if body.rule == "all" and body.up_to is None else 0
    try:
        version_id = applying.apply(project_id, author, body.message, body.up_to, body.rule, opinions_up_to)
    except BadInput as error:  # the values are checked: no decision waits
        raise Conflict(str(error), error.hint) from error
    version = next(row for row in versions.list_versions(project_id) if row.id == version_id)
    return Applied(version=describe_version(version), job=quick_look.refit(project_id, author))


def _op(project_id: int, number: int, decision: Mark | Relabel | Turn, ids: dict[str, int]) -> grid_bodies.OpBody:
    if isinstance(decision, Turn):
        return grid_bodies.OpBody(seq=number, action=decision.action, step=decision.step)
    label_id = None
    if isinstance(decision, Relabel) and decision.label is None:
        label_id = projects.ensure_unlabelled_id(project_id)
    elif isinstance(decision, Relabel) and decision.label is not None:
        label_id = ids.get(decision.label) or projects.find_label(project_id, decision.label)  # names those there are
    return grid_bodies.OpBody(
        seq=number, action=decision.action, image_ids=decision.images, label_id=label_id, step=decision.step,
        step_name=decision.step_name,
    )  # fmt: skip


def _change(change: Any, names: dict[int, str]) -> Change:
    return Change(
        revision=change["revision"], image=change["image_id"], decision=change["decision"],
        label=None if change["label_id"] is None else names.get(change["label_id"]), reviewer=change["reviewer"],
    )  # fmt: skip
