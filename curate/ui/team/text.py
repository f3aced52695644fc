"""Sessions, people and their answers as text and HTML."""

from collections.abc import Sequence
from html import escape

from curate.catalog.projects import LabelRow
from curate.evaluation import per_cent
from curate.evaluation.agreement import Agreement
from curate.review.team.members import Person
from curate.review.team.sessions import SessionRow
from curate.review.team.settling import Answer
from curate.ui.rendering import formatting, html
from curate.ui.rendering.colours import LABEL_COLOURS

DID = {"keep": "keeps it", "delete": "deletes it", "relabel": "relabels it to", "clear": "took it back"}
_HOW_MANY = {1: "One person looks at each picture", 2: "Two people", 3: "Three people"}
_WHEN = {
    "always": "look at every picture, unseen by each other",
    "sample": "look at one picture in ten, unseen by each other",
    "deletes": "look at what somebody would delete",
}


_WHY_HIDDEN = (
    "a label that is shown is kept too easily. Your answers are decisions like any others: *Apply* puts them into the "
    "labels."
)


def what_is_hidden(session: SessionRow) -> str:
    """Returns what to do in a session that hides what is known, and what that is. Markdown."""
    whose = "both runs' answers" if session.checks else "all predictions"
    return (
        "Give each picture its right label; *Delete* if it fits none; undecided when you cannot tell. Hidden are "
        f"{whose}, the label that it is filed under, its file name, notes and what others decided."
    )


def why_hidden(session: SessionRow) -> str:
    """Returns which pictures these are, and why their labels are hidden. Markdown."""
    if session.checks:
        return (
            "These are the pictures on which two runs differ, in an order drawn at random. The filed label often came "
            f"from a run's suggestion, and {_WHY_HIDDEN}"
        )
    return f"These pictures were drawn at random, so that they stand for all; and {_WHY_HIDDEN}"


def terms(session: SessionRow) -> str:
    """Returns a sentence on how many people look at which pictures."""
    if session.checks:
        return "The pictures on which the two runs differ; neither's answer nor the label is shown."
    if session.hides_all:
        return "Pictures drawn at random; neither their label nor any prediction is shown."
    how = _HOW_MANY[session.n_opinions]
    who = f"{how} {_WHEN[session.ask_when]}." if session.n_opinions > 1 else f"{how}."
    return f"Pictures without a label. {who}" if session.is_unlabelled else who


def progress(session: SessionRow) -> str:
    """Returns the progress of a session, such as "12 of 100 settled · 1 disagreement"."""
    of = f"{session.n_queued:,}" if session.is_whole else f"{session.n_queued:,} so far"
    settled = f"{session.n_done:,} of {of} settled"
    conflicts = session.n.get("conflict", 0)
    return f"{settled} · {formatting.counted(conflicts, 'disagreement')}" if conflicts else settled


def track(share: float) -> str:
    """Returns a thin bar, filled up to a share in [0, 1]."""
    return (
        '<div style="height:4px;border-radius:2px;background:rgba(128,128,128,.25);overflow:hidden;min-width:80px">'
        f'<div style="height:100%;width:{100 * min(1.0, share):.1f}%;background:#2f6fed"></div></div>'
    )


def session_bar(session: SessionRow, people: Sequence[Person], me: str) -> str:
    """Returns the session's name and progress, and the people present with their places."""
    name = f'<span style="font-weight:600">{html.text(session.name, 60)}</span>'
    facts = f'<span style="font-size:.875rem;opacity:.7">{progress(session)}</span>'
    here = [person for person in people if person.is_here]
    others = [person for person in here if person.reviewer != me]
    who = "".join(person_chip(person) for person in others[:8])
    if len(others) > 8:
        who += html.quiet(f"and {len(others) - 8:,} more")
    alone = "" if others else '<span style="font-size:.875rem;opacity:.7">Nobody else is here</span>'
    line = f'<div style="display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center">{name}{facts}{who}{alone}</div>'
    share = session.n_done / session.n_queued if session.n_queued else 0.0
    return f'<div style="display:flex;flex-direction:column;gap:6px">{line}{track(share)}</div>'


def person_chip(person: Person) -> str:
    """Returns a person's initial in their colour, their name, and the number of their picture."""
    where = f" at {person.position:,}" if person.position is not None and person.is_here else ""
    name = html.text(person.reviewer, 24)
    return (
        f'<span title="{escape(person.reviewer, quote=True)}" style="display:inline-flex;gap:6px;align-items:center;'
        f'font-size:.875rem">{initial(person.reviewer)}<span>{name}</span>'
        f'<span style="opacity:.7">{where}</span></span>'
    )


def initial(name: str) -> str:
    """Returns a round sign for a person; the colour depends on the name."""
    colour = LABEL_COLOURS[sum(name.encode()) % len(LABEL_COLOURS)]
    return (
        f'<span aria-hidden="true" style="display:inline-flex;width:20px;height:20px;border-radius:50%;flex:none;'
        f'background:{colour};color:#fff;align-items:center;justify-content:center;font-size:11px;font-weight:700">'
        f"{html.text(name[:1].upper(), 2)}</span>"
    )


def answer(given: Answer, labels: dict[int, LabelRow]) -> str:
    """Returns an answer as a row: the person, the sign of the action, and the label of a relabel."""
    label = labels.get(given.label_id or 0)
    to = html.chip(label.name, label.position) if label else ""
    return html.row(
        initial(given.reviewer), f"<span>{html.text(given.reviewer, 40)}</span>", html.sign(given.action),
        f"<span>{DID[given.action]}</span>", to,
    )  # fmt: skip


def kappa(agreement: Agreement) -> str:
    """Returns kappa with two decimals; a dash where it is undefined, as everybody always gives one answer."""
    return "–" if agreement.kappa is None else f"{agreement.kappa:.2f}".replace("-", "−")


def share(agreement: Agreement) -> str:
    """Returns the share of equal answers in per cent."""
    return per_cent(agreement.share)
