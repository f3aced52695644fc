"""The Curate page inside a review session: who is present, the progress, and this visitor's batch of pictures."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.versions import head_id
from curate.errors import NotFound
from curate.review import tokens
from curate.review.deciding.decisions import revision
from curate.review.labelling import pages as labelling_pages
from curate.review.listing import cards, pages
from curate.review.listing.pages import Item
from curate.review.team import batches, blind_answers, members, sessions
from curate.review.team.batches import Batch
from curate.review.team.sessions import SessionRow
from curate.ui.components import grid
from curate.ui.rendering import formatting
from curate.ui.shell import identity, navigation, query_params, run_picker
from curate.ui.team import text

ADDRESS = "session"  # ?session=3
POLL_S = 3
_NO_BATCH = Batch(0, [], {}, frozenset())
_PLACE = "team_batch"  # (session, reviewer, number of the batch on the page)


def chosen(project: ProjectSummary) -> SessionRow | None:
    """Returns the open session of this project that the URL names; None without one, or when it is closed."""
    session_id = query_params.read_number(ADDRESS)
    if session_id is None:
        return None
    try:
        session = sessions.find(session_id)
    except NotFound:
        session = None
    if session is None or session.project_id != project.id or session.closed_at:
        st.info("This review session is over, or not of this project.", icon=":material/info:")
        query_params.write(**{ADDRESS: None})
        return None
    return session


def show_session(project: ProjectSummary, session: SessionRow) -> None:
    """Join the session, and show the batch where this visitor left off."""
    reviewer = identity.reviewer()
    members.join(session.id, reviewer)
    if session.hides_all:
        st.caption(text.what_is_hidden(session), help=text.why_hidden(session))
    st.fragment(lambda: _show_bar(session, reviewer), run_every=POLL_S)()
    st.fragment(lambda: _draw(project, session, reviewer))()


def _show_bar(session: SessionRow, reviewer: str) -> None:
    now, number = sessions.find(session.id), _number(session, reviewer)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="medium", key="session_bar"):
        st.html(text.session_bar(now, members.people(session.id), reviewer), width="stretch")
        n = batches.count_second_opinions(session.id, reviewer) if session.is_blind and number else 0
        label = f"{formatting.counted(n, 'picture')} {'waits' if n == 1 else 'wait'} for your opinion"
        if n and st.button(label, key="second_opinions", icon=":material/low_priority:", help="Put them first"):
            _take_second_opinions(session, reviewer)
            st.rerun()
        if session.hides_all and now.n_done == now.n_queued:
            _show_result_button(session)
        if st.button("Leave", key="leave_session", icon=":material/logout:", help="You can come back where you were"):
            members.leave(session.id, reviewer)
            st.session_state.pop(_PLACE, None)
            navigation.go("team")
    shown = st.session_state.get("team_shown", (0, []))
    if number and shown[0] == number and set(shown[1]) - set(batches.find(session.id, reviewer, number).image_ids):
        st.rerun()  # others were given some of these pictures while this visitor was away


def _number(session: SessionRow, reviewer: str) -> int:
    """Returns the number of the batch on this page; 0 = none yet."""
    place = st.session_state.get(_PLACE)
    return place[2] if place and place[:2] == (session.id, reviewer) else 0


def _take_second_opinions(session: SessionRow, reviewer: str) -> None:
    """Put the pictures into this visitor's last batch, and show that batch."""
    batches.take_second_opinions(session.id, reviewer)
    if last := batches.current(session.id, reviewer):
        _put(session, reviewer, last.number)


def _put(session: SessionRow, reviewer: str, number: int) -> None:
    st.session_state[_PLACE] = (session.id, reviewer, number)


def _draw(project: ProjectSummary, session: SessionRow, reviewer: str) -> None:
    seen_up_to, version_id = revision(project.id), head_id(project.id)
    given = _current_batch(session, reviewer) or _NO_BATCH
    st.session_state["team_shown"] = (given.number, given.image_ids)
    labels = projects.labels(project.id, with_unlabelled=True)
    grid.show(  # without pictures a bar, whose keys undo what was done before
        "grid",
        grid.Sheet(
            items=_find_cards(session, given, reviewer, labels),
            page=max(1, given.number),
            n_pages=_n_pages(session, reviewer, given),
            n_decided=len(given.answers),
            n_total=len(given.image_ids),
            view_key=f"session {session.id} {given.number}",
        ),
        grid.as_labels(labels),
        grid.Reviewing(
            project.id,
            None if session.hides_all else session.run_id or None,
            reviewer,
            tokens.sign(reviewer),
            seen_up_to,
            version_id,
            session_id=session.id,
            is_blind=session.hides_all,
        ),
        on_turn=lambda wanted, _: _turn(session, reviewer, wanted),
        on_outdated=None if given.image_ids else _look_again,
    )
    if not given.image_ids:
        _show_nothing(session)


