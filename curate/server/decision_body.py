"""What a POST of decisions holds, checked field by field."""

from dataclasses import dataclass
from typing import Any, TypeGuard

from curate.errors import BadInput
from curate.review.deciding.decisions import Op
from curate.server.answering import json_object

MAX_OPS = 500
_TURNS = {"undo": True, "redo": False}


@dataclass(frozen=True)
class Turning:
    """Undo or redo of the step named `key`; "" = the newest."""

    seq: int
    is_undo: bool
    key: str


def parse_body(raw: bytes) -> dict[str, Any]:
    """{client: str, since: int, run_id: int | None, ops: list[Op | Turning]} from a request's body.

    Raises BadInput naming the first field that is missing or not what it should be.
    """
    body = json_object(raw)
    ops = body.get("ops")
    if not isinstance(ops, list) or len(ops) > MAX_OPS:
        raise BadInput(f"`ops` is a list of at most {MAX_OPS} decisions.")
    return {
        "client": _client(body),
        "since": _whole_number(body, "since"),
        "run_id": optional_number(body, "run_id"),
        "ops": [_op(op) for op in ops],
    }


def _client(body: dict[str, Any]) -> str:
    client = body.get("client")
    if not isinstance(client, str) or not 8 <= len(client) <= 40 or not client.isascii():
        raise BadInput("`client` is 8 to 40 letters that name the sender.")
    return client


def _op(op: Any) -> Op | Turning:
    if not isinstance(op, dict):
        raise BadInput("A decision is a JSON object.")
    action, image_ids, step = op.get("action"), op.get("image_ids"), _text(op, "step")
    if isinstance(action, str) and action in _TURNS:
        return Turning(_whole_number(op, "seq"), _TURNS[action], step)
    if not isinstance(action, str):
        raise BadInput("`action` is keep, delete, relabel or clear.")
    if not isinstance(image_ids, list) or not all(_is_id(image_id) for image_id in image_ids):
        raise BadInput("`image_ids` is a list of image numbers.")
    label_id = optional_number(op, "label_id")
    return Op(_whole_number(op, "seq"), tuple(image_ids), action, label_id, step, _text(op, "step_name"))


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise BadInput(f"`{name}` is text.")
    return value


def optional_number(fields: dict[str, Any], name: str) -> int | None:
    """The whole number under that name, None where there is none; raises BadInput for anything else."""
    return None if fields.get(name) is None else _whole_number(fields, name)


def _whole_number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if not _is_id(value):
        raise BadInput(f"`{name}` is a whole number, 0 or more.")
    return value


def _is_id(value: Any) -> TypeGuard[int]:
    """Whether `value` is a whole number that fits a database's 63 bits; True and 1.0 are not."""
    return type(value) is int and 0 <= value < 2**63
