"""Steps of reviewers, to undo and redo"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "step",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("reviewer", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n_images", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n_turns", ID, nullable=False),
        sa.Column("turned_up_to", ID, nullable=True),
        sa.Column("turned_client", sa.String(length=64), nullable=True),
        sa.Column("turned_seq", ID, nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_step_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("project_id", "reviewer", "key", name=op.f("uq_step_project_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_step_reviewer", "step", ["project_id", "reviewer", "id"])
    op.add_column("decision", sa.Column("step_id", ID, nullable=True))
    op.add_column("decision", sa.Column("turn", ID, server_default="0", nullable=False))
    op.add_column("decision", sa.Column("before_id", ID, nullable=True))
    op.add_column("decision", sa.Column("restores_id", ID, nullable=True))
    op.add_column("decision", sa.Column("stands_for", sa.String(length=300), nullable=True))
    op.create_index(
        "ix_decision_step",
        "decision",
        ["step_id", "turn", "id"],
        postgresql_where=sa.text("step_id IS NOT NULL"),
        sqlite_where=sa.text("step_id IS NOT NULL"),
    )
