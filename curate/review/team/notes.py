"""Notes and flags on images, and questions to a person, which wait on their overview until they are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import Decision, Image, Project, now
from curate.catalog.tables.team import ImageNote, ReviewSession, SessionMember
from curate.errors import BadInput, NotFound

MOST_LETTERS = 2_000
MOST_ON_CARD = 300  # letters; the picture's story has the rest
PAGE = 50
_MOST_PEOPLE = 200  # names to choose from


@dataclass(frozen=True)
class NoteRow:
    """A note, flag or question with its picture.  asked: whom a question is for.  done: flag or question closed."""

    id: int
    project_id: int
    project_name: str
    image_id: int
    sha: str
    file_name: str
    kind: str
    author: str
    text: str
    asked: str | None
    answer: str | None
    created_at: datetime
    done_at: datetime | None
    done_by: str | None


@dataclass(frozen=True)
class Noted:
    """The newest note on an image, for its card.  n_more: older notes, flags and open questions."""

    kind: str
    by: str
    text: str
    to: str
    n_more: int


def note(project_id: int, image_ids: Sequence[int], author: str, text: str) -> list[int]:
    """Add a note to these images; returns the ids. Raises BadInput or NotFound, and then adds none."""
    return _add(project_id, image_ids, author, "note", _clean(text, "A note"))


def flag(project_id: int, image_ids: Sequence[int], author: str, text: str = "") -> None:
    """Flag these images; an image that is flagged already keeps its flag."""
    with reading() as session:
        is_up = (ImageNote.image_id.in_(image_ids), ImageNote.kind == "flag", ImageNote.done_at.is_(None))
        known = set(session.scalars(select(ImageNote.image_id).where(*is_up)))
    others = [image_id for image_id in image_ids if image_id not in known]
    _add(project_id, others, author, "flag", _clean(text, "A flag", may_be_empty=True))


def ask(project_id: int, image_ids: Sequence[int], author: str, asked: str, text: str) -> list[int]:
    """Put a question about these images to the person `asked`; returns the ids of the questions. Raises BadInput."""
    if not asked.strip():
        raise BadInput("Say whom to ask.")
    asked = clean_name(asked, "person asked")
    return _add(project_id, image_ids, author, "question", _clean(text, "A question"), asked)


def answer(note_id: int, who: str, text: str) -> None:
    """Answer a question; anybody may. Raises BadInput, NotFound."""
    _close(note_id, who, _clean(text, "An answer"))


def take_down(note_id: int, who: str) -> None:
    """Remove a flag, or close a question without an answer. Raises NotFound."""
    _close(note_id, who, None)


def newest_by_image(image_ids: Sequence[int]) -> dict[int, Noted]:
    """Returns the newest note, flag or open question of each image that has one."""
    is_open = (ImageNote.kind == "note") | ImageNote.done_at.is_(None)
    columns = (ImageNote.image_id, ImageNote.kind, ImageNote.author, ImageNote.text, ImageNote.asked)
    newest: dict[int, Noted] = {}
    with reading() as session:
        rows = session.execute(
            select(*columns).where(ImageNote.image_id.in_(image_ids), is_open).order_by(ImageNote.id)
        )
        for image_id, kind, author, text, asked in rows:
            n_more = newest[image_id].n_more + 1 if image_id in newest else 0
            newest[image_id] = Noted(kind, author, text[:MOST_ON_CARD], asked or "", n_more)
    return newest


def of_image(image_id: int) -> list[NoteRow]:
    """Returns all notes, flags and questions on an image, oldest first."""
    return _find(_rows().where(ImageNote.image_id == image_id).order_by(ImageNote.id))


def questions_for(reviewer: str, limit: int = PAGE) -> list[NoteRow]:
    """Returns the open questions to this person, in any project, oldest first."""
    waits = (ImageNote.asked == reviewer, ImageNote.done_at.is_(None))
    return _find(_rows().where(*waits).order_by(ImageNote.id).limit(limit))


def open_ones(project_id: int, kind: str, limit: int = PAGE) -> list[NoteRow]:
    """Returns the project's open flags or questions, newest first."""
    is_open = (ImageNote.project_id == project_id, ImageNote.kind == kind, ImageNote.done_at.is_(None))
    return _find(_rows().where(*is_open).order_by(ImageNote.id.desc()).limit(limit))


