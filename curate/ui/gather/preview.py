"""The first results of every row, before anything is stored: a query that finds the wrong thing is seen at once.

The pictures are the sources' own small versions, which the visitor's browser fetches.
"""

import streamlit as st

from curate.catalog import candidates, gatherings
from curate.catalog.candidates import CandidateRow
from curate.catalog.gatherings import GatheringRow, SearchRow
from curate.catalog.projects import NO_LABEL, ProjectSummary
from curate.gather import gather_request
from curate.gather.search_sources import SEARCHES
from curate.ui.rendering import formatting, html
from curate.ui.shell import jobs_panel

SHOWN = 8
MOST_SEARCHES = 50
PICTURE_PX = 104


def show(project: ProjectSummary) -> None:
    """What the last preview found; nothing when the project's newest gathering has begun."""
    draft = gather_request.last_draft(project.id)
    if draft is None or _is_open(draft, "gather"):
        return
    st.subheader("Preview", anchor=False)
    job = jobs_panel.last_ended(project.id, ("preview",))
    if job and job.args.get("gathering") == draft.id and job.status != "done":
        jobs_panel.show_failure(job, "preview")
    searches, is_looking = gatherings.searches(draft.id), _is_open(draft, "preview")
    with st.container(border=True):
        for search in searches[:MOST_SEARCHES]:
            _show_search(draft, search, is_looking)
        if len(searches) > MOST_SEARCHES:
            st.caption(f"and {formatting.counted(len(searches) - MOST_SEARCHES, 'more row')}")
        st.caption(
            "Nothing is stored yet. Change a query and look again, or start. The small pictures come straight from the "
            "sources, not through this server: they see your browser's address."
        )


def _is_open(draft: GatheringRow, kind: str) -> bool:
    """Whether a job of that kind waits or works on it."""
    return any(job.args.get("gathering") == draft.id for job in jobs_panel.open_of(draft.project_id, (kind,)))


def _show_search(draft: GatheringRow, search: SearchRow, is_looking: bool) -> None:
    found = candidates.first_found(draft.id, search.number, SHOWN)
    name = f"<b>{html.text(search.label or NO_LABEL, 40)}</b>{html.quiet(html.text(_about(search), 60))}"
    html.show(html.labelled(name, _strip(found) if found else html.quiet(_nothing(search, is_looking))))
    if search.note:
        st.markdown(f":orange[:material/warning:] {formatting.plain(search.note)}")


def _about(search: SearchRow) -> str:
    return f"{SEARCHES[search.source].title}: {search.query}"


def _nothing(search: SearchRow, is_looking: bool) -> str:
    if search.cursor is not None or search.note:
        return "Nothing was found."
    return "Looking …" if is_looking else "Not looked for yet."


def _strip(found: list[CandidateRow]) -> str:
    return f'<div style="display:flex;flex-wrap:wrap;gap:6px">{"".join(_picture(row) for row in found)}</div>'


def _picture(row: CandidateRow) -> str:
    address = str(row.credit.get("thumb") or row.url)
    if not address.startswith(("https://", "http://")):
        return ""
    caption = " · ".join(str(row.credit[name]) for name in ("title", "creator", "licence") if row.credit.get(name))
    return html.picture_at(address, caption or row.url, PICTURE_PX)
