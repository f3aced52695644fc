"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "blob",
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", ID, nullable=False),
        sa.Column("width", ID, nullable=False),
        sa.Column("height", ID, nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("phash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha", name=op.f("pk_blob")),
    )
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("cancel", sa.String(length=8), nullable=True),
        sa.Column("submitted_by", sa.String(length=300), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_project", ["project_id", "id"], unique=False)
        batch_op.create_index("ix_job_status", ["status", "id"], unique=False)

    op.create_table(
        "project",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_pct", sa.Double(), nullable=False),
        sa.Column("split_seed", ID, nullable=False),
        sa.Column("head_version_id", ID, nullable=True),
        sa.Column("source_folder", sa.Text(), nullable=True),
        sa.Column("planted", sa.JSON(), nullable=True),
        sa.Column("train_config", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("name", name=op.f("uq_project_name")),
    )
    op.create_table(
        "label",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("position", ID, nullable=False),
        sa.Column("query", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_label_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_label_project_id")),
    )
    op.create_table(
        "version",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_version_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_version_project_id")),
    )
    op.create_table(
        "image",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("blob_sha", sa.String(length=64), nullable=False),
        sa.Column("entry_label_id", ID, nullable=False),
        sa.Column("label_id", ID, nullable=False),
        sa.Column("split", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("group_id", ID, nullable=True),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decision_label_id", ID, nullable=True),
        sa.Column("decision_id", ID, nullable=True),
        sa.Column("decided_by", sa.String(length=300), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["blob_sha"], ["blob.sha"], name=op.f("fk_image_blob_sha_blob")),
        sa.ForeignKeyConstraint(["entry_label_id"], ["label.id"], name=op.f("fk_image_entry_label_id_label")),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_image_label_id_label")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_image_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
        sa.UniqueConstraint("project_id", "blob_sha", "entry_label_id", name=op.f("uq_image_project_id")),
    )
    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_image_blob_sha"), ["blob_sha"], unique=False)
        batch_op.create_index("ix_image_browse", ["project_id", "state", "label_id", "split", "id"], unique=False)
        batch_op.create_index("ix_image_checked", ["project_id", "checked_at", "id"], unique=False)
        batch_op.create_index("ix_image_decided", ["project_id", "decision", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_image_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_image_version_id"), ["version_id"], unique=False)

    op.create_table(
        "run",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("label_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("n_train", ID, nullable=False),
        sa.Column("n_valid", ID, nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.Column("device", sa.String(length=100), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("stopped_early", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_run_project_id_project")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_run_version_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_run_project_id")),
    )
    op.create_table(
        "decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("reviewer", sa.String(length=300), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("label_id", ID, nullable=True),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("seq", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_decision_image_id_image")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_decision_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("client", "seq", "image_id", name=op.f("uq_decision_client")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_image", ["image_id", "id"], unique=False)
        batch_op.create_index("ix_decision_revision", ["project_id", "id"], unique=False)

    op.create_table(
        "epoch_metric",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("epoch", ID, nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("train_loss", sa.Double(), nullable=True),
        sa.Column("valid_loss", sa.Double(), nullable=True),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.Column("error_rate", sa.Double(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_epoch_metric_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_epoch_metric")),
    )
    op.create_table(
        "score",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("row", ID, nullable=False),
        sa.Column("split", sa.String(length=5), nullable=False),
        sa.Column("label_id", ID, nullable=False),
        sa.Column("predicted_id", ID, nullable=False),
        sa.Column("loss", sa.Double(), nullable=False),
        sa.Column("p_actual", sa.Double(), nullable=False),
        sa.Column("p_predicted", sa.Double(), nullable=False),
        sa.Column("doubt", sa.Double(), nullable=True),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_score_image_id_image")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_score_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "image_id", name=op.f("pk_score")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index("ix_score_cell", ["run_id", "label_id", "predicted_id", "loss", "image_id"], unique=False)
        batch_op.create_index("ix_score_confident", ["run_id", "p_predicted", "image_id"], unique=False)
        batch_op.create_index("ix_score_label", ["run_id", "label_id", "loss", "image_id"], unique=False)
        batch_op.create_index("ix_score_loss", ["run_id", "loss", "image_id"], unique=False)
        batch_op.create_index("ix_score_predicted", ["run_id", "predicted_id", "loss", "image_id"], unique=False)
        batch_op.create_index("ix_score_split", ["run_id", "split", "loss", "image_id"], unique=False)

    op.create_table(
        "version_change",
        sa.Column("version_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("old_label_id", ID, nullable=False),
        sa.Column("new_label_id", ID, nullable=False),
        sa.Column("old_state", sa.String(length=8), nullable=False),
        sa.Column("new_state", sa.String(length=8), nullable=False),
        sa.Column("decision_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_version_change_image_id_image")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_version_change_version_id_version")),
        sa.PrimaryKeyConstraint("version_id", "image_id", name=op.f("pk_version_change")),
    )
    with op.batch_alter_table("version_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_version_change_image_id"), ["image_id"], unique=False)
