"""What is running now, and how it ended: in the sidebar of every page, and larger on the pages that start jobs.

While something runs, only these panels ask the database again, every two seconds; when a job begins or ends the whole
page runs once, so that what it shows is true.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from curate import jobs, whole_number
from curate.catalog import jobs as rows
from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.jobs import JobRow, outcomes
from curate.jobs.kinds import describe, kinds_where
from curate.ui.gather import progress
from curate.ui.rendering import formatting
from curate.ui.shell import cookies, current_project, guards, identity, job_text, navigation

POLL_S = 2
MOST_SHOWN = 4
RECENT = timedelta(days=1)  # a failure of last night is still news to somebody who comes back
_WATCHED = "watched_jobs"  # ids this visitor has seen running
_OPEN = "open_jobs"  # ids that were open when the page last ran as a whole
_SEEN = "seen_jobs"  # the newest ended job that was put away, kept in a cookie
_PUT_AWAY = "put_away_jobs"


def running_now(here: str) -> None:
    """The sidebar's list of what runs, and once of what ended. Nothing at all when there is neither. here: the page."""
    open_jobs = rows.open_jobs()
    st.session_state[_OPEN] = [job.id for job in open_jobs]
    st.session_state[_WATCHED] = sorted({*st.session_state.get(_WATCHED, []), *st.session_state[_OPEN]})
    news = _news()
    with st.container():  # always there: what stands below keeps its place, and with it what is being typed
        if open_jobs or news:
            _live(lambda: _draw_list(here), is_live=bool(open_jobs))
    shown_here = [job.id for job in news if job.status == "done" and here in describe(job).pages]
    st.session_state[_PUT_AWAY] = [*st.session_state.get(_PUT_AWAY, []), *shown_here]


def job_panel(project: ProjectSummary | None, kinds: str | tuple[str, ...]) -> None:
    """Draws the project's open jobs, each with bar, pace, time left and cancel; nothing when none is open.

    project None: of all projects; a job that makes its project belongs to every one. kinds: names, or a page, which
    shows the kinds that name it in their `panels`. Ended jobs are shown by the page itself, and by the sidebar.
    """
    if isinstance(kinds, str):
        page = kinds
        kinds = kinds_where(lambda kind: page in kind.panels)
    with st.container():  # see `running_now`
        if _open_of(project, kinds):
            _live(lambda: _draw_panel(project, kinds), is_live=True)


def last_ended(project_id: int | None, kinds: tuple[str, ...]) -> JobRow | None:
    """The job of these kinds that ended last, if there is one."""
    ended = [job for job in jobs.list_jobs(project_id, limit=50) if job.kind in kinds and not job.is_open]
    return ended[0] if ended else None


def was_watched(job: JobRow) -> bool:
    """Whether this visitor has seen the job wait or run."""
    return job.id in st.session_state.get(_WATCHED, [])


def open_of(project_id: int, kinds: tuple[str, ...]) -> list[JobRow]:
    """The project's queued and running jobs of these kinds."""
    return [job for job in rows.open_jobs() if job.kind in kinds and job.project_id == project_id]


def show_failure(job: JobRow, place: str) -> None:
    """Why a job failed or that it was cancelled, its log's tail, and *Try again*. place: makes the keys unique."""
    if job.status == "failed":
        st.error(formatting.plain(job.message or "It failed without saying why.", 600), icon=":material/error:")
    else:
        st.info(
            f"{formatting.plain(job.title, 80)} was cancelled; {describe(job).cancelled}.", icon=":material/cancel:"
        )
    if log := jobs.log_tail(job.id):
        with st.expander("The end of its log", icon=":material/terminal:"):
            st.code(log, language=None, wrap_lines=True)
    if st.button(describe(job).retry, key=f"{place}_retry_{job.id}", icon=":material/replay:"):
        with guards.shown_errors():
            put_away(job)
            jobs.retry(job.id, identity.reviewer())
            st.rerun()


def put_away(job: JobRow) -> None:
    """Say no more about a job that ended."""
    st.session_state[_PUT_AWAY] = [*st.session_state.get(_PUT_AWAY, []), job.id]
    cookies.remember(_SEEN, str(max(job.id, _seen_up_to())))


def _live(draw: Callable[[], None], is_live: bool) -> None:
    st.fragment(draw, run_every=POLL_S if is_live else None)()


def _draw_list(here: str) -> None:
    open_jobs = _rerun_on_change()
    if open_jobs:
        st.caption("Running now")
    shown, waiting = _apart(open_jobs)
    for job in shown[:MOST_SHOWN]:
        with st.container(border=True, gap="xxsmall", key=f"side_job_{job.id}"):
            _draw_open(job, "side")
    if n_more := len(shown) - MOST_SHOWN + len(waiting) if len(shown) > MOST_SHOWN else len(waiting):
        st.caption(f"and {n_more} more")
    for job in _news()[:MOST_SHOWN]:
        with st.container(border=True, gap="xxsmall", key=f"side_news_{job.id}"):
            _draw_news(job, here)


