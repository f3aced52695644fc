"""Who was given an image"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_session_claim_image", "session_claim", ["image_id", "member_id"])
