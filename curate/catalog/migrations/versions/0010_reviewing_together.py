"""Reviewing together: sessions, opinions, notes and questions"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(length=300)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    _create_sessions()
    _create_what_is_said()
    op.create_index("ix_decision_reviewer", "decision", ["project_id", "reviewer", "id"])
    op.create_index("ix_decision_time", "decision", ["project_id", "created_at"])


def _create_sessions() -> None:
    _create(
        "review_session",
        *(_a("id", ID), _a("project_id", ID), _a("run_id", ID), _a("name", NAME), _a("author", NAME)),
        *(_a("created_at", TIME), _a("closed_at", TIME, True), _a("view", sa.JSON()), _a("place", sa.Text(), True)),
        *(_a("is_whole", sa.Boolean(), default=sa.false()), _a("n_opinions", ID), _a("ask_when", sa.String(length=8))),
        *(_a("repeat_pct", ID), _a("seed", ID)),
        unique=("project_id", "name"),
    )
    _create(
        "session_item",
        *(_a("session_id", ID), _a("image_id", ID), _a("position", ID), _a("needs", ID)),
        *(_a("state", sa.String(length=8)), _a("n_opinions", ID, default="0"), _a("held_by", ID, True)),
        key=("session_id", "image_id"),
    )
    op.create_index("ix_session_item_queue", "session_item", ["session_id", "state", "n_opinions", "position"])
    op.create_index("ix_session_item_image", "session_item", ["image_id", "session_id"])
    _create(
        "session_member",
        *(_a("id", ID), _a("session_id", ID), _a("reviewer", NAME), _a("joined_at", TIME), _a("seen_at", TIME)),
        *(_a("left_at", TIME, True), _a("image_id", ID, True), _a("batch", ID, default="0")),
        unique=("session_id", "reviewer"),
        refers=("session_id",),
    )
    _create(
        "session_claim",
        *(_a("id", ID), _a("member_id", ID), _a("image_id", ID), _a("batch", ID)),
        _a("is_repeat", sa.Boolean(), default=sa.false()),
        unique=("member_id", "image_id", "is_repeat"),
    )
    op.create_index("ix_session_claim_batch", "session_claim", ["member_id", "batch", "id"])


def _create_what_is_said() -> None:
    _create(
        "opinion",
        *(
            _a("id", ID),
            _a("session_id", ID),
            _a("image_id", ID),
            _a("reviewer", NAME),
            _a("kind", sa.String(length=8)),
        ),
        *(_a("action", sa.String(length=8)), _a("label_id", ID, True), _a("filed_id", ID)),
        *(_a("reason", sa.Text(), True), _a("client", sa.String(length=64)), _a("seq", ID), _a("step_id", ID, True)),
        *(_a("stands", sa.Boolean(), default=sa.true()), _a("created_at", TIME)),
        unique=("client", "seq", "image_id"),
    )
    op.create_index("ix_opinion_image", "opinion", ["image_id", "session_id", "id"])
    op.create_index("ix_opinion_reviewer", "opinion", ["session_id", "reviewer", "id"])
    op.create_index("ix_opinion_step", "opinion", ["step_id"])
    _create("decision_reason", _a("decision_id", ID), _a("text", sa.Text()), key=("decision_id",))
    _create(
        "image_note",
        *(_a("id", ID), _a("project_id", ID), _a("image_id", ID), _a("kind", sa.String(length=8)), _a("author", NAME)),
        *(_a("text", sa.Text()), _a("asked", NAME, True), _a("answer", sa.Text(), True)),
        *(_a("created_at", TIME), _a("done_at", TIME, True), _a("done_by", NAME, True)),
    )
    op.create_index("ix_image_note_image", "image_note", ["image_id", "id"])
    op.create_index("ix_image_note_open", "image_note", ["project_id", "kind", "done_at", "id"])
    op.create_index("ix_image_note_asked", "image_note", ["asked", "done_at", "id"])


PARENTS = {
    "project_id": "project",
    "image_id": "image",
    "session_id": "review_session",
    "member_id": "session_member",
    "decision_id": "decision",
}


def _a(name: str, kind: Any, is_optional: bool = False, default: Any = None) -> sa.Column:
    return sa.Column(name, kind, nullable=is_optional, server_default=default)


def _create(
    table: str,
    *columns: sa.Column,
    key: tuple[str, ...] = ("id",),
    unique: tuple[str, ...] = (),
    refers: tuple[str, ...] = tuple(PARENTS),
) -> None:
    """A table that refers to the parents of its columns named in `refers`."""
    constraints: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}"))]
    for column in columns:
        if column.name in refers and (parent := PARENTS.get(column.name)):
            name = op.f(f"fk_{table}_{column.name}_{parent}")
            constraints.append(sa.ForeignKeyConstraint([column.name], [f"{parent}.id"], name=name))
    if unique:
        constraints.append(sa.UniqueConstraint(*unique, name=op.f(f"uq_{table}_{unique[0]}")))
    op.create_table(table, *columns, *constraints, **({"sqlite_autoincrement": True} if table == "opinion" else {}))
