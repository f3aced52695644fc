"""What a gathering brought: each label's counts, samples to shuffle through, and what was refused and why."""

from io import StringIO
from typing import Literal

import pandas as pd
import streamlit as st

from curate.catalog import candidates, gatherings, images, projects
from curate.catalog.gatherings import GatheringRow, SearchRow, Tally
from curate.catalog.projects import ProjectSummary
from curate.gather import refusals
from curate.gather.search_sources import SEARCHES
from curate.jobs import JobRow
from curate.ui.components import cards
from curate.ui.gather import brought, search_form
from curate.ui.rendering import formatting, html
from curate.ui.shell import guards, jobs_panel

SAMPLES = 24
MOST_ROWS, ROW_PX = 12, 36
_SHUFFLES = "shuffled_samples"


def show(project: ProjectSummary) -> None:
    """How the project's last gathering stands; nothing when there was none, or while it runs."""
    found = gatherings.list_gatherings(project.id, limit=1, with_drafts=False)
    if not found or _is_running(found[0]):
        return
    gathering = found[0]
    searches, tallies = gatherings.searches(gathering.id), gatherings.tallies(gathering.id)
    st.subheader("Last gathering", anchor=False)
    with st.container(border=True, gap="small"):
        by = html.text(f"{gathering.title} · {gathering.author}", 120)
        html.show(html.quiet(f"{by} · {html.moment(gathering.created_at)}"))
        _show_outcome(project, gathering, searches, tallies)
        _show_labels(project, searches, tallies)
        _show_refused(gathering, tallies)
        job = _last_job(project, gathering)
        if job and job.status == "done":
            brought.show_labels(project, job)
            brought.show_way_on(project, job)
    if any(tally.n_kept for tally in tallies.values()):
        _show_samples(project, gathering, searches)


def _is_running(gathering: GatheringRow) -> bool:
    open_jobs = jobs_panel.open_of(gathering.project_id, ("gather",))
    return any(job.args.get("gathering") == gathering.id for job in open_jobs)


def _show_outcome(
    project: ProjectSummary, gathering: GatheringRow, searches: list[SearchRow], tallies: dict[int, Tally]
) -> None:
    n_kept = sum(tally.n_kept for tally in tallies.values())
    n_refused = sum(tally.n_refused for tally in tallies.values())
    if gathering.status == "done" and n_kept:
        st.markdown(f":green[:material/check_circle:] **{_sentence(n_kept, n_refused)}**")
        return
    job = _last_job(project, gathering)
    if job and job.status == "failed":
        st.error(formatting.plain(job.message or "It failed without saying why.", 600), icon=":material/error:")
    if gathering.status == "done":
        st.markdown(f":orange[:material/block:] **{_sentence(n_kept, n_refused)}**")
        if st.button("Try again", key="retry_gathering", icon=":material/replay:"):
            with guards.shown_errors():
                search_form.start("gather", gathering.id)
        return
    n_left = sum(tally.n_waiting for tally in tallies.values())
    n_fetched = sum(tally.n_fetched - tally.n_kept for tally in tallies.values())
    st.markdown(
        f":orange[:material/pause_circle:] **It is not finished.** {_sentence(n_kept, n_refused)} "
        f"{formatting.counted(n_fetched, 'picture')} fetched so far and "
        f"{formatting.counted(n_left, 'address', 'addresses')} "
        "waiting are kept for when it goes on."
    )
    if st.button("Resume", key="resume_gathering", type="primary", icon=":material/play_arrow:"):
        with guards.shown_errors():
            search_form.start("gather", gathering.id)


def _last_job(project: ProjectSummary, gathering: GatheringRow) -> JobRow | None:
    job = jobs_panel.last_ended(project.id, ("gather",))
    return job if job and job.args.get("gathering") == gathering.id else None


def _sentence(n_kept: int, n_refused: int) -> str:
    kept = f"{formatting.counted(n_kept, 'picture')} kept" if n_kept else "No picture kept"
    return f"{kept}, {n_refused:,} refused." if n_refused else f"{kept}."


def _show_labels(project: ProjectSummary, searches: list[SearchRow], tallies: dict[int, Tally]) -> None:
    """A row a search; the last two columns are what the label holds now, on either side of the split."""
    now = {label.name: label for label in projects.labels(project.id)}
    rows = [
        {
            "Label": formatting.shorten(search.label or projects.NO_LABEL, 80),
            "Query": formatting.shorten(search.query, 80),
            "From": SEARCHES[search.source].title,
            "Wanted": search.n_wanted or tallies[search.number].n_found,
            "Found": tallies[search.number].n_found, "Fetched": tallies[search.number].n_fetched,
            "Kept": tallies[search.number].n_kept, "Refused": tallies[search.number].n_refused,
            "Not needed": tallies[search.number].n_spare,
            "Train now": now[search.label].n_train if search.label in now else 0,
            "Valid now": now[search.label].n_valid if search.label in now else 0,
            "Note": _note(search, tallies[search.number]),
        }
        for search in searches
    ]  # fmt: skip
    height: Literal["content"] | int = "content" if len(rows) < MOST_ROWS else ROW_PX * MOST_ROWS
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=height, alt="Each label's counts")


def _note(search: SearchRow, tally: Tally) -> str:
    if search.note:
        return search.note
    is_short = search.n_wanted and tally.n_kept < search.n_wanted and search.is_exhausted
    return f"{SEARCHES[search.source].title} has no more for this query." if is_short else ""


def _show_refused(gathering: GatheringRow, tallies: dict[int, Tally]) -> None:
    n = sum(tally.n_refused for tally in tallies.values())
    if not n:
        return
    why = pd.DataFrame(candidates.reasons(gathering.id), columns=["Why", "How many"])
    with st.expander(f"{formatting.counted(n, 'address', 'addresses')} refused, and why", icon=":material/block:"):
        st.dataframe(why, hide_index=True, alt="Reasons, and how often each")
        st.download_button(
            "Download the list", lambda: _as_csv(gathering.id), "refused.csv", "text/csv",
            key=f"refused_{gathering.id}", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _as_csv(gathering_id: int) -> str:
    text = StringIO()
    refusals.write_csv(gathering_id, text)
    return text.getvalue()


def _show_samples(project: ProjectSummary, gathering: GatheringRow, searches: list[SearchRow]) -> None:
    labels = list(dict.fromkeys(search.label for search in searches))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "Samples of",
            labels,
            key=f"samples_of_{gathering.id}",
            width=320,
            format_func=lambda name: formatting.shorten(name or projects.NO_LABEL),
        )
        if st.button("Shuffle", key="shuffle_samples", icon=":material/shuffle:"):
            st.session_state[_SHUFFLES] = st.session_state.get(_SHUFFLES, 0) + 1
    ids = candidates.kept_images(gathering.id, label, SAMPLES, seed=st.session_state.get(_SHUFFLES, 0))
    shown = [
        cards.Card(row.sha, formatting.shorten(_caption(row.file_name, row.provenance), 200))
        for row in images.image_rows(ids)
    ]
    cards.show(shown, key=f"samples_{project.id}")


def _caption(file_name: str, origin: dict[str, object]) -> str:
    named = [str(origin[name]) for name in ("title", "creator", "licence") if origin.get(name)]
    return " · ".join(named or [file_name])
