"""Counts of each label and predicted label"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "score_cell",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("split", sa.String(length=5), nullable=False),
        sa.Column("label_id", ID, nullable=False),
        sa.Column("predicted_id", ID, nullable=False),
        sa.Column("n", ID, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_score_cell_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "split", "label_id", "predicted_id", name=op.f("pk_score_cell")),
    )
