"""Indexes of the ways to look at a run"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WRONG = "predicted_id != label_id"
# name, table, columns, which rows on PostgreSQL, and on SQLite
PARTIAL = (
    ("ix_image_alike", "image", ["project_id", "group_id", "id"], "group_id IS NOT NULL", None),
    ("ix_image_newest_decision", "image", ["project_id", "decision_id"], "decision_id IS NOT NULL", None),
    ("ix_score_wrong", "score", ["run_id", "p_predicted", "image_id"], WRONG, None),
    ("ix_score_wrong_shuffle", "score", ["run_id", "shuffle", "image_id"], WRONG, None),
    (
        "ix_score_suggested",
        "score",
        ["run_id", "label_id", "suggested_id", "doubt", "image_id"],
        "suggested_id IS NOT NULL",
        None,
    ),
    ("ix_score_asked", "score", ["run_id", "doubt", "image_id"], "asks_again IS true", "asks_again IS 1"),
)
A_NUMBER = {"sqlite": "abs(random() % 1000000007)", "postgresql": "floor(random() * 1000000007)::bigint"}


def upgrade() -> None:
    """Apply the change."""
    op.drop_index("ix_score_confident", "score")  # only wrong ones were ever asked for
    op.drop_index("ix_score_uncertainty", "score")  # only those of a label are
    op.create_index("ix_score_uncertain_label", "score", ["run_id", "label_id", "uncertainty", "image_id"])
    for name, table, columns, where, on_sqlite in PARTIAL:
        op.create_index(name, table, columns, postgresql_where=sa.text(where), sqlite_where=sa.text(on_sqlite or where))
    # Runs from before 0003 have no random order yet.
    number = A_NUMBER[op.get_bind().dialect.name]
    op.execute(f"UPDATE score SET shuffle = {number} WHERE shuffle IS NULL")  # noqa: S608
