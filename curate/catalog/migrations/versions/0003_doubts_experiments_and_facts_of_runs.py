"""Doubts, experiments and facts of runs"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "experiment",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("grid", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_experiment_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment")),
    )
    op.create_index("ix_experiment_project", "experiment", ["project_id", "id"])
    for name in ("learning_rate", "images_per_s", "memory_mb"):
        op.add_column("epoch_metric", sa.Column(name, sa.Double(), nullable=True))
    op.add_column("run", sa.Column("experiment_id", ID, nullable=True))
    op.add_column("run", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))
    op.create_index(op.f("ix_run_experiment_id"), "run", ["experiment_id"])
    op.add_column("score", sa.Column("suggested_id", ID, nullable=True))
    op.add_column("score", sa.Column("p_suggested", sa.Double(), nullable=True))
    op.add_column("score", sa.Column("suggests_delete", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("score", sa.Column("uncertainty", sa.Double(), nullable=True))
    op.add_column("score", sa.Column("asks_again", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("score", sa.Column("shuffle", ID, nullable=True))
    for name, columns in (
        ("ix_score_doubt", ["doubt"]),
        ("ix_score_doubt_cell", ["label_id", "predicted_id", "doubt"]),
        ("ix_score_doubt_label", ["label_id", "doubt"]),
        ("ix_score_doubt_split", ["split", "doubt"]),
        ("ix_score_shuffle", ["shuffle"]),
        ("ix_score_uncertainty", ["uncertainty"]),
    ):
        op.create_index(name, "score", ["run_id", *columns, "image_id"])
