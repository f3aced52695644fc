"""The Apply button, always visible while reviewing, and the preview before the decisions become a version."""

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.jobs.runtime import prewarmed
from curate.jobs.submit import quick_look
from curate.review.deciding import apply, conflicts, decisions
from curate.review.deciding.decisions import Waiting
from curate.review.team import unsettled
from curate.review.team.unsettled import Unsettled
from curate.ui.components import decided
from curate.ui.rendering import formatting, html
from curate.ui.review import apply_conflicts, grid_page, new_ranking
from curate.ui.shell import guards, identity, next_step

POLL_S = 3  # as often as the grid asks for others' decisions
MOST_MOVES = 12
_UP_TO = "apply_up_to"  # the revision, and the opinion, whose preview is open


def show_button(project: ProjectSummary, run_id: int | None = None, here: str = "curate") -> None:
    """Show the button with the number of waiting decisions, or the next step when none waits.

    It counts again after every decision of this tab, and every few seconds for those of others. run_id: of the run
    whose ranking is on the page, if any; here: the page.
    """
    st.fragment(lambda: _draw(project, run_id, here), run_every=POLL_S)()


def _draw(project: ProjectSummary, run_id: int | None, here: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        decided.rerun_after_decisions("apply_count", pause_ms=250)
        if run_id is not None:
            new_ranking.show_new_ranking(project, run_id)
        _draw_button(project, here)


def _draw_button(project: ProjectSummary, here: str) -> None:
    n, is_open = decisions.waiting(project.id).total, unsettled.count(project.id)
    head = projects.find_project(project.id).version_number
    if head != project.version_number:
        _show_newer_version(head)
    elif not n and not is_open.n_single:
        next_step.next_step(project, here=here)
    elif st.button(_button_text(n, is_open), key="apply", type="primary", icon=":material/done_all:"):
        st.session_state[_UP_TO] = (decisions.revision(project.id), is_open.newest)
        _preview(project)


def _button_text(n: int, is_open: Unsettled) -> str:
    """Returns the text of the button; single opinions are no decisions yet."""
    if n:
        return f"Apply {formatting.counted(n, 'decision')}"
    return f"{formatting.counted(is_open.n_single, 'opinion')} not settled"


def _show_newer_version(head: int) -> None:
    """Show a button that reloads the list after somebody else's apply: its cards may have old labels."""
    if st.button(f"Version {head} is here: show the list anew", key="moved_on", icon=":material/refresh:"):
        grid_page.start_over()
        st.rerun()


@st.dialog("Apply decisions", width="medium")
def _preview(project: ProjectSummary) -> None:
    up_to, opinions_up_to = st.session_state[_UP_TO]  # later decisions of others are not in the preview: leave them
    waiting, is_open = decisions.waiting(project.id, up_to), unsettled.count(project.id)
    if not waiting.total and not is_open.n_single:
        st.info("Nothing waits any more: these decisions were applied or taken back meanwhile.", icon=":material/info:")
        return
    st.markdown(f"This makes **version {project.version_number + 1}**. Any version can be restored from History.")
    disputed = conflicts.find(project.id, up_to) if len(waiting.by_reviewer) > 1 else []
    apply_conflicts.show_conflicts(project, is_open, disputed)
    rule, n = apply_conflicts.choose_rule(waiting.total, is_open.n_single, len(disputed))
    _show_counts(waiting)
    _show_moves(project, waiting)
    people = ", ".join(f"{formatting.plain(name, 40)} ({of_them:,})" for name, of_them in waiting.by_reviewer.items())
    if people:
        st.caption(f"Decided by {people}")
    message = st.text_input("What for? (optional)", key="apply_message", max_chars=300)
    if st.button(f"Apply {formatting.counted(n, 'decision')}", key="apply_now", type="primary", disabled=not n):
        with guards.shown_errors():
            apply.apply(project.id, identity.reviewer(), message, up_to, rule, opinions_up_to)
            quick_look.refit(project.id, identity.reviewer())
            prewarmed.expect()
            grid_page.start_over()
            st.rerun()


def _show_counts(waiting: Waiting) -> None:
    counts = {"delete": ("to the bin", waiting.n_delete), "relabel": ("to another label", waiting.n_relabel)}
    counts["keep"] = ("confirmed as filed", waiting.n_keep)
    rows = [
        html.row(html.sign(action), html.text(f"{formatting.counted(n, 'picture')} {what}"))
        for action, (what, n) in counts.items()
        if n
    ]
    html.show(html.stack(rows))


def _show_moves(project: ProjectSummary, waiting: Waiting) -> None:
    if not waiting.moves:
        return
    labels = {label.id: label for label in projects.labels(project.id, with_unlabelled=True)}
    rows = []
    for old, new, n in waiting.moves[:MOST_MOVES]:
        chips = [html.chip(labels[id_].name, labels[id_].position) for id_ in (old, new)]
        rows.append(html.row(html.text(f"{n:,} ×"), chips[0], "→", chips[1]))
    if len(waiting.moves) > MOST_MOVES:
        rows.append(html.quiet(f"and {len(waiting.moves) - MOST_MOVES:,} more kinds of move"))
    with st.container(border=True):
        html.show(html.stack(rows))
