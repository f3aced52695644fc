"""Decisions by POST: one small request per key press, outside Streamlit, so that no rerun can delay or lose it.

    POST /api/projects/{project_id}/decisions        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
    {"client": "9f…", "since": 41, "run_id": 3, "ops": [{"seq": 7, "image_ids": [12], "action": "keep"}]}
    -> {"acked": 7, "revision": 42, "changes": [{"revision": 42, "image_id": 12, "decision": "keep", …}], "more": false}

Sending the same client and seq again changes nothing, so a script may repeat itself until it is answered. No ops make
a heartbeat: what others decided since. Ops that share a "step" (with a "step_name") are undone as one; {"seq": 8,
"action": "undo" | "redo", "step": "…"} turns a step, without one the reviewer's newest, and "turns" says what came of
it; GET …/steps lists them. Refusals are {"error": sentence, "hint": sentence} with a 4xx status.
"""

from collections.abc import Callable
from itertools import groupby
from time import monotonic
from typing import Any, TypedDict

from starlette.routing import Route

from curate.review.deciding import undo
from curate.review.deciding.decisions import Change, Op, changes_since, decide, revision
from curate.server.answering import Asked, answered
from curate.server.bodies import DecisionsBody, OpBody, parse_decisions

MAX_CHANGES = 500  # in one answer; "more" says that there are others
FAR_BEHIND = 5_000  # decisions
MAX_STEPS = 100  # in a list: as far as a menu is read
MAX_TURNS = 20  # undos and redos in one request
BUDGET_S = 5.0  # after which a request begins no further one
TURN_S = 5.0  # an undo that takes longer answers unacknowledged, and goes on when it is asked for again
Take = Callable[[int, str, list[Op], str, int | None], object]  # as `decide`


class StepJson(TypedDict):
    """A step as scripts read it."""

    key: str
    name: str
    n_images: int
    is_undone: bool


class ChangeJson(TypedDict):
    """What became of an image, as scripts read it."""

    revision: int
    image_id: int
    decision: str | None
    label_id: int | None
    reviewer: str


class TurnJson(TypedDict):
    """What came of an undo or redo; `n_left`: pictures that it had to leave as they were."""

    seq: int
    step: StepJson | None
    words: str
    n_left: int
    is_complete: bool


def routes() -> list[Route]:
    """POST /api/projects/{project_id}/decisions, GET /api/projects/{project_id}/steps."""
    return [
        Route("/api/projects/{project_id:number}/decisions", answered(_take), methods=["POST"]),
        Route("/api/projects/{project_id:number}/steps", answered(last_steps)),
    ]


def _take(asked: Asked) -> dict[str, Any]:
    """Store what a reviewer decided and answer with what changed since; see the module's words."""
    return answer_to(asked.project_id, asked.reviewer, parse_decisions(asked.body))


def last_steps(asked: Asked) -> dict[str, Any]:
    """{"steps": [{"key", "name", "n_images", "is_undone"}, …]}: the reviewer's last steps, newest first."""
    found = undo.list_steps(asked.project_id, asked.reviewer, MAX_STEPS)
    return {"steps": [step_fields(step) for step in found]}


def answer_to(project_id: int, reviewer: str, body: DecisionsBody, take: Take = decide) -> dict[str, Any]:
    """Do what a body asks, decisions through `take`, and say what changed since."""
    acked, turns = _carry_out(project_id, reviewer, body, take)
    return {"acked": acked, "turns": turns, **_news(project_id, body.since)}


def _news(project_id: int, since: int) -> dict[str, Any]:
    """What was decided since; after a bulk, only that the page has to be asked for anew."""
    changes, version_id = changes_since(project_id, since, MAX_CHANGES)
    # What this answer brings the reader up to, which is not the newest when there is more.
    up_to, has_more = changes[-1].revision if changes else since, len(changes) == MAX_CHANGES
    if has_more and (newest := revision(project_id)) - up_to > FAR_BEHIND:
        return {"revision": newest, "changes": [], "more": False, "reload": True, "version": version_id}
    told = [change_fields(change) for change in changes]
    return {"revision": up_to, "changes": told, "more": has_more, "version": version_id}


def _carry_out(project_id: int, reviewer: str, body: DecisionsBody, take: Take) -> tuple[int, list[TurnJson]]:
    """Do what was asked, in order; the number of the last that is done (0 = none), and what came of undo and redo.

    Steps are turned for `BUDGET_S` and `MAX_TURNS` at most: the sender repeats what is not acknowledged.
    """
    turns: list[TurnJson] = []
    acked, ends_at = 0, monotonic() + BUDGET_S
    for is_turn, ops in groupby(body.ops, lambda op: op.is_turn):
        if not is_turn:
            decisions = [op.as_decision() for op in ops]
            take(project_id, reviewer, decisions, body.client, body.run_id)
            acked = decisions[-1].seq
            continue
        for op in ops:
            if turns and (len(turns) == MAX_TURNS or monotonic() > ends_at):
                return acked, turns
            turn = _turn_step(project_id, reviewer, op, body.client)
            turns.append(_turn(turn, op.seq, reviewer))
            if not turn.is_complete:
                return acked, turns
            acked = op.seq
    return acked, turns


def _turn_step(project_id: int, reviewer: str, op: OpBody, client: str) -> undo.Turn:
    turn = undo.undo if op.action == "undo" else undo.redo
    return turn(project_id, reviewer, op.step, undo.RequestId(client, op.seq), TURN_S)


def _turn(turn: undo.Turn, seq: int, reviewer: str) -> TurnJson:
    return {
        "seq": seq,
        "step": None if turn.step is None else step_fields(turn.step),
        "words": undo.describe(turn, reviewer),
        "n_left": turn.n_applied + sum((turn.left or {}).values()),
        "is_complete": turn.is_complete,
    }


def step_fields(step: undo.StepRow) -> StepJson:
    """A step as scripts read it."""
    return {"key": step.key, "name": step.name, "n_images": step.n_images, "is_undone": step.is_undone}


def change_fields(change: Change) -> ChangeJson:
    """What became of an image, as scripts read it."""
    return {
        "revision": change.revision,
        "image_id": change.image_id,
        "decision": None if change.action == "clear" else change.action,
        "label_id": change.label_id,
        "reviewer": change.reviewer,
    }
