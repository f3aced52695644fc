"""The tables of reviewing together: sessions and their queues, opinions until they are settled, notes, questions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base, Decision, now

# The history of decisions is read by reviewer and by time.
Index("ix_decision_reviewer", Decision.project_id, Decision.reviewer, Decision.id)
Index("ix_decision_time", Decision.project_id, Decision.created_at)


class ReviewSession(Base):
    """A named queue over a view of a run (`view`: `View.to_json`) that several people share.

    place: the key in the view at which the queue is refilled. is_whole: the queue holds the whole view.
    n_opinions: how many people must agree on an image. ask_when: on which images (always | sample | deletes).
    repeat_pct: per cent of a person's images that are shown again, unannounced. seed: draws the sample.
    checks_before_id, checks_after_id: the two runs whose flips it checks blind, None = an ordinary session; n_compared:
    the validation images that both had scored when it was made. drawn_from: what a random audit's images were drawn
    from, "valid" (those held out from the run) or "all", n_compared in number; None = no audit.
    """

    __tablename__ = "review_session"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    run_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    author: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]
    view: Mapped[dict[str, Any]] = mapped_column(JSON)
    place: Mapped[str | None] = mapped_column(Text)
    is_whole: Mapped[bool] = mapped_column(default=False, server_default=false())
    n_opinions: Mapped[int] = mapped_column(default=1)
    ask_when: Mapped[str] = mapped_column(String(8), default="always")
    repeat_pct: Mapped[int] = mapped_column(default=0)
    seed: Mapped[int]
    checks_before_id: Mapped[int | None]
    checks_after_id: Mapped[int | None]
    n_compared: Mapped[int | None]
    drawn_from: Mapped[str | None] = mapped_column(String(8))


class SessionItem(Base):
    """An image in a session's queue. `state`: open → settled, or open → conflict → settled; gone = no longer needed.

    needs: opinions until it can be settled. n_opinions: people who have given theirs.
    held_by: the member who was given the image last and holds it while present.
    """

    __tablename__ = "session_item"
    __table_args__ = (
        Index("ix_session_item_queue", "session_id", "state", "n_opinions", "position"),
        Index("ix_session_item_image", "image_id", "session_id"),
    )
    session_id: Mapped[int] = mapped_column(ForeignKey("review_session.id"), primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"), primary_key=True)
    position: Mapped[int]
    needs: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="open")
    n_opinions: Mapped[int] = mapped_column(default=0, server_default="0")
    held_by: Mapped[int | None]


class SessionMember(Base):
    """A reviewer in a session, present while `left_at` is empty and `seen_at` is recent.

    image_id: the image that is open before them. batch: the number of the last batch given out to them.
    """

    __tablename__ = "session_member"
    __table_args__ = (UniqueConstraint("session_id", "reviewer"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("review_session.id"))
    reviewer: Mapped[str] = mapped_column(String(300))
    joined_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    left_at: Mapped[datetime | None]
    image_id: Mapped[int | None]
    batch: Mapped[int] = mapped_column(default=0, server_default="0")


class SessionClaim(Base):
    """An image given out to a member, and in which batch.

    is_repeat: the image is given out a second time, to measure how far the member agrees with themselves.
    """

    __tablename__ = "session_claim"
    __table_args__ = (
        UniqueConstraint("member_id", "image_id", "is_repeat"),
        Index("ix_session_claim_batch", "member_id", "batch", "id"),
        Index("ix_session_claim_image", "image_id", "member_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("session_member.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))
    batch: Mapped[int]
    is_repeat: Mapped[bool] = mapped_column(default=False, server_default=false())


class Opinion(Base):
    """A reviewer's opinion on an image in a session. Append-only; a decision follows once the image is settled.

    kind: opinion | repeat (of one's own) | settles (a third person's opinion). filed_id: the label at that time.
    stands: the opinion is that person's newest and was not undone. step_id: the step by which undo removes it.
    """

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("client", "seq", "image_id"),
        Index("ix_opinion_image", "image_id", "session_id", "id"),
        Index("ix_opinion_reviewer", "session_id", "reviewer", "id"),
        Index("ix_opinion_step", "step_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("review_session.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))
    reviewer: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(8), default="opinion")
    action: Mapped[str] = mapped_column(String(8))  # keep | delete | relabel
    label_id: Mapped[int | None]
    filed_id: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    client: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    step_id: Mapped[int | None]
    stands: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(default=now)


class DecisionReason(Base):
    """The reason of a decision, in the reviewer's words."""

    __tablename__ = "decision_reason"
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class ImageNote(Base):
    """A note on an image, a flag, or a question to a reviewer (`asked`). Flags are cleared, questions answered."""

    __tablename__ = "image_note"
    __table_args__ = (
        Index("ix_image_note_image", "image_id", "id"),
        Index("ix_image_note_open", "project_id", "kind", "done_at", "id"),
        Index("ix_image_note_asked", "asked", "done_at", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))
    kind: Mapped[str] = mapped_column(String(8))  # note | flag | question
    author: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[str | None] = mapped_column(String(300))
    answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(300))
