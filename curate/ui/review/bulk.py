"""One decision on all pictures that match: its preview, and its undo as one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from curate import jobs
from curate.catalog import images, projects
from curate.catalog.projects import ProjectSummary
from curate.review.deciding import bulk, undo
from curate.review.deciding.bulk import BulkRequest, Preview
from curate.review.listing.views import View
from curate.ui.components import decided
from curate.ui.rendering import formatting, html
from curate.ui.review import grid_page
from curate.ui.shell import guards, identity, jobs_panel

MAX_INLINE = 4_000  # images; so many are decided within the page, in half a second; more need a job
EXAMPLE_PX = 56
MOST_LABELS = 12
KINDS = ("bulk", "bulk_undo")
_DONE = "bulk_done"


@dataclass(frozen=True)
class _Done:
    """This visitor's last bulk decision, whose undo is shown.  undo_words: the result of its undo, "" before."""

    request: BulkRequest
    n: int
    undo_words: str = ""
    was_undone: bool = False  # at the last look; False then and later: the undo left everything as it was


def show_button(project: ProjectSummary, view: View, labels: Mapping[int, str], filters: Sequence[str]) -> None:
    """Show the button that opens the preview. filters: descriptions of those that are on."""
    if st.button("All…", key="all_matching", help="Decide on all pictures that match these filters"):
        _open(project, view, labels, filters)


def show_done(project: ProjectSummary) -> None:
    """Show the last bulk decision with its undo, and the progress of a large one."""
    jobs_panel.job_panel(project, KINDS)
    if _of_project(project) is not None:
        st.fragment(lambda: _draw_done(project))()


def _of_project(project: ProjectSummary) -> _Done | None:
    done: _Done | None = st.session_state.get(_DONE)
    return done if done is not None and done.request.project_id == project.id else None


def _draw_done(project: ProjectSummary) -> None:
    """Draw the line again after every decision in the grid, since an undo or redo by key changes it."""
    done = _of_project(project)
    if done is None or _is_under_way(done.request):
        return
    done = _catch_up(done)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        decided.rerun_after_decisions("bulk_line", pause_ms=500)
        if done.was_undone and not done.undo_words:  # by key, in the grid, which says so itself
            return
        words = done.undo_words or f"{done.request.name}: done as one step."
        st.caption(formatting.plain(words, 300), width="content")
        if not done.undo_words and st.button("Undo", key="bulk_undo", icon=":material/undo:"):
            with guards.shown_errors():
                _undo(project, done)
                st.rerun()
        if st.button("", key="bulk_away", icon=":material/close:", type="tertiary", help="Put this line away"):
            st.session_state.pop(_DONE)
            st.rerun()


def _catch_up(done: _Done) -> _Done:
    """Returns the present state; a redo removes the result of the undo, which is possible again."""
    is_undone = _is_undone(done.request)
    is_redone = done.was_undone and not is_undone
    newer = _Done(done.request, done.n, "" if is_redone else done.undo_words, is_undone)
    st.session_state[_DONE] = newer
    return newer


def _is_under_way(request: BulkRequest) -> bool:
    """Whether its job runs: the jobs panel shows and cancels it, and the undo comes after that."""
    return any(job.args.get("key") == request.key for job in jobs_panel.open_of(request.project_id, KINDS))


def _is_undone(request: BulkRequest) -> bool:
    steps = undo.list_steps(request.project_id, request.reviewer)
    return any(step.key == request.key and step.is_undone for step in steps)


