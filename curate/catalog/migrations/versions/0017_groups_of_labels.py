"""Groups of labels"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "label_group",
        sa.Column("label_id", ID, nullable=False, autoincrement=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name="fk_label_group_label_id_label"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_label_group_project_id_project"),
        sa.PrimaryKeyConstraint("label_id", name="pk_label_group"),
    )
    op.create_index("ix_label_group_project_id", "label_group", ["project_id"])
