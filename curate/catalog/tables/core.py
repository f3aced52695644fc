"""The tables. Pictures never change; labels, states and decisions are rows.

Times are UTC. Text from people (names, labels, file names, messages) is data: it is never a path or markup.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime, TypeDecorator

# SQLite numbers rows by itself only for a column declared INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Utc(TypeDecorator[datetime]):
    """A point in time, stored as UTC and read back with its zone (SQLite forgets it)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse times without a zone; store the rest as UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("times need a zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """The same instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


def _partial(name: str, *columns: str, where: str, sqlite: str = "") -> Index:
    """An index over the few rows that `where` names; it serves queries that ask for exactly that."""
    return Index(name, *columns, sqlite_where=text(sqlite or where), postgresql_where=text(where))


class Base(DeclarativeBase):
    """Common parent of the tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Utc(), int: Id, dict[str, Any]: JSON(), list[Any]: JSON()}


class Project(Base):
    """One classification problem."""

    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    valid_pct: Mapped[float]
    split_seed: Mapped[int]
    head_version_id: Mapped[int | None]
    source_folder: Mapped[str | None] = mapped_column(Text)
    # The sample's planted problems, {image_id: kind}, so that it can report how many were found.
    planted: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    train_config: Mapped[dict[str, Any] | None] = mapped_column(JSON)


UNLABELLED = ""  # the name of the row of `Label` that stands for no label
INBOX = "inbox"  # the state of an image without a label
IN_PROJECT = ("active", INBOX)  # states of images that are neither in the bin nor erased


class Label(Base):
    """A class images are filed under; `position` fixes its colour and place in every matrix.

    The row named `UNLABELLED`, at position -1, stands for no label; a project has it once a picture came in without
    one. `catalog.projects` leaves it out of its lists of labels unless asked.  key: the character that relabels to it
    in the grid; None in all labels of a project = 1 to 9 by position.
    """

    __tablename__ = "label"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String(300))
    position: Mapped[int]
    query: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(String(1))


class Blob(Base):
    """The bytes of a picture, immutable, stored once however many images show it."""

    __tablename__ = "blob"
    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    n_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str] = mapped_column(String(20))
    # 256-bit perceptual hash; Hamming distance tells near-duplicates.
    phash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Image(Base):
    """One picture in a project under one label. `label_id` and `state` are those of the head version.

    `entry_label_id` is the label it came in under: the same picture under the same label is never added twice, the
    same picture under two labels is two images (and flagged). An image without a label has the label `UNLABELLED` and
    the state `INBOX`, so that no query of active images counts it; its split is "" until it first gets a label. The
    `decision…` columns hold the newest decision that no version has taken in yet; `checked_at` says that a person
    confirmed the label (a kept or relabelled image).
    """

    __tablename__ = "image"
    __table_args__ = (
        UniqueConstraint("project_id", "blob_sha", "entry_label_id"),
        Index("ix_image_browse", "project_id", "state", "label_id", "split", "id"),
        Index("ix_image_decided", "project_id", "decision", "id"),
        Index("ix_image_checked", "project_id", "checked_at", "id"),
        _partial("ix_image_alike", "project_id", "group_id", "id", where="group_id IS NOT NULL"),
        _partial("ix_image_newest_decision", "project_id", "decision_id", where="decision_id IS NOT NULL"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    blob_sha: Mapped[str] = mapped_column(ForeignKey("blob.sha"), index=True)
    entry_label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    split: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(8), default="active")  # active | inbox | binned | erased
    file_name: Mapped[str] = mapped_column(Text)
    # The smallest image id among near-duplicates: a group never separates over the splits.
    group_id: Mapped[int | None] = mapped_column(index=True)
    version_id: Mapped[int] = mapped_column(index=True)  # the version that brought it in
    provenance: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    decision: Mapped[str | None] = mapped_column(String(8))
    decision_label_id: Mapped[int | None]
    decision_id: Mapped[int | None]
    decided_by: Mapped[str | None] = mapped_column(String(300))
    checked_at: Mapped[datetime | None]


class Version(Base):
    """An immutable state of a project's labels; `counts` is {label_id: {"train": n, "valid": n}} of active images."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))  # import | apply | restore | erase
    message: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=now)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class VersionChange(Base):
    """What one version did to one image: enough to walk back to any earlier version."""

    __tablename__ = "version_change"
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"), primary_key=True, index=True)
    old_label_id: Mapped[int]
    new_label_id: Mapped[int]
    old_state: Mapped[str] = mapped_column(String(8))
    new_state: Mapped[str] = mapped_column(String(8))
    decision_id: Mapped[int | None]


