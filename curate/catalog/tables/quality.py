"""The tables of picture quality: measures of a picture, what is wrong with an image, and groups of duplicates."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, now
from curate.quality.issues import ISSUES


class Measure(Base):
    """What one look at a picture gave, once over all projects. The first six lie in [0, 1] and high is bad (see
    `quality.issues`; `grey` is an issue only among colour); `sharpness` in [0, 1], high is good; `pixels` names the
    decoded pixels, so that two files of the very same picture are known."""

    __tablename__ = "measure"
    blob_sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"), primary_key=True)
    dark: Mapped[float]
    bright: Mapped[float]
    blurry: Mapped[float]
    low_information: Mapped[float]
    odd_aspect: Mapped[float]
    grey: Mapped[float]
    sharpness: Mapped[float]
    pixels: Mapped[bytes] = mapped_column(LargeBinary(16))


class Quality(Base):
    """What is wrong with an image among its project's, in [0, 1], high is bad: one column and one index an issue."""

    __tablename__ = "quality"
    __table_args__ = tuple(Index(f"ix_quality_{issue}", "project_id", issue, "image_id") for issue in ISSUES)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    dark: Mapped[float]
    bright: Mapped[float]
    blurry: Mapped[float]
    low_information: Mapped[float]
    odd_aspect: Mapped[float]
    odd_size: Mapped[float]
    greyscale: Mapped[float]
    exact_duplicate: Mapped[float]
    near_duplicate: Mapped[float]


class NearPair(Base):
    """Two images of a project, `image_a` < `image_b`, whose perceptual hashes differ in `distance` bits; 0 is kept for
    the very same pixels. `dismissed_by`: who said that they are not duplicates."""

    __tablename__ = "near_pair"
    __table_args__ = (Index("ix_near_pair_project", "project_id", "distance"),)
    image_a: Mapped[int] = mapped_column(ForeignKey("image.id"), primary_key=True)
    image_b: Mapped[int] = mapped_column(ForeignKey("image.id"), primary_key=True, index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    distance: Mapped[int]
    dismissed_by: Mapped[str | None] = mapped_column(String(300))
    dismissed_at: Mapped[datetime | None]


class DuplicateGroup(Base):
    """Active images that pairs of at most `distance` bits link. `rank`: 0 = across labels and splits, 1 = across
    labels, 2 = across splits, 3 = neither; `is_settled`: decisions wait that leave one of them, or on all."""

    __tablename__ = "duplicate_group"
    __table_args__ = (Index("ix_duplicate_group_list", "project_id", "distance", "is_settled", "rank", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    distance: Mapped[int]
    rank: Mapped[int]
    is_settled: Mapped[bool]


class DuplicateMember(Base):
    """An image of a duplicate group."""

    __tablename__ = "duplicate_member"
    group_id: Mapped[int] = mapped_column(ForeignKey("duplicate_group.id"), primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"), primary_key=True, index=True)


class QualityState(Base):
    """How far the quality of a project's images is known: as of which version, with {issue: active images}."""

    __tablename__ = "quality_state"
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    version_id: Mapped[int | None]
    paired_up_to: Mapped[int] = mapped_column(default=0)  # the newest image whose pairs are known
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=now)
