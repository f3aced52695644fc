"""Columns that people imported about their pictures"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "imported_column",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("by_file", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_imported_column_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_imported_column"),
        sa.UniqueConstraint("project_id", "name", name="uq_imported_column_project_id"),
    )