def _find_cards(
    session: SessionRow, given: Batch, reviewer: str, labels: Sequence[projects.LabelRow]
) -> list[cards.CardJson]:
    """Returns the batch's cards, with what this reviewer may see of what is known."""
    if session.is_unlabelled:
        unlabelled = labelling_pages.find_cards(session.project_id, given.image_ids)
        return [_hide_others_on_card(session, card, given, reviewer) for card in unlabelled]
    items = pages.find_items(session.run_id, given.image_ids)
    if session.hides_all:
        return cards.hidden(_hide_all(session, items, reviewer))
    return cards.explained(session.run_id, _hide_others(session, items, given, reviewer), labels)


def _n_pages(session: SessionRow, reviewer: str, given: Batch) -> int:
    """Returns how many batches the visitor may turn to: their own, and a new one while there are pictures left."""
    if not given.image_ids:
        return 1
    last = batches.current(session.id, reviewer)
    has_more = bool(session.n.get("open")) or not session.is_whole
    return max(last.number if last else 1, given.number) + has_more


def _look_again() -> None:
    """Ask for a batch anew: an undo may have made pictures wait again."""
    st.session_state.pop(_PLACE, None)


def _current_batch(session: SessionRow, reviewer: str) -> Batch | None:
    """Returns the batch on the page; for a visitor who comes in, the last one, or a new one if that is done."""
    if number := _number(session, reviewer):
        return batches.find(session.id, reviewer, number)
    batches.take_second_opinions(session.id, reviewer)
    given = batches.current(session.id, reviewer)
    if given is None or not given.n_left:
        given = batches.take_next(session.id, reviewer, _size()) or given
    if given:
        _put(session, reviewer, given.number)
    return given


def _turn(session: SessionRow, reviewer: str, wanted: int) -> None:
    last = batches.current(session.id, reviewer)
    if last and wanted <= last.number:
        _put(session, reviewer, wanted)
        return
    given = batches.take_next(session.id, reviewer, _size())
    if given:
        _put(session, reviewer, given.number)
    else:
        st.toast("Nothing waits for you at the moment: the rest is with others.", icon=":material/hourglass_empty:")


def _size() -> int:
    """Returns the pictures per batch: those of a page, but few enough to leave some for the others."""
    wanted = query_params.read_number("size") or batches.BATCH_SIZE
    return max(1, min(wanted, 48))


def _hide_others(session: SessionRow, items: list[Item], given: Batch, reviewer: str) -> list[Item]:
    """Let each card show this reviewer's answer; others' answers only where they can influence nobody."""
    shown = []
    for item in items:
        answer = given.answers.get(item.image_id)
        if answer:
            item = replace(item, decision=answer.action, decision_label_id=answer.label_id, decided_by=reviewer)
        elif session.is_blind or item.image_id in given.repeats:
            item = replace(item, decision=None, decision_label_id=None, decided_by=None)
        shown.append(item)
    return shown


def _hide_others_on_card(session: SessionRow, card: cards.CardJson, given: Batch, reviewer: str) -> cards.CardJson:
    """Returns the card of an unlabelled image with this reviewer's answer, as `_hide_others` does with items."""
    if answer := given.answers.get(card["image_id"]):
        return {**card, "decision": answer.action, "decision_label": answer.label_id, "decided_by": reviewer}
    if session.is_blind:
        return {**card, "decision": None, "decision_label": None, "decided_by": None}
    return card


def _hide_all(session: SessionRow, items: list[Item], reviewer: str) -> list[Item]:
    """Let each card of a blind check show this reviewer's answer in this session, and nothing else."""
    answers = blind_answers.own_answers(session.id, reviewer, [item.image_id for item in items])
    shown = []
    for item in items:
        action, label_id = answers.get(item.image_id, (None, None))
        by = reviewer if action else None
        shown.append(replace(item, decision=action, decision_label_id=label_id, decided_by=by))
    return shown


def _show_result_button(session: SessionRow) -> None:
    if not st.button("See the result", key="see_result", type="primary", icon=":material/compare_arrows:"):
        return
    if session.checks:
        navigation.go("compare", {"before": str(session.checks[0]), "after": str(session.checks[1])})
    else:
        navigation.go("evaluate", {run_picker.ADDRESS: str(session.run_id)})


def _show_nothing(session: SessionRow) -> None:
    n_left = session.n.get("open", 0)
    if not n_left and session.is_whole:
        st.success(f"Done: all {formatting.counted(session.n_queued, 'picture')} of this session have been looked at.")
    else:
        st.info(
            f"Nothing waits for you at the moment: {formatting.counted(n_left, 'picture')} are with others, or need "
            "somebody else's opinion.",
            icon=":material/hourglass_empty:",
        )
    with st.container(horizontal=True):
        if st.button("Look again", key="look_again", icon=":material/refresh:"):
            _look_again()
            st.rerun()
        if st.button("To the team", key="to_team", icon=":material/groups:"):
            navigation.go("team")