@st.dialog("Decide on all that match", width="medium")
def _open(project: ProjectSummary, view: View, labels: Mapping[int, str], filters: Sequence[str]) -> None:
    st.markdown(_filter_line(view, filters))
    seen = bulk.preview(view)
    if not seen.n:
        st.info("No picture matches these filters.", icon=":material/filter_alt_off:")
        return
    st.markdown(f"**{formatting.counted(seen.n, 'picture')}** match, in this and all other pages.")
    _show_labels(project, seen)
    _show_examples(seen)
    if seen.n_decided:
        st.caption(f"{formatting.counted(seen.n_decided, 'decision')} that stand on them now would be replaced.")
    action = _choose_action(seen)
    label_id = None
    if action == "relabel":
        label_id = st.selectbox(
            "To", list(labels), index=None, format_func=lambda id_: labels[id_], key="bulk_label", placeholder="Label"
        )
    is_complete = action is not None and (action != "relabel" or label_id is not None)
    st.caption("It is one step: one undo takes all of it back. No label changes before you apply.")
    if st.button(_button(action, seen.n), key="bulk_now", type="primary", disabled=not is_complete) and action:
        with guards.shown_errors():
            _decide(project, view, action, label_id, seen.n)
            st.rerun()


def _filter_line(view: View, filters: Sequence[str]) -> str:
    if view.order.which or view.order.flag or view.order.similar or view.order.issue:
        filters = [view.order.title, *filters]
    return f"Filters: {formatting.plain(' · '.join(filters), 600)}" if filters else "No filter is on."


def _choose_action(seen: Preview) -> str | None:
    titles = {"keep": "✓ Keep", "delete": "✕ Delete", "relabel": "⇄ Relabel", "clear": "○ Undecided"}
    if seen.suggested:
        titles = {"accept": "Accept suggestions", **titles}
    action = st.segmented_control(
        "What", list(titles), format_func=lambda name: titles[name], key="bulk_action", label_visibility="collapsed"
    )
    if action == "accept":
        verbs = {"relabel": "relabelled", "delete": "deleted", "keep": "kept"}
        st.caption(", ".join(f"{n:,} {verbs[name]}" for name, n in seen.suggested.items() if n).capitalize() + ".")
    return action


def _button(action: str | None, n: int) -> str:
    verbs = {"accept": "Accept what is suggested for", "keep": "Keep", "delete": "Delete", "relabel": "Relabel",
             "clear": "Take back what was decided on"}  # fmt: skip
    return f"{verbs[action]} {formatting.counted(n, 'picture')}" if action else "Choose what to do"


def _show_labels(project: ProjectSummary, seen: Preview) -> None:
    known = {label.id: label for label in projects.labels(project.id, with_unlabelled=True)}
    rows = [
        html.row(html.chip(known[label_id].name, known[label_id].position), f"{n:,}")
        for label_id, n in seen.by_label.items()
        if label_id in known
    ]
    html.show(html.columns(rows[:MOST_LABELS], 150))
    if len(rows) > MOST_LABELS:
        st.caption(f"and {len(rows) - MOST_LABELS:,} more labels")


def _show_examples(seen: Preview) -> None:
    rows = images.image_rows(seen.examples)
    html.show(html.line([html.Shown(row.sha, row.file_name) for row in rows], EXAMPLE_PX))


def _decide(project: ProjectSummary, view: View, action: str, label_id: int | None, expected: int) -> None:
    request = bulk.prepare(project.id, view, action, label_id, identity.reviewer(), expected)
    if expected <= MAX_INLINE:
        bulk.carry_out(request)
    else:
        jobs.enqueue("bulk", project.id, vars(request), request.name, request.reviewer)
    st.session_state[_DONE] = _Done(request, expected)
    grid_page.start_over()


def _undo(project: ProjectSummary, done: _Done) -> None:
    request = done.request
    if done.n > MAX_INLINE:
        args = {"project_id": project.id, "reviewer": request.reviewer, "key": request.key, "n": done.n}
        jobs.enqueue("bulk_undo", project.id, args, f"Undo: {request.name}", request.reviewer)
        words = f"{request.name}: undone as one step."
    else:
        words = undo.describe(undo.undo(project.id, request.reviewer, request.key), request.reviewer)
    st.session_state[_DONE] = _Done(request, done.n, words)
    grid_page.start_over()
