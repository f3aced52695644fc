"""Files of imported folders, and writing back to them"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "source_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("label_id", ID, nullable=False),
        sa.Column("label_at", ID, nullable=False),
        sa.Column("n_bytes", ID, nullable=False),
        sa.Column("mtime_ns", ID, nullable=False),
        sa.Column("home_path", sa.Text(), nullable=True),
        *(_to("source_file", parent) for parent in ("project", "image", "label")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_file")),
        sa.UniqueConstraint("project_id", "folder", "path", name=op.f("uq_source_file_project_id")),
    )
    op.create_index(op.f("ix_source_file_image_id"), "source_file", ["image_id"])
    op.create_table(
        "write_back",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author", sa.String(length=300), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _to("write_back", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_back")),
    )
    op.create_index("ix_write_back_project", "write_back", ["project_id", "id"])
    op.create_table(
        "write_back_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("write_back_id", ID, nullable=False),
        sa.Column("source_file_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("old_label_id", ID, nullable=False),
        sa.Column("new_label_id", ID, nullable=False),
        sa.Column("n_bytes", ID, nullable=False),
        sa.Column("mtime_ns", ID, nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=5), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        *(_to("write_back_file", parent) for parent in ("write_back", "source_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_back_file")),
    )
    op.create_index("ix_write_back_file_list", "write_back_file", ["write_back_id", "id"])
    op.create_index("ix_write_back_file_state", "write_back_file", ["write_back_id", "state", "id"])


def _to(table: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_{table}_{parent}_id_{parent}"))
