"""Sessions that check images drawn at random"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("review_session", sa.Column("drawn_from", sa.String(8), nullable=True))
