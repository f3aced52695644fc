"""Gatherings and linked files"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "gathering",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=300), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("round", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_gathering_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering")),
    )
    with op.batch_alter_table("gathering", schema=None) as batch_op:
        batch_op.create_index("ix_gathering_project", ["project_id", "id"], unique=False)

    op.create_table(
        "linked_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", ID, nullable=False),
        sa.Column("mtime_ns", ID, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_linked_file_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_file")),
        sa.UniqueConstraint("project_id", "path", name=op.f("uq_linked_file_project_id")),
    )
    with op.batch_alter_table("linked_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_linked_file_sha"), ["sha"], unique=False)
        batch_op.create_index("ix_linked_file_state", ["project_id", "state", "id"], unique=False)

    op.create_table(
        "candidate",
        sa.Column("id", ID, nullable=False),
        sa.Column("gathering_id", ID, nullable=False),
        sa.Column("wish", ID, nullable=False),
        sa.Column("position", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("credit", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("round", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("sha", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["gathering_id"], ["gathering.id"], name=op.f("fk_candidate_gathering_id_gathering")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("gathering_id", "wish", "position", name=op.f("uq_candidate_gathering_id")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index("ix_candidate_key", ["key", "state"], unique=False)
        batch_op.create_index(
            "ix_candidate_round", ["gathering_id", "round", "state", "wish", "position"], unique=False
        )
        batch_op.create_index("ix_candidate_state", ["gathering_id", "state", "wish", "position"], unique=False)

    op.create_table(
        "wish",
        sa.Column("gathering_id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("n_wanted", ID, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("cursor", ID, nullable=True),
        sa.Column("is_exhausted", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["gathering_id"], ["gathering.id"], name=op.f("fk_wish_gathering_id_gathering")),
        sa.PrimaryKeyConstraint("gathering_id", "number", name=op.f("pk_wish")),
    )
