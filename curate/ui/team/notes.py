"""The tab of a project's notes, flags and questions; and the visitor's own questions, for the overview."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.review.team import notes
from curate.review.team.notes import NoteRow
from curate.ui.rendering import formatting, html
from curate.ui.shell import identity, navigation
from curate.ui.team import image_story
from curate.ui.team import text as team_text

_VERBS = {"note": "noted", "flag": "flagged it", "question": "asks"}


def show_notes(project: ProjectSummary) -> None:
    """Show open questions and flags first, then the newest notes."""
    rows = notes.newest(project.id)
    if not rows:
        st.info(
            "Nobody has noted anything yet. A picture's story has a place for notes, flags and questions: open it from "
            "Who did what, or from the picture alone on the Curate page.",
            icon=":material/sticky_note_2:",
        )
        return
    waiting = [*notes.open_ones(project.id, "question"), *notes.open_ones(project.id, "flag")]
    if waiting:
        st.subheader(f"Open ({len(waiting):,})", anchor=False)
    for note in waiting:
        _show_open(note)
    st.subheader("Lately", anchor=False)
    st.html(html.columns([_line(row) for row in rows], 320))


def show_questions() -> None:
    """Show the open questions to this visitor in all projects; nothing when there are none."""
    questions = notes.questions_for(identity.reviewer())
    if not questions:
        return
    st.subheader(f"{formatting.counted(len(questions), 'question')} for you", anchor=False)
    for note in questions:
        _show_open(note)


def _show_open(note: NoteRow) -> None:
    left, right = st.columns([1, 5], vertical_alignment="center")
    with left:
        st.html(html.picture(html.Shown(note.sha, note.file_name), 96))
        navigation.link("team", "The picture", {"image": str(note.image_id)}, note.project_id)
    with right:
        image_story.show_open_note(note)


def _line(row: NoteRow) -> str:
    to = f" {html.text(row.asked, 40)}" if row.asked else ""
    head = html.row(team_text.initial(row.author), f"<span>{html.text(row.author, 40)} {_VERBS[row.kind]}{to}</span>")
    text = f"<div>“{html.text(row.text, 300)}”</div>" if row.text else ""
    answer = f"<div>{html.text(row.done_by or '', 40)}: “{html.text(row.answer, 300)}”</div>" if row.answer else ""
    below = html.quiet(f"{html.text(row.file_name, 60)} · {html.moment(row.created_at)}")
    return html.beside(html.picture(html.Shown(row.sha, row.file_name), 48), head + text + answer + below)
