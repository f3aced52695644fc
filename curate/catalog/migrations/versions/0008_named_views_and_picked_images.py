"""Named views and picked images"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    _create(
        "saved_view",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("author", sa.String(length=300), nullable=False),
        sa.Column("view", sa.JSON(), nullable=False),
        unique="name",
    )
    _create(
        "picked",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=300), nullable=False),
        sa.Column("n", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("image_ids", sa.LargeBinary(), nullable=False),
        unique="digest",
    )


def _create(table: str, *columns: sa.Column, unique: str) -> None:
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        *columns,
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f(f"fk_{table}_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("project_id", unique, name=op.f(f"uq_{table}_project_id")),
    )