def _draw_panel(project: ProjectSummary | None, kinds: tuple[str, ...]) -> None:
    _rerun_on_change()
    shown, waiting = _apart(_open_of(project, kinds))
    for job in shown:
        with st.container(border=True, gap="xsmall", key=f"panel_job_{job.id}"):
            _draw_open(job, "panel")
            progress.show_bars(job)
    if waiting:
        verb = "wait" if len(waiting) > 1 else "waits"
        st.caption(f"{formatting.counted(len(waiting), 'more run')} of an experiment {verb}.")


def _apart(open_jobs: list[JobRow]) -> tuple[list[JobRow], list[JobRow]]:
    """Jobs to show, and an experiment's that only wait: there may be sixty of them."""
    waiting = [job for job in open_jobs if job.status == "queued" and job.args.get("experiment_id")]
    shown = [job for job in open_jobs if job not in waiting]
    return (shown, waiting) if shown else (waiting[:1], waiting[1:])


def _rerun_on_change() -> list[JobRow]:
    """The open jobs; when they are no longer those of the whole page's last run, that runs again first."""
    open_jobs = rows.open_jobs()
    if [job.id for job in open_jobs] != st.session_state.get(_OPEN):
        st.rerun()
    return open_jobs


def _draw_open(job: JobRow, place: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall"):
        st.markdown(f"**{formatting.plain(job.title, 80)}**", width="stretch")
        _cancel_button(job, f"{place}_cancel_{job.id}")
    if job.status == "queued":
        st.progress(0.0, text="Waits for its turn")
    else:
        st.progress(job_text.share_done(job), text=formatting.plain(job_text.doing(job), 120))
        st.caption(job_text.pace(job) or "Under way")


def _cancel_button(job: JobRow, key: str) -> None:
    if job.cancel:
        st.caption("Stopping after this epoch …" if job.cancel == "epoch" else "Stopping …", width="content")
    elif (ways := describe(job).ways_to_cancel) and job.status == "running":
        how = st.menu_button("Cancel", list(ways), format_func=ways.__getitem__, key=key, type="tertiary")
        if how:
            _cancel(job, how)
    elif st.button("Cancel", key=key, type="tertiary"):
        _cancel(job, "discard")


def _cancel(job: JobRow, how: str) -> None:
    with guards.shown_errors():
        jobs.cancel(job.id, how)
        st.rerun()


def _draw_news(job: JobRow, here: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall"):
        st.markdown(f"**{formatting.plain(job.title, 60)}**", width="stretch")
        if st.button("", icon=":material/close:", key=f"put_away_{job.id}", type="tertiary", help="Put this away"):
            put_away(job)
            st.rerun()
    if job.status != "done" and job.project_id is not None:
        st.caption(f"Project {formatting.plain(projects.find_project(job.project_id).name, 60)}")
    if job.status == "done":
        st.markdown(f":green[:material/check_circle:] {formatting.plain(describe(job).outcome(job))}")
        _link_to_result(job, here)
    else:
        show_failure(job, "side")


def _link_to_result(job: JobRow, here: str) -> None:
    project_id = outcomes.project_of(job)
    kind = describe(job)
    pages = kind.pages if kind.has_result(job) else ()
    if pages and project_id and not (here in pages and project_id == current_project.chosen_id()):
        navigation.link(pages[-1], kind.offer, project_id=project_id)


def _open_of(project: ProjectSummary | None, kinds: tuple[str, ...]) -> list[JobRow]:
    everywhere = [job for job in rows.open_jobs() if job.kind in kinds]
    return [job for job in everywhere if project is None or job.project_id in (project.id, None)]


def _news() -> list[JobRow]:
    """Ended jobs to tell of: those watched in this session, and failures of the last day nobody put away."""
    watched, put_away_ids = st.session_state.get(_WATCHED, []), st.session_state.get(_PUT_AWAY, [])
    since = datetime.now(UTC) - RECENT
    return [
        job
        for job in jobs.list_jobs(statuses=("done", "failed", "cancelled"), limit=20)
        if job.id not in put_away_ids
        and (job.id in watched or (job.id > _seen_up_to() and _is_recent_failure(job, since)))
    ]


def _is_recent_failure(job: JobRow, since: datetime) -> bool:
    return job.status == "failed" and job.finished_at is not None and job.finished_at > since


def _seen_up_to() -> int:
    return whole_number.parse(cookies.recall(_SEEN) or "") or 0
