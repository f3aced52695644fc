"""Keys of labels"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("label", sa.Column("key", sa.String(length=1), nullable=True))
