"""Sessions that check the pictures on which two runs differ"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    for name in ("checks_before_id", "checks_after_id", "n_compared"):
        op.add_column("review_session", sa.Column(name, ID, nullable=True))
