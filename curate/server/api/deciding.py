"""Operations that change labels: decisions, by the code that the grid's decisions go through, and applying them."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from curate.catalog import projects, runs, versions
from curate.errors import BadInput
from curate.jobs.submit import quick_look
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions as stored
from curate.review.team import unsettled
from curate.server import decisions as grid
from curate.server.api.fields import Answer, Fields
from curate.server.api.image_query import Text
from curate.server.api.models import Version
from curate.server.api.operations import Call, Operation
from curate.server.api.reading import describe_version
from curate.server.bodies import MAX_OPS, DecisionsBody, OpBody

_Id = Annotated[int, Field(strict=True, ge=1, lt=2**63)]
_Name = Annotated[Text, Field(max_length=300)]


class Decision(Fields):
    """A decision on images, or an undo or redo."""

    action: Literal["keep", "delete", "relabel", "clear", "undo", "redo"]
    images: list[_Id] = Field([], max_length=stored.MAX_IMAGES, description="their numbers; none for undo and redo")
    label: _Name | None = Field(None, description="the new label, of a relabel")
    step: _Name = Field("", description="decisions of the same step are undone together; for undo and redo which step")
    step_name: _Name = Field("", description="what the step is called where it can be undone")
    seq: _Id | None = Field(None, description="number of this decision, new to its `client`")

    @model_validator(mode="after")
    def _check(self) -> "Decision":
        is_turn = self.action in ("undo", "redo")
        if bool(self.images) == is_turn:
            raise ValueError("undo and redo name no images; other decisions do")
        if (self.action == "relabel") != (self.label is not None):
            raise ValueError("a relabel names the new label; other decisions name none")
        return self


class Decisions(Fields):
    """Decisions, in order: all of them are stored, or none."""

    decisions: list[Decision] = Field(min_length=1, max_length=MAX_OPS)
    run: _Id | None = Field(None, description="number of the run whose ranking led to them")
    since: Annotated[int, Field(strict=True, ge=0, lt=2**63)] | None = Field(
        None, description="`changes` has all that was decided after this revision; without it, after now"
    )
    client: Annotated[str, Field(min_length=8, max_length=40, pattern=r"^[\x21-\x7e]+$")] | None = Field(
        None, description="a name of the sender: the same `client` and `seq` again change nothing"
    )

    @model_validator(mode="after")
    def _check(self) -> "Decisions":
        if self.client is not None and any(each.seq is None for each in self.decisions):
            raise ValueError("with a client each decision has a seq")
        return self


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
    rule: Literal["all", "settled"] = Field(
        "all", description="`settled` leaves out those that another person contradicts"
    )
    up_to: Annotated[int, Field(strict=True, ge=0, lt=2**63)] | None = Field(
        None, description="decisions after this revision keep waiting"
    )


class Applied(Answer):
    """The new version.  job: number of the job that refits the quick look, if there is one."""

    version: Version
    job: int | None


def operations() -> list[Operation]:
    """POST decisions, POST apply."""
    project = "/projects/{project}"
    return [
        Operation(
            method="POST", path=f"{project}/decisions", scope="review", answer=decide, reply=Decided, body=Decisions,
            summary="Decide on images", refusals=(404, 409),
            description="A decision waits until somebody applies it; it can be undone. The newest one counts.",
        ),
        Operation(
            method="POST", path=f"{project}/apply", scope="manage", answer=apply, reply=Applied, body=ApplyBody,
            summary="Make a version of the decisions that wait", refusals=(409,), status=201,
        ),
    ]  # fmt: skip


def decide(call: Call) -> Decided:
    """Store the decisions of the body."""
    project_id, body = call.project().id, call.body
    names = {label.id: label.name for label in projects.labels(project_id)}
    ids = {name: label_id for label_id, name in names.items()}
    ops = [_op(project_id, number, decision, ids) for number, decision in enumerate(body.decisions, start=1)]
    if body.client is not None and len({op.seq for op in ops}) < len(ops):
        raise BadInput("Two decisions have the same seq.")
    answer = grid.answer_to(
        project_id,
        call.caller.name,
        DecisionsBody(
            client=body.client or f"api-{secrets.token_hex(16)}",
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
    project_id, body, author = call.project().id, call.body, call.caller.name
    opinions_up_to = unsettled.count(project_id).newest if body.up_to is None else 0
    version_id = applying.apply(project_id, author, body.message, body.up_to, body.rule, opinions_up_to)
    version = next(row for row in versions.list_versions(project_id) if row.id == version_id)
    return Applied(version=describe_version(version), job=quick_look.refit(project_id, author))


def _op(project_id: int, number: int, decision: Decision, ids: dict[str, int]) -> OpBody:
    label_id = None
    if decision.label is not None:
        label_id = ids.get(decision.label)
        label_id = projects.find_label(project_id, decision.label) if label_id is None else label_id  # says which are
    return OpBody(
        seq=number if decision.seq is None else decision.seq, action=decision.action, image_ids=decision.images or None,
        label_id=label_id, step=decision.step, step_name=decision.step_name,
    )  # fmt: skip


def _change(change: Any, names: dict[int, str]) -> Change:
    return Change(
        revision=change["revision"], image=change["image_id"], decision=change["decision"],
        label=None if change["label_id"] is None else names.get(change["label_id"]), reviewer=change["reviewer"],
    )  # fmt: skip
