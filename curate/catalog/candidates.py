"""The candidates of a gathering: URLs and their state. Each ends as kept, or as refused with a reason.

These rows hold all that a gathering needs to resume after a kill. The order of downloads does not matter: a round is a
fixed set of candidates in the sources' order, and duplicates are decided when all of it has ended.
"""

import hashlib
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Image, Label
from curate.catalog.tables.gather import Candidate, Gathering, Search
from curate.catalog.versions import batches

NOT_NEEDED = "Not needed: there were enough before it"
FOUND_TWICE = "Found twice"
OTHER_LABEL = "The same address came under another label before"
KNOWN = "In the project already"


@dataclass(frozen=True)
class Found:
    """A picture's URL as a source returns it.  same_as: identifies a result, the URL when empty.

    thumb: a small version.  credit: title, creator, creator_url, licence, licence_url, landing_page, …, as known.
    """

    url: str
    credit: dict[str, str] = field(default_factory=dict)
    thumb: str = ""
    same_as: str = ""

    @property
    def key(self) -> str:
        """32 hex digits, equal for the same result."""
        return hashlib.blake2b((self.same_as or self.url).encode(errors="replace"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate with its state."""

    id: int
    search: int
    position: int
    url: str
    credit: dict[str, Any]
    state: str
    reason: str | None
    detail: str | None
    sha: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a download: the `sha` of the stored picture, or the reason of the refusal."""

    candidate_id: int
    sha: str | None = None
    reason: str | None = None
    detail: str | None = None


def add_found(gathering_id: int, search: int, found: list[Found], cursor: int, is_exhausted: bool) -> int:
    """Store a page of results and the source's cursor in one transaction; returns how many are to be fetched.

    Results that this gathering or an earlier one of the project already has are refused at once.
    """
    with writing() as session:
        first = _n_found(session, gathering_id, search)
        rows = _as_rows(session, gathering_id, search, first, found)
        for batch in batches(rows):
            session.execute(insert(Candidate), batch)
        session.execute(
            update(Search)
            .where(Search.gathering_id == gathering_id, Search.number == search)
            .values(cursor=cursor, is_exhausted=is_exhausted, note=None)
        )
    return sum(row["state"] == "waiting" for row in rows)


def take_up(gathering_id: int, search: int, n_wanted: int) -> tuple[int, int]:
    """Add the next candidates of a search to the present round; returns (how many it still needs, how many started).

    A round starts with as many as are still wanted (0 = all there are), so that it never keeps too many.
    """
    mine = (Candidate.gathering_id == gathering_id, Candidate.search == search)
    with writing() as session:
        number = session.get_one(Gathering, gathering_id).round
        n_chosen = session.scalar(select(func.count()).where(*mine, Candidate.state.in_(("chosen", "kept")))) or 0
        n_taken = session.scalar(select(func.count()).where(*mine, Candidate.round == number)) or 0
        room = max(0, n_wanted - n_chosen - n_taken) if n_wanted else None
        turn = select(Candidate.id).where(*mine, Candidate.state == "waiting", Candidate.round.is_(None))
        ids = session.scalars(turn.order_by(Candidate.position).limit(room)).all() if room != 0 else []
        for batch in batches(list(ids)):
            session.execute(update(Candidate).where(Candidate.id.in_(batch)).values(round=number))
    return (1 if room is None else room - len(ids)), len(ids)


def due(gathering_id: int, after_id: int, limit: int) -> list[CandidateRow]:
    """Returns the candidates of the present round that are still to be fetched, by id, those after `after_id`."""
    query = (
        select(*(getattr(Candidate, name) for name in CandidateRow.__slots__))
        .join(Gathering, (Gathering.id == Candidate.gathering_id) & (Gathering.round == Candidate.round))
        .where(Candidate.gathering_id == gathering_id, Candidate.state == "waiting", Candidate.id > after_id)
    )
    with reading() as session:
        return [CandidateRow(*row) for row in session.execute(query.order_by(Candidate.id).limit(limit))]


def record(outcomes: list[Outcome]) -> None:
    """Store the results of downloads in one transaction."""
    with writing() as session:
        session.execute(
            update(Candidate),
            [
                {
                    "id": outcome.candidate_id, "state": "refused" if outcome.reason else "fetched",
                    "sha": outcome.sha, "reason": outcome.reason, "detail": outcome.detail,
                }
                for outcome in outcomes
            ],
        )  # fmt: skip


def with_pictures(gathering_id: int, state: str) -> list[tuple[int, str, str]]:
    """Returns (id, sha, label) of the candidates in that state, search by search in the source's order."""
    query = (
        select(Candidate.id, Candidate.sha, Search.label)
        .join(Search, (Search.gathering_id == Candidate.gathering_id) & (Search.number == Candidate.search))
        .where(Candidate.gathering_id == gathering_id, Candidate.state == state, Candidate.sha.is_not(None))
        .order_by(Candidate.search, Candidate.position)
    )
    with reading() as session:
        # One string for each label, not one for each row: there may be a million.
        return [(row[0], str(row[1]), sys.intern(row[2])) for row in session.execute(query)]


def end_round(gathering_id: int, chosen: list[int], refused: list[Outcome]) -> None:
    """End the present round and start the next one, in one transaction."""
    with writing() as session:
        for batch in batches(chosen):
            session.execute(update(Candidate).where(Candidate.id.in_(batch)).values(state="chosen"))
        for lot in batches(refused):
            session.execute(
                update(Candidate),
                [{"id": o.candidate_id, "state": "refused", "reason": o.reason, "detail": o.detail} for o in lot],
            )
        left = (Candidate.gathering_id == gathering_id, Candidate.state == "waiting", Candidate.round.is_not(None))
        session.execute(update(Candidate).where(*left).values(round=None))  # it was stopped before their turn came
        session.execute(update(Gathering).where(Gathering.id == gathering_id).values(round=Gathering.round + 1))


def mark_kept(gathering_id: int) -> None:
    """Mark chosen candidates as kept whose picture is now an image of the project under their label."""
    is_image = (
        select(Image.id)
        .join(Label, Label.id == Image.entry_label_id)
        .join(Search, Search.label == Label.name)
        .join(Gathering, Gathering.id == Search.gathering_id)
        .where(Search.gathering_id == gathering_id, Search.number == Candidate.search)
        .where(Image.project_id == Gathering.project_id, Image.blob_sha == Candidate.sha)
        .exists()
    )
    with writing() as session:
        session.execute(
            update(Candidate)
            .where(Candidate.gathering_id == gathering_id, Candidate.state == "chosen", is_image)
            .values(state="kept")
            .execution_options(synchronize_session=False)
        )


def end_gathering(gathering_id: int) -> None:
    """End the gathering; candidates that still wait were not needed."""
    with writing() as session:
        session.execute(
            update(Candidate)
            .where(Candidate.gathering_id == gathering_id, Candidate.state == "waiting")
            .values(state="refused", reason=NOT_NEEDED)
        )
        session.execute(update(Gathering).where(Gathering.id == gathering_id).values(status="done"))


def try_again(gathering_id: int) -> None:
    """Let refused candidates wait again; those that were not needed stay as they are."""
    with writing() as session:
        session.execute(
            update(Candidate)
            .where(Candidate.gathering_id == gathering_id, Candidate.state == "refused")
            .where(Candidate.reason != NOT_NEEDED)
            .values(state="waiting", reason=None, detail=None)
        )


def first_found(gathering_id: int, search: int, limit: int) -> list[CandidateRow]:
    """Returns the first results of a search, in the source's order."""
    mine = (Candidate.gathering_id == gathering_id, Candidate.search == search)
    with reading() as session:
        rows = session.scalars(select(Candidate).where(*mine).order_by(Candidate.position).limit(limit))
        return [_row(row) for row in rows]


def found_of(candidate_ids: list[int]) -> dict[int, tuple[int, str, dict[str, Any]]]:
    """Returns {id: (search number, URL, credit)} of these candidates."""
    columns = (Candidate.id, Candidate.search, Candidate.url, Candidate.credit)
    with reading() as session:
        rows = [
            row
            for batch in batches(candidate_ids)
            for row in session.execute(select(*columns).where(Candidate.id.in_(batch)))
        ]
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def kept_images(gathering_id: int, label: str, limit: int, seed: int = 0) -> list[int]:
    """Returns up to `limit` image ids that the gathering added under a label, drawn with that seed."""
    query = (
        select(Image.id)
        .join(Label, Label.id == Image.entry_label_id)
        .join(Candidate, Candidate.sha == Image.blob_sha)
        .join(Search, (Search.gathering_id == Candidate.gathering_id) & (Search.number == Candidate.search))
        .join(Gathering, (Gathering.id == Search.gathering_id) & (Gathering.project_id == Image.project_id))
        .where(Candidate.gathering_id == gathering_id, Candidate.state == "kept", Image.state == "active")
        .where(Search.label == label, Label.name == label)
        .order_by(Image.id)
    )
    with reading() as session:
        ids = list(session.scalars(query))
    return random.Random(seed).sample(ids, min(limit, len(ids)))


def reasons(gathering_id: int) -> list[tuple[str, int]]:
    """Returns (reason, number of refusals), most frequent first, without candidates that were not needed."""
    n = func.count()
    query = select(Candidate.reason, n).where(
        Candidate.gathering_id == gathering_id, Candidate.state == "refused", Candidate.reason != NOT_NEEDED
    )
    with reading() as session:
        rows = session.execute(query.group_by(Candidate.reason).order_by(n.desc(), Candidate.reason)).all()
    return [(str(row[0]), row[1]) for row in rows]


def refused(gathering_id: int, limit: int | None = None) -> Iterator[tuple[str, str, str, str]]:
    """Returns (label, URL, reason, detail) of refused candidates, search by search in the source's order."""
    query = (
        select(Search.label, Candidate.url, Candidate.reason, Candidate.detail)
        .join(Search, (Search.gathering_id == Candidate.gathering_id) & (Search.number == Candidate.search))
        .where(Candidate.gathering_id == gathering_id, Candidate.state == "refused", Candidate.reason != NOT_NEEDED)
        .order_by(Candidate.search, Candidate.position)
        .limit(limit)
    )
    with reading() as session:
        for label, url, reason, detail in session.execute(query).yield_per(1_000):
            yield label, url, reason or "", detail or ""


def _n_found(session: Session, gathering_id: int, search: int) -> int:
    mine = (Candidate.gathering_id == gathering_id, Candidate.search == search)
    last = session.scalar(select(func.max(Candidate.position)).where(*mine))
    return 0 if last is None else last + 1


def _as_rows(session: Session, gathering_id: int, search: int, first: int, found: list[Found]) -> list[dict[str, Any]]:
    own = session.get_one(Search, (gathering_id, search)).label
    first_labels, known = _earlier(session, gathering_id, [one.key for one in found])
    rows = []
    for position, one in enumerate(found, start=first):
        reason = _refusal(first_labels.get(one.key), own) or (KNOWN if one.key in known else None)
        rows.append(
            {
                "gathering_id": gathering_id, "search": search, "position": position, "url": one.url, "key": one.key,
                "credit": one.credit | ({"thumb": one.thumb} if one.thumb else {}),
                "state": "refused" if reason else "waiting", "reason": reason,
                "detail": first_labels[one.key] if reason == OTHER_LABEL else None,
            }
        )  # fmt: skip
        first_labels.setdefault(one.key, own)
    return rows


def _refusal(first_label: str | None, label: str) -> str | None:
    """Why an address that came under `first_label` (None = never) is not fetched for `label`."""
    if first_label is None:
        return None
    return FOUND_TWICE if first_label == label else OTHER_LABEL


def _earlier(session: Session, gathering_id: int, keys: list[str]) -> tuple[dict[str, str], set[str]]:
    """Returns {key: its label} of those this gathering already has, and those that the project kept from an earlier."""
    project_id = session.get_one(Gathering, gathering_id).project_id
    first_labels: dict[str, str] = {}
    known: set[str] = set()
    for batch in batches(keys):
        rows = session.execute(
            select(Candidate.key, Candidate.gathering_id, Search.label)
            .join(Gathering, Gathering.id == Candidate.gathering_id)
            .join(Search, (Search.gathering_id == Candidate.gathering_id) & (Search.number == Candidate.search))
            .where(Candidate.key.in_(batch), Gathering.project_id == project_id)
            .where((Candidate.gathering_id == gathering_id) | (Candidate.state == "kept"))
            .order_by(Candidate.search, Candidate.position)
        )
        for key, of, label in rows:
            if of == gathering_id:
                first_labels.setdefault(key, label)
            else:
                known.add(key)
    return first_labels, known


def _row(row: Candidate) -> CandidateRow:
    return CandidateRow(**{name: getattr(row, name) for name in CandidateRow.__slots__})
