"""An index of pictures far from everything"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply the change."""
    op.create_index(
        "ix_score_far",
        "score",
        ["run_id", "doubt", "image_id"],
        postgresql_where=sa.text("suggests_delete IS true"),
        sqlite_where=sa.text("suggests_delete IS 1"),
    )
