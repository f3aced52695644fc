"""Picture quality and duplicates"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_PICTURE = ("dark", "bright", "blurry", "low_information", "odd_aspect")
ISSUES = (*OF_PICTURE, "odd_size", "greyscale", "exact_duplicate", "near_duplicate")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "measure",
        sa.Column("blob_sha", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in (*OF_PICTURE, "grey", "sharpness")),
        sa.Column("pixels", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["blob_sha"], ["blob.sha"], name=op.f("fk_measure_blob_sha_blob")),
        sa.PrimaryKeyConstraint("blob_sha", name=op.f("pk_measure")),
    )
    op.create_table(
        "quality",
        sa.Column("image_id", ID, nullable=False),
        _project(),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ISSUES),
        _in_project("quality"),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_quality_image_id_image")),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_quality")),
    )
    for name in ISSUES:
        op.create_index(f"ix_quality_{name}", "quality", ["project_id", name, "image_id"])
    op.create_table(
        "near_pair",
        sa.Column("image_a", ID, nullable=False),
        sa.Column("image_b", ID, nullable=False),
        _project(),
        sa.Column("distance", ID, nullable=False),
        sa.Column("dismissed_by", sa.String(length=300), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        _in_project("near_pair"),
        sa.ForeignKeyConstraint(["image_a"], ["image.id"], name=op.f("fk_near_pair_image_a_image")),
        sa.ForeignKeyConstraint(["image_b"], ["image.id"], name=op.f("fk_near_pair_image_b_image")),
        sa.PrimaryKeyConstraint("image_a", "image_b", name=op.f("pk_near_pair")),
    )
    op.create_index(op.f("ix_near_pair_image_b"), "near_pair", ["image_b"])
    op.create_index("ix_near_pair_project", "near_pair", ["project_id", "distance"])
    op.create_table(
        "duplicate_group",
        sa.Column("id", ID, nullable=False),
        _project(),
        sa.Column("distance", ID, nullable=False),
        sa.Column("rank", ID, nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        _in_project("duplicate_group"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_group")),
    )
    op.create_index(
        "ix_duplicate_group_list", "duplicate_group", ["project_id", "distance", "is_settled", "rank", "id"]
    )
    op.create_table(
        "duplicate_member",
        sa.Column("group_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["duplicate_group.id"], name=op.f("fk_duplicate_member_group_id_duplicate_group")
        ),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_duplicate_member_image_id_image")),
        sa.PrimaryKeyConstraint("group_id", "image_id", name=op.f("pk_duplicate_member")),
    )
    op.create_index(op.f("ix_duplicate_member_image_id"), "duplicate_member", ["image_id"])
    op.create_table(
        "quality_state",
        _project(),
        sa.Column("version_id", ID, nullable=True),
        sa.Column("paired_up_to", ID, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        _in_project("quality_state"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_quality_state")),
    )


def _project() -> sa.Column:
    return sa.Column("project_id", ID, nullable=False)


def _in_project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f(f"fk_{table}_project_id_project"))
