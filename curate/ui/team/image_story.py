"""One picture's story, with notes, flags and questions to a person."""

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.errors import NotFound
from curate.review.image import closeup
from curate.review.image.closeup import CloseUp, Event
from curate.review.team import activity, notes
from curate.review.team.notes import NoteRow
from curate.ui.rendering import html
from curate.ui.rendering.image_urls import view_url
from curate.ui.shell import guards, identity, query_params
from curate.ui.team import text as team_text

PICTURE_PX = 360
_DID = {
    "added": "brought it in under", "keep": "kept it", "delete": "deleted it", "relabel": "relabelled it to",
    "clear": "took the decision back", "apply": "applied", "restore": "restored an earlier version", "erase": "erased",
    "note": "noted", "flag": "flagged it", "unflag": "took the flag down", "question": "asked", "answer": "answered",
    "done": "closed",
}  # fmt: skip


def show_story(project: ProjectSummary, image_id: int) -> None:
    """Show the picture, its events (oldest first), and the form for notes."""
    if st.button("Back to the team", key="back_to_team", type="tertiary", icon=":material/arrow_back:"):
        query_params.write(image=None)
        st.rerun()
    try:
        image_details = closeup.find(project.id, image_id, None)
    except NotFound as error:
        guards.show_error(error)
        return
    labels = {label.id: label for label in projects.labels(project.id, with_unlabelled=True)}
    left, right = st.columns([2, 3], gap="large")
    with left:
        _show_picture(image_details, labels)
        _show_open(image_id)
        _show_note_form(project, image_id)
    with right:
        _show_story(image_details, labels)


def _show_picture(image_details: CloseUp, labels: dict[int, LabelRow]) -> None:
    image = image_details.image
    st.html(
        f'<img src="{view_url(image.sha)}" alt="{html.attribute(image.file_name)}" style="max-width:100%;'
        f'max-height:{PICTURE_PX}px;object-fit:contain;border-radius:6px;background:rgba(128,128,128,.12)">'
    )
    label = labels[image.label_id]
    st.html(html.row(f"<b>{html.text(image.file_name, 80)}</b>", html.chip(label.name, label.position)))


def _show_open(image_id: int) -> None:
    """Show the open flags and questions, with the controls that close them."""
    for note in notes.of_image(image_id):
        if note.kind != "note" and note.done_at is None:
            show_open_note(note)


def show_open_note(note: NoteRow) -> None:
    """Show a flag with the button that removes it, or a question with the field for its answer."""
    with st.container(border=True, key=f"open_note_{note.id}"), guards.shown_errors():
        to = f" asks {html.text(note.asked or '', 40)}" if note.kind == "question" else " flagged it"
        by = f"{team_text.initial(note.author)} <b>{html.text(note.author, 40)}</b>{to}"
        st.html(html.row(by, html.quiet(html.moment(note.created_at))) + f"<div>{html.text(note.text, 2000)}</div>")
        if note.kind == "flag":
            if st.button("Take the flag down", key=f"unflag_{note.id}", icon=":material/flag:"):
                notes.take_down(note.id, identity.reviewer())
                st.rerun()
            return
        answer = st.text_input("Answer", key=f"answer_{note.id}", label_visibility="collapsed", placeholder="Answer")
        if st.button("Answer", key=f"do_answer_{note.id}", icon=":material/reply:", disabled=not answer):
            notes.answer(note.id, identity.reviewer(), answer)
            st.rerun()


def _show_note_form(project: ProjectSummary, image_id: int) -> None:
    """Show the form for a note, a flag, a question, or the reason of one's own decision."""
    me = identity.reviewer()
    mine = activity.find_last_decision(image_id, me)
    kinds = ["Note", "Flag", "Ask somebody", *(["Why I decided so"] if mine else [])]
    kind = st.segmented_control(
        "Kind", kinds, default="Note", key="note_kind", required=True, label_visibility="collapsed"
    )
    with st.form("team_words", clear_on_submit=True, border=False), guards.shown_errors():
        asked = None
        if kind == "Ask somebody":
            others = [name for name in notes.people(project.id) if name != me]
            asked = st.selectbox("Whom", others, index=None, accept_new_options=True, key="note_asked",
                                 label_visibility="collapsed", placeholder="Whom to ask")  # fmt: skip
        text = st.text_area("Words", key="note_text", max_chars=notes.MOST_LETTERS, label_visibility="collapsed",
                            placeholder="What is there to say?", height=80)  # fmt: skip
        if st.form_submit_button("Add", icon=":material/add_comment:"):
            _add(project, image_id, kind or "Note", asked, text, mine)


def _add(project: ProjectSummary, image_id: int, kind: str, asked: str | None, text: str, mine: int | None) -> None:
    me = identity.reviewer()
    if kind == "Flag":
        notes.flag(project.id, [image_id], me, text)
    elif kind == "Ask somebody":
        notes.ask(project.id, [image_id], me, asked or "", text)
    elif kind == "Why I decided so" and mine:
        activity.set_reason(project.id, [image_id], me, text)
    else:
        notes.note(project.id, [image_id], me, text)
    st.rerun()


def _show_story(image_details: CloseUp, labels: dict[int, LabelRow]) -> None:
    st.subheader("Its story", anchor=False)
    lines = []
    for event in image_details.story:
        place = f"in version {event.version}" if event.version else f"on run {event.run}" if event.run else event.to
        lines.append((event.at, _line(event, html.text(place, 40), labels)))
    st.html(html.stack([line for _, line in sorted(lines, key=lambda one: one[0])]))


def _line(event: Event, place: str, labels: dict[int, LabelRow]) -> str:
    label = labels.get(event.label_id or 0)
    to = html.chip(label.name, label.position) if label and event.action in ("relabel", "added") else ""
    what = f"<span>{html.text(event.by, 40)} {_DID.get(event.action, event.action)}</span>"
    when = html.quiet(html.moment(event.at))
    head = html.row(team_text.initial(event.by), what, to, f"<span>{place}</span>", when)
    text = f'<div style="margin-left:26px">“{html.text(event.text, 2000)}”</div>' if event.text else ""
    return head + text