def n_open(project_id: int) -> int:
    """Returns how many flags and questions are open in a project."""
    waits = (ImageNote.project_id == project_id, ImageNote.kind.in_(("flag", "question")), ImageNote.done_at.is_(None))
    with reading() as session:
        return session.scalar(select(func.count()).select_from(ImageNote).where(*waits)) or 0


def newest(project_id: int, limit: int = PAGE) -> list[NoteRow]:
    """Returns the newest notes, flags and questions of a project, newest first."""
    return _find(_rows().where(ImageNote.project_id == project_id).order_by(ImageNote.id.desc()).limit(limit))


def people(project_id: int) -> list[str]:
    """Returns the names of everybody who decided something or joined a session, sorted."""
    with reading() as session:
        joined = session.scalars(
            select(SessionMember.reviewer)
            .join(ReviewSession, ReviewSession.id == SessionMember.session_id)
            .where(ReviewSession.project_id == project_id)
            .distinct()
        ).all()
        names = {*joined, *_deciders(session, project_id)}
    return sorted(names, key=str.casefold)


def _deciders(session: Any, project_id: int) -> list[str]:
    """Returns the deciders' names, one index lookup each: a DISTINCT would read all decisions."""
    names: list[str] = []
    following = select(func.min(Decision.reviewer)).where(Decision.project_id == project_id)
    name = session.scalar(following)
    while name is not None and len(names) < _MOST_PEOPLE:
        names.append(name)
        name = session.scalar(following.where(Decision.reviewer > name))
    return names


def _add(
    project_id: int, image_ids: Sequence[int], author: str, kind: str, text: str, asked: str | None = None
) -> list[int]:
    shared = {"project_id": project_id, "author": clean_name(author, "reviewer"), "kind": kind, "text": text}
    with writing() as session:
        mine = select(Image.id).where(Image.id.in_(image_ids), Image.project_id == project_id)
        if missing := set(image_ids) - set(session.scalars(mine)):
            raise NotFound(f"The project has no image {min(missing)}.")
        rows = [ImageNote(image_id=image_id, asked=asked, **shared) for image_id in dict.fromkeys(image_ids)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def _close(note_id: int, who: str, text: str | None) -> None:
    who = clean_name(who, "reviewer")
    is_open = (ImageNote.id == note_id, ImageNote.done_at.is_(None))
    with writing() as session:
        if session.get(ImageNote, note_id) is None:
            raise NotFound(f"There is no note {note_id}.")
        session.execute(update(ImageNote).where(*is_open).values(done_at=now(), done_by=who, answer=text))


def _rows() -> Any:
    return (
        select(
            ImageNote.id, ImageNote.project_id, Project.name, ImageNote.image_id, Image.blob_sha, Image.file_name,
            ImageNote.kind, ImageNote.author, ImageNote.text, ImageNote.asked, ImageNote.answer, ImageNote.created_at,
            ImageNote.done_at, ImageNote.done_by,
        )
        .join(Image, Image.id == ImageNote.image_id)
        .join(Project, Project.id == ImageNote.project_id)
    )  # fmt: skip


def _find(query: Any) -> list[NoteRow]:
    with reading() as session:
        return [NoteRow(*row) for row in session.execute(query)]


def _clean(text: str, what: str, may_be_empty: bool = False) -> str:
    text = text.strip().replace("\x00", "")
    if not text and not may_be_empty:
        raise BadInput(f"{what} needs some words.")
    if len(text) > MOST_LETTERS:
        raise BadInput(f"{what} can have {MOST_LETTERS:,} letters; this one has {len(text):,}.")
    return text
