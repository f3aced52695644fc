"""The tab on disagreements: pictures on which people of a session differ, and the buttons that settle them."""

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.review.team import disagreements
from curate.review.team.disagreements import Disagreement
from curate.ui.rendering import formatting, html
from curate.ui.shell import guards, identity, navigation
from curate.ui.team import text

PICTURE_PX = 180


def show_disagreements(project: ProjectSummary) -> None:
    """Show one card per picture; a third person settles it."""
    n, shown = disagreements.count(project.id), disagreements.find(project.id)
    if not shown:
        st.success("Nobody disagrees about any picture.", icon=":material/handshake:")
        return
    st.caption(
        f"{formatting.counted(n, 'picture')}: somebody who has not said anything about it yet has the last word, "
        "and who took part can come round to another's."
    )
    labels = {label.id: label for label in projects.labels(project.id, with_unlabelled=True)}
    for one in shown:
        with st.container(border=True, key=f"disagreement_{one.session_id}_{one.image_id}"):
            _show_one(project, one, labels)
    if n > len(shown):
        st.caption(f"{n - len(shown):,} more come up as these are settled.")


def _show_one(project: ProjectSummary, one: Disagreement, labels: dict[int, LabelRow]) -> None:
    left, right = st.columns([1, 3], vertical_alignment="center")
    with left:
        st.html(html.picture(html.Shown(one.sha, one.file_name), PICTURE_PX))
    with right:
        filed = labels[one.label_id]
        head = html.row(f"<b>{html.text(one.file_name, 60)}</b>", "<span>filed under</span>",
                          html.chip(filed.name, filed.position))  # fmt: skip
        answers = [text.answer(answer, labels) for answer in one.answers]
        st.html(html.stack([head, *answers, html.quiet(f"Session {html.text(one.session_name, 60)}")]))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            _show_choices(one, labels)
            navigation.link("team", "Story and notes", {"image": str(one.image_id)})


def _show_choices(one: Disagreement, labels: dict[int, LabelRow]) -> None:
    me, key = identity.reviewer(), f"{one.session_id}_{one.image_id}"
    is_third = one.can_settle(me)
    offered = list(dict.fromkeys(answer.choice for answer in one.answers if is_third or answer.reviewer != me))
    if is_third and ("keep", None) not in offered:
        offered.append(("keep", None))
    for action, label_id in offered:
        words_ = {"keep": f"Keep as {labels[one.label_id].name}", "delete": "Delete"}.get(action)
        label = formatting.plain(words_ or f"Relabel to {labels[label_id or 0].name}", 60)
        if st.button(label, key=f"settle_{key}_{action}_{label_id}"):
            _settle(one, action, label_id)
    if not is_third:
        st.caption("You took part: you can come round.")
        return
    with st.popover("Otherwise", key=f"otherwise_{key}"):
        to = st.selectbox("Relabel to", list(labels), index=None, key=f"to_{key}",
                          format_func=lambda id_: formatting.shorten(labels[id_].name, 60))  # fmt: skip
        reason = st.text_input("Why (optional)", key=f"why_{key}", max_chars=300)
        if st.button("Settle", key=f"settle_{key}_otherwise", disabled=to is None):
            _settle(one, "relabel", to, reason)


def _settle(one: Disagreement, action: str, label_id: int | None, reason: str = "") -> None:
    with guards.shown_errors():
        disagreements.settle(one.session_id, one.image_id, identity.reviewer(), action, label_id, reason)
        st.toast("Settled. Undo on the Curate page takes it back.", icon=":material/handshake:")
        st.rerun()
