"""Review sessions over HTTP, for the grid and for programs; who asks is known by X-Curate-Token, as for decisions.

POST /api/projects/{project_id}/sessions/{session_id}/decisions   as curate.server.decisions, and {"at": image id}
-> {…, "people": [{"reviewer": "bea", "image_id": 12, "position": 3}]}       of a heartbeat: who is there, and where
POST /api/projects/{project_id}/sessions/{session_id}/handful     {"n": 24}
-> {"number": 1, "image_ids": [12, 15]}                           theirs as long as they are heard of; [] = no more
POST /api/projects/{project_id}/sessions/{session_id}/leave       {}
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from anyio import CapacityLimiter
from starlette.routing import Route

from curate.errors import CurateError, NotFound
from curate.review.deciding.decisions import Change, Op
from curate.review.team import batches, blind_answers, members, opinions, sessions
from curate.review.team.submission import Submission
from curate.server import decisions
from curate.server.answering import Asked, answered
from curate.server.bodies import DecisionsBody, parse_batch, parse_decisions
from curate.server.combining import Combiner
from curate.server.gates.turns import WRITERS, in_turn
from curate.server.news import Listener, News

# Of a team that begins at once each would look for the same next pictures, and all threads would wait for each other.
_GIVERS = CapacityLimiter(2)
_PATH = "/api/projects/{project_id:number}/sessions/{session_id:number}"


def routes() -> list[Route]:
    """What is asked of a review session."""
    return [
        Route(f"{_PATH}/decisions", answered(_take), methods=["POST"]),
        Route(f"{_PATH}/steps", answered(decisions.last_steps)),
        Route(f"{_PATH}/handful", answered(_handful, _GIVERS), methods=["POST"]),
        Route(f"{_PATH}/leave", answered(_leave), methods=["POST"]),
    ]


class Said(NamedTuple):
    """A request that decides, and undoes nothing."""

    asked: Asked
    body: DecisionsBody
    ops: list[Op]


async def _take(asked: Asked) -> dict[str, Any]:
    body = parse_decisions(asked.body)
    if body.ops and not any(op.is_turn for op in body.ops):
        said = Said(asked, body, [op.as_decision() for op in body.ops])
        return await _combiner.ask(asked.project_id, said)
    return await in_turn(WRITERS, _turn_or_beat, asked, body)


def _session_id(asked: Asked) -> int:
    return asked.path["session_id"]


def _check(asked: Asked) -> None:
    """Raises NotFound for a session that is not of that project."""
    if sessions.project_of(_session_id(asked)) != asked.project_id:
        raise NotFound(f"The project has no review session {_session_id(asked)}.")


def _misplaced(asked: Asked) -> CurateError | None:
    try:
        _check(asked)
    except CurateError as error:
        return error
    return None


def _take_all(requests: Sequence[Said]) -> list[dict[str, Any] | Exception]:
    """What several people of one project said at the same moment, and what changed since each of them last asked."""
    project_id = requests[0].asked.project_id
    misplaced = [_misplaced(said.asked) for said in requests]
    sayings = [
        Submission(_session_id(said.asked), said.asked.reviewer, said.ops, said.body.client)
        for said, error in zip(requests, misplaced, strict=True)
        if error is None
    ]
    outcomes = iter(opinions.take_all(project_id, sayings))
    refusals = [error or next(outcomes) for error in misplaced]
    listeners = [Listener(_session_id(said.asked), said.asked.reviewer, said.body.since) for said in requests]
    news = News(project_id, listeners)
    return [
        refusal or _without_others(said.asked, {"acked": said.ops[-1].seq, "turns": [], **news.of(listener)})
        for said, refusal, listener in zip(requests, refusals, listeners, strict=True)
    ]


_combiner = Combiner[Said, dict[str, Any]](_take_all)


def _turn_or_beat(asked: Asked, body: DecisionsBody) -> dict[str, Any]:
    _check(asked)

    def take(_project_id: int, reviewer: str, ops: list[Op], client: str, _run_id: int | None) -> None:
        opinions.take(Submission(_session_id(asked), reviewer, ops, client))

    answer = decisions.answer_to(asked.project_id, asked.reviewer, body, take)
    for turn in answer["turns"]:
        if turn["step"]:  # opinions that settle nothing are no decisions, so that no change tells of them
            answer["changes"] += _turned(_session_id(asked), asked.reviewer, turn["step"]["key"], answer["revision"])
    answer = _without_others(asked, answer)
    if not body.ops:
        people = members.beat(_session_id(asked), asked.reviewer, body.at)
        answer["people"] = [_person(person) for person in people]
    return answer


def _without_others(asked: Asked, answer: dict[str, Any]) -> dict[str, Any]:
    """Returns the answer; in a blind check without others' decisions, and with the label that a keep confirmed.

    A keep would tell that the answer is the filed label, which is hidden there.
    """
    if not blind_answers.hides_all(_session_id(asked)):
        return answer
    own = [change for change in answer["changes"] if change["reviewer"] == asked.reviewer]
    given = blind_answers.own_answers(_session_id(asked), asked.reviewer, [change["image_id"] for change in own])
    shown = []
    for change in own:
        decision, label_id = given.get(change["image_id"], (None, None))
        shown.append({**change, "decision": decision, "label_id": label_id})
    return answer | {"changes": shown}


def _turned(session_id: int, reviewer: str, key: str, revision: int) -> list[decisions.ChangeJson]:
    """What a reviewer now says of the images of their step that was undone or redone."""
    changes = [
        Change(revision, image_id, answer.action, answer.label_id, reviewer)
        if answer
        else Change(revision, image_id, "clear", None, reviewer)
        for image_id, answer in opinions.of_step(session_id, reviewer, key).items()
    ]
    return [decisions.change_fields(change) for change in changes]


def _person(person: members.Person) -> dict[str, Any]:
    return {"reviewer": person.reviewer, "image_id": person.image_id, "position": person.position}


def _handful(asked: Asked) -> dict[str, Any]:
    _check(asked)
    n = parse_batch(asked.body or b"{}").n
    given = batches.take_next(_session_id(asked), asked.reviewer, batches.BATCH_SIZE if n is None else max(1, n))
    return {"number": given.number, "image_ids": given.image_ids} if given else {"number": None, "image_ids": []}


def _leave(asked: Asked) -> dict[str, Any]:
    _check(asked)
    members.leave(_session_id(asked), asked.reviewer)
    return {"left": True}