class Decision(Base):
    """One reviewer's word on one image; append-only. `clear` takes the image's standing decision back.

    before_id: the decision that stood until then (None = none did).  step_id, turn: the step it is part of, and 0, or
    by which undo or redo of the step it was written.  restores_id: the decision that stands again by an undo or redo.
    stands_for: whose that is, when it is somebody else's; such a row, like every `clear`, is no opinion of `reviewer`.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("client", "seq", "image_id"),
        Index("ix_decision_revision", "project_id", "id"),
        Index("ix_decision_image", "image_id", "id"),
        _partial("ix_decision_step", "step_id", "turn", "id", where="step_id IS NOT NULL"),
        {"sqlite_autoincrement": True},  # ids are revisions: never reused
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))
    run_id: Mapped[int | None]
    reviewer: Mapped[str] = mapped_column(String(300))
    action: Mapped[str] = mapped_column(String(8))  # keep | delete | relabel | clear
    label_id: Mapped[int | None]
    client: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    step_id: Mapped[int | None]
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    before_id: Mapped[int | None]
    restores_id: Mapped[int | None]
    stands_for: Mapped[str | None] = mapped_column(String(300))


class Run(Base):
    """One training. `label_ids` are its columns, in order; probabilities and model lie in the run's folder."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    job_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default="waiting")  # waiting | running | done | failed | cancelled
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    label_ids: Mapped[list[Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    n_train: Mapped[int] = mapped_column(default=0)
    n_valid: Mapped[int] = mapped_column(default=0)
    accuracy: Mapped[float | None]
    device: Mapped[str | None] = mapped_column(String(100))
    seconds: Mapped[float | None]
    stopped_early: Mapped[bool] = mapped_column(default=False)
    experiment_id: Mapped[int | None] = mapped_column(index=True)
    # What else is worth telling: seconds by part, resumed after which epoch, a batch halved, ...
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")


class Experiment(Base):
    """Several runs that differ in one or two settings; `grid` is {setting: [values]} over the base `config`."""

    __tablename__ = "experiment"
    __table_args__ = (Index("ix_experiment_project", "project_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String(300))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    grid: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=now)


class EpochMetric(Base):
    """One line of the epoch table; errors and accuracies are shares in [0, 1], times in seconds."""

    __tablename__ = "epoch_metric"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    phase: Mapped[str] = mapped_column(String(10))
    train_loss: Mapped[float | None]
    valid_loss: Mapped[float | None]
    accuracy: Mapped[float | None]
    error_rate: Mapped[float | None]
    seconds: Mapped[float]
    learning_rate: Mapped[float | None]
    images_per_s: Mapped[float | None]
    memory_mb: Mapped[float | None]


class Score(Base):
    """What one run thought of one image. `row` is its line in the run's probabilities; high loss is bad.

    `label_id` is the label at training time; `p_actual` and `p_predicted` are probabilities in [0, 1]. `held_out`: the
    model had not seen the image. `doubt`, `uncertainty` in [0, 1], high is bad; `suggested_id` is the label that the
    held-out evidence supports (None = no better one than the given), with its probability; `suggests_delete`: far from
    everything else; `asks_again`: confirmed by a person once, but the evidence has become much stronger since;
    `shuffle` is drawn once, for random orders. The reasons behind a doubt lie as arrays in the run's folder.
    """

    __tablename__ = "score"
    __table_args__ = (
        Index("ix_score_loss", "run_id", "loss", "image_id"),
        Index("ix_score_cell", "run_id", "label_id", "predicted_id", "loss", "image_id"),
        Index("ix_score_label", "run_id", "label_id", "loss", "image_id"),
        Index("ix_score_predicted", "run_id", "predicted_id", "loss", "image_id"),
        Index("ix_score_split", "run_id", "split", "loss", "image_id"),
        _partial("ix_score_wrong", "run_id", "p_predicted", "image_id", where="predicted_id != label_id"),
        _partial("ix_score_wrong_shuffle", "run_id", "shuffle", "image_id", where="predicted_id != label_id"),
        _partial("ix_score_suggested", "run_id", "label_id", "suggested_id", "doubt", "image_id",
                 where="suggested_id IS NOT NULL"),
        _partial("ix_score_asked", "run_id", "doubt", "image_id", where="asks_again IS true", sqlite="asks_again IS 1"),
        _partial("ix_score_far", "run_id", "doubt", "image_id",
                 where="suggests_delete IS true", sqlite="suggests_delete IS 1"),
        Index("ix_score_doubt", "run_id", "doubt", "image_id"),
        Index("ix_score_doubt_label", "run_id", "label_id", "doubt", "image_id"),
        Index("ix_score_doubt_cell", "run_id", "label_id", "predicted_id", "doubt", "image_id"),
        Index("ix_score_doubt_split", "run_id", "split", "doubt", "image_id"),
        Index("ix_score_uncertain_label", "run_id", "label_id", "uncertainty", "image_id"),
        Index("ix_score_shuffle", "run_id", "shuffle", "image_id"),
    )  # fmt: skip
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"), primary_key=True)
    row: Mapped[int]
    split: Mapped[str] = mapped_column(String(5))
    label_id: Mapped[int]
    predicted_id: Mapped[int]
    loss: Mapped[float]
    p_actual: Mapped[float]
    p_predicted: Mapped[float]
    doubt: Mapped[float | None]
    held_out: Mapped[bool]
    suggested_id: Mapped[int | None]
    p_suggested: Mapped[float | None]
    suggests_delete: Mapped[bool] = mapped_column(default=False, server_default=false())
    uncertainty: Mapped[float | None]
    asks_again: Mapped[bool] = mapped_column(default=False, server_default=false())
    shuffle: Mapped[int | None]


class ScoreCell(Base):
    """How many of a run's images have this label and this predicted label: what counts and matrices are read from."""

    __tablename__ = "score_cell"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    split: Mapped[str] = mapped_column(String(5), primary_key=True)
    label_id: Mapped[int] = mapped_column(primary_key=True)
    predicted_id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]


class Job(Base):
    """Work that outlives a page. `progress` is what the panel shows; liveness is `heartbeat_at`, never a pid."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_status", "status", "id"), Index("ix_job_project", "project_id", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(10), default="queued")  # queued | running | done | failed | cancelled
    cancel: Mapped[str | None] = mapped_column(String(8))  # discard | keep | epoch
    submitted_by: Mapped[str] = mapped_column(String(300))
    progress: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
